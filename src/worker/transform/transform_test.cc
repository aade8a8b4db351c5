#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>

#include "base/coding.h"
#include "event/record_reader.h"
#include "os/thread.h"
#include "worker/testing/job_test.h"

namespace st::worker::transform {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// A pipeline's SQL over the columns of the seed's events.
constexpr std::string_view kFlatten = R"(
  SELECT raw_event, "timestamp", f[1] AS host, f[2] AS event_type FROM (
    SELECT value_text AS raw_event, "timestamp",
           json_extract_string(value_text, ['$.Host', '$.event_type']) AS f FROM st_source())
  WHERE f[2] LIKE 'purchase_%' -- a comment at the end)";

std::string Event(const std::string& type, const std::string& host = "h") {
  return fmt::format(R"({{"Host": "{}", "event_type": "{}", "Accept": "*/*"}})", host, type);
}

// Formats text as DuckDB does in a BLOB, for its quotes.
std::string AsBlob(std::string text) {
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos;) {
    text.replace(at, 1, "\\x22");
  }
  return text;
}

class TransformTest : public JobTest {
 protected:
  Result<jobs::TransformResult> Run(const jobs::TransformJob& job,
                                    std::int64_t timeout_us = kLong) {
    jobs::WorkerClient client(*clock_, Options());
    return client.Transform(job, timeout_us);
  }
  jobs::TransformResult MustRun(const jobs::TransformJob& job) {
    auto result = Run(job);
    EXPECT_TRUE(result) << result.error().ToString();
    return result.value_or(jobs::TransformResult{});
  }
};

TEST_F(TransformTest, FiltersAndFlattensIntoParquet) {
  LogValues({Event("default"), Event("purchase_sword", "a"), Event("purchase_knife", "b\xC3\xA9")});
  auto job = Job(std::string(kFlatten));
  job.is_json = true;
  job.require = {"event_type"};
  job.columns = {
      {1, "raw_event", ""}, {2, "timestamp", ""}, {3, "host", ""}, {4, "event_type", ""}};
  const auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 3);
  EXPECT_FALSE(result.bad_output);
  EXPECT_FALSE(Exists(job.bad_output_path));
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_THAT(
      FileRows(job.output_path),
      ElementsAre(Event("purchase_sword", "a") + "|1970-01-01 00:16:40.001+00|a|purchase_sword",
                  Event("purchase_knife", "b\xC3\xA9") +
                      "|1970-01-01 00:16:40.002+00|b\xC3\xA9|purchase_knife"));
  EXPECT_THAT(Rows("SELECT name, field_id, type FROM parquet_schema('" + job.output_path +
                   "') WHERE field_id IS NOT NULL"),
              ElementsAre("raw_event|1|BYTE_ARRAY", "timestamp|2|INT64", "host|3|BYTE_ARRAY",
                          "event_type|4|BYTE_ARRAY"));
}

TEST_F(TransformTest, SaysWhatIsInTheFile) {
  LogValues({"b", "a", "c"});
  auto job = Job(R"(SELECT "offset" AS "the ""n", nullif(value_text, 'c') AS v FROM st_source())");
  job.columns = {{1, "the \"n", "long"}, {2, "v", "string"}};
  const auto result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(result.outputs[0].location, job.output_path);
  EXPECT_EQ(result.outputs[0].rows, 3);
  EXPECT_GT(result.outputs[0].bytes, 100);
  ASSERT_EQ(result.outputs[0].columns.size(), 2U);
  const auto& v = result.outputs[0].columns.at(2);
  EXPECT_EQ(v.null_count, 1);
  EXPECT_EQ(v.min, "a");
  EXPECT_EQ(v.max, "b");
  EXPECT_GT(v.size_bytes, 0);
  EXPECT_EQ(result.outputs[0].columns.at(1).max, "2");
}

TEST_F(TransformTest, CountsNaNsAndSaysWhereRowGroupsBegin) {
  LogValues({"b", "a", "c"});
  auto job =
      Job("SELECT CASE WHEN \"offset\" = 1 THEN 'NaN'::DOUBLE ELSE \"offset\" END AS x, "
          "1.5::DOUBLE AS y, "
          "\"offset\" AS n, i FROM st_source(), range(50000) t(i)");
  job.columns = {{1, "x", "double"}, {2, "y", "double"}, {3, "n", "long"}, {4, "i", "long"}};
  const auto result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_EQ(result.outputs[0].columns.at(1).nan_count, 50'000);
  EXPECT_EQ(result.outputs[0].columns.at(2).nan_count, 0);
  EXPECT_EQ(result.outputs[0].columns.at(3).nan_count, -1);
  const auto& offsets = result.outputs[0].row_group_offsets;
  ASSERT_EQ(offsets.size(), 2U);
  EXPECT_EQ(offsets[0], 4);
  EXPECT_GT(offsets[1], 4);
  EXPECT_LT(offsets[1], result.outputs[0].bytes);
}

TEST_F(TransformTest, GivesEveryColumnOfARecord) {
  const std::string not_utf8 = "\xFF\x01";
  LogBatch(record::BuildBatch({{.key = "k", .value = "text", .timestamp_ms = 1},
                               {.key = std::nullopt, .value = not_utf8, .timestamp_ms = -1}}),
           7);
  auto job =
      Job("SELECT key, value, value_text, topic, \"partition\", \"offset\", \"timestamp\","
          " timestampType FROM st_source()");
  MustRun(job);
  EXPECT_THAT(FileRows(job.output_path),
              ElementsAre("k|text|text|events|7|0|1970-01-01 00:00:00.001+00|0",
                          "NULL|\\xFF\\x01|NULL|events|7|1|1969-12-31 23:59:59.999+00|0"));
}

TEST_F(TransformTest, ReadsADeclaredEventsRecordsByItsRules) {
  const auto event = event::ParseDeclaration(
      "name = \"a\"\nroute = \"POST /a\"\nreply = \"\"\n[fields]\nevent_type = \"a\"\n"
      "n = { type = \"long\", max = 5 }\n",
      "a.toml");
  ASSERT_TRUE(event);
  LogValues({R"({"event_type":"a","n":5})", R"({"event_type":"a","n":6})", "no json",
             R"({"event_type":"a","n":1,})", R"({"event_type":"b"})", "\xFF"});
  constexpr std::int64_t kMicroseconds = 1'796'000'000'000'000;
  LogBatch(record::BuildBatch({{.value = R"({"event_type":"a"})", .timestamp_ms = kMicroseconds},
                               {.value = R"({"event_type":"b"})", .timestamp_ms = kMicroseconds}}));
  auto job = Job(R"(SELECT "offset", value_text FROM st_source())");
  job.is_json = true;
  job.event_rules =
      event::EncodeRules({.entries = {{.declaration = *event, .since = {}}}, .until = {}});
  const auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 8);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre(R"(0|{"0":"5"})"));
  EXPECT_THAT(Rows("SELECT \"offset\", code, decode(raw_value), \"timestamp\" IS NULL FROM '" +
                   job.bad_output_path + "'"),
              ElementsAre(R"(1|invalid_field|{"event_type":"a","n":6}|false)",
                          R"(6|bad_timestamp|{"event_type":"a"}|true)"));
  job.event_rules = "{}";
  job.output_path += "2";
  job.bad_output_path += "2";
  EXPECT_EQ(Run(job).error().code(), ErrorCode::kCorruption);
}

TEST_F(TransformTest, ATimeIsInTheYears1To9999) {
  constexpr std::int64_t kFirst = -62'135'596'800'000;
  constexpr std::int64_t kLast = 253'402'300'799'999;
  LogBatch(record::BuildBatch({{.value = "a", .timestamp_ms = kFirst},
                               {.value = "b", .timestamp_ms = kFirst - 1},
                               {.value = "c", .timestamp_ms = kLast},
                               {.value = "d", .timestamp_ms = kLast + 1}}));
  auto job = Job(R"(SELECT value_text, "timestamp" FROM st_source())");
  MustRun(job);
  EXPECT_THAT(FileRows(job.output_path),
              ElementsAre("a|0001-01-01 00:00:00+00", "c|9999-12-31 23:59:59.999+00"));
  EXPECT_THAT(Rows("SELECT \"offset\", code, reason FROM '" + job.bad_output_path + "'"),
              ElementsAre(StartsWith("1|bad_timestamp|timestamp -62135596800001 ms is outside"),
                          StartsWith("3|bad_timestamp|timestamp 253402300800000 ms is outside")));
}

TEST_F(TransformTest, FindsTheRecordsThatFail) {
  std::vector<std::string> values;
  for (int i = 0; i < 300; ++i) values.push_back(i % 7 == 3 ? "x" : fmt::format("{}", i));
  LogValues(values);
  auto job = Job("SELECT CAST(value_text AS INTEGER) AS n FROM st_source()");
  job.dead = {{IdOf(10), "sql_error", "it was known"}};
  jobs::WorkerClient client(*clock_, Options());
  const auto found = client.FindFailing(job, 1000, kLong);
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_FALSE(found->end) << "all were searched";
  ASSERT_EQ(found->records.size(), 42U);
  EXPECT_EQ(found->records[0].id, IdOf(3));
  EXPECT_EQ(found->records[1].id, IdOf(17)) << "10 is not shown to the SQL";
  EXPECT_EQ(found->records[0].code, "sql_error");
  EXPECT_THAT(found->records[0].reason, HasSubstr("Could not convert string 'x' to INT32"));
  EXPECT_FALSE(Exists(job.output_path));
  job.dead.insert(job.dead.end(), found->records.begin(), found->records.end());
  std::ranges::sort(job.dead, {}, &jobs::DeadRecord::id);
  EXPECT_EQ(client.Transform(job, kLong)->outputs[0].rows, 257);
  const auto some = client.FindFailing(Job(job.sql), 2, kLong);
  EXPECT_EQ(some->end, IdOf(11)) << "behind the second";
  EXPECT_EQ(some->records.size(), 2U);
}

TEST_F(TransformTest, MakesNoFileWithoutRows) {
  LogValues({"a", "b"});
  auto job = Job("SELECT value_text FROM st_source() WHERE false");
  const auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 2)
      << "DuckDB reads nothing for it; the count does not depend on it";
  EXPECT_TRUE(result.outputs.empty());
  EXPECT_FALSE(Exists(job.output_path));
}

TEST_F(TransformTest, TakesTheRangeOfOffsetsOnly) {
  LogValues({"0", "1", "2"});
  LogValues({"3", "4"});
  LogValues({"5"});
  auto job = Job("SELECT value_text FROM st_source()");
  SourceOf(job).range.offsets.begin()->second = {.from = Offset(2), .to = Offset(4)};
  EXPECT_EQ(MustRun(job).records_read, 2);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre("2", "3"));
}

TEST_F(TransformTest, WritesTheRecordsOfAllPartitionsInTheLogsOrder) {
  LogValues({"a", "b"}, 1);
  LogValues({"c"}, 0);
  LogValues({"d", "bad json"}, 2);
  LogValues({"e"}, 1);
  auto job = Job("SELECT \"partition\", \"offset\", value_text FROM st_source()");
  job.dead = {{IdOf(0, 0), "sql_error", "c"}, {IdOf(1, 2), "sql_error", "bad"}};
  EXPECT_EQ(MustRun(job).records_read, 6);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre("1|0|a", "1|1|b", "2|0|d", "1|2|e"));
  EXPECT_THAT(Rows("SELECT \"partition\", \"offset\", reason FROM '" + job.bad_output_path + "'"),
              ElementsAre("0|0|c", "2|1|bad"));
}

TEST_F(TransformTest, ReadsItsSourcesOneAfterTheOther) {
  LogValues({"a", "bad"});
  const auto first = source_;
  LogValues({"b"});
  auto job = Job("SELECT value_text FROM st_source()");
  auto second = source_;
  second.extents.erase(second.extents.begin());
  second.range.offsets.begin()->second.from = Offset(2);
  job.sources = {first, second, jobs::LogSegments{}};
  job.dead = {{IdOf(1), "sql_error", "bad"}};
  const auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 3);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre("a", "b"));
  EXPECT_EQ(result.bad_output.value().rows, 1);
}

TEST_F(TransformTest, RefusesStateFiles) {
  LogValues({"a"});
  auto job = Job("SELECT value_text FROM st_source()");
  job.state_out = {{.name = "windows", .path = WarehousePath("windows")}};
  const auto result = Run(job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kUnsupported);
  EXPECT_FALSE(Exists(job.output_path));
}

TEST_F(TransformTest, ReadsEveryCodec) {
  std::vector<std::string> want;
  for (const auto codec :
       {record::Compression::kNone, record::Compression::kGzip, record::Compression::kSnappy,
        record::Compression::kLz4, record::Compression::kZstd}) {
    const std::string value = fmt::format("codec {}", static_cast<int>(codec));
    LogBatch(Compressed(codec, record::BuildBatch({{.value = value}, {.value = value}})));
    want.insert(want.end(), {value, value});
  }
  auto job = Job("SELECT value_text FROM st_source()");
  EXPECT_EQ(MustRun(job).records_read, 10);
  EXPECT_EQ(FileRows(job.output_path), want);
}

TEST_F(TransformTest, KeepsTheLogsOrderOverManyChunks) {
  for (int batch = 0; batch < 20; ++batch) LogValues(std::vector<std::string>(500, "x"));
  auto job = Job("SELECT \"offset\" FROM st_source()");
  EXPECT_EQ(MustRun(job).records_read, 10'000);
  EXPECT_THAT(Rows("SELECT count(*), count_if(\"offset\" = file_row_number) FROM read_parquet('" +
                   job.output_path + "', file_row_number = true)"),
              ElementsAre("10000|10000"));
}

TEST_F(TransformTest, DeadLettersAreRowsOfTheirOwn) {
  LogValues(
      {Event("a"), "{\"event_type\": ", "{\"x\": 1}", "\"\xFF\"", Event("b"), Event("known")});
  auto job = Job("SELECT json_extract_string(value_text, '$.event_type') AS t FROM st_source()");
  job.is_json = true;
  job.require = {"event_type"};
  job.dead = {{IdOf(5), "sql_error", "it was known"},
              {IdOf(99), "kills_worker", "not in the range"}};
  const auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 6);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre("a", "b"));
  ASSERT_TRUE(result.bad_output);
  EXPECT_EQ(result.bad_output->rows, 4);
  const std::string tail = "|the_pipeline|the_flow|events|0|";
  EXPECT_THAT(FileRows(job.bad_output_path),
              ElementsAre(AsBlob("{\"event_type\": ") +
                              "|not_json|byte 15: the text ends where a value is expected" + tail +
                              "1|1970-01-01 00:16:40.001+00",
                          AsBlob("{\"x\": 1}") + "|missing_field|field 'event_type' is missing" +
                              tail + "2|1970-01-01 00:16:40.002+00",
                          AsBlob("\"\\xFF\"") + "|not_utf8|the value is not UTF-8" + tail +
                              "3|1970-01-01 00:16:40.003+00",
                          AsBlob(Event("known")) + "|sql_error|it was known" + tail +
                              "5|1970-01-01 00:16:40.005+00"));
  EXPECT_THAT(Rows("SELECT name, field_id FROM parquet_schema('" + job.bad_output_path +
                   "') WHERE field_id IS NOT NULL"),
              ElementsAre("raw_value|1", "code|2", "reason|3", "pipeline|4", "flow|5", "topic|6",
                          "partition|7", "offset|8", "timestamp|9"));
}

TEST_F(TransformTest, DeadLettersDoNotDependOnWhatTheSqlReads) {
  LogValues({"no json", "1"});
  auto job = Job("SELECT 1 AS one FROM st_source() LIMIT 0");
  job.is_json = true;
  const auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 2);
  EXPECT_TRUE(result.outputs.empty());
  ASSERT_TRUE(result.bad_output);
  EXPECT_EQ(result.bad_output->rows, 1);
}

TEST_F(TransformTest, ReadsTheSourceTwiceAndCountsOnce) {
  LogValues({"1", "no json", "2"});
  auto job =
      Job("SELECT a.value_text AS a, b.value_text AS b FROM st_source() a, st_source() b"
          " ORDER BY ALL");
  job.is_json = true;
  const auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 3);
  EXPECT_EQ(result.bad_output.value_or(WrittenFile{}).rows, 1);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre("1|1", "1|2", "2|1", "2|2"));
}

TEST_F(TransformTest, ABatchThatDoesNotDecodeIsOneDeadLetter) {
  LogValues({"0", "1"});
  LogBatch(WithBody(
      Compressed(record::Compression::kZstd, record::BuildBatch({{.value = "2"}, {.value = "3"}})),
      "no zstd at all"));
  LogValues({"4"});
  auto job = Job("SELECT value_text FROM st_source()");
  auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 5);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre("0", "1", "4"));
  EXPECT_THAT(Rows("SELECT raw_value, code, reason, \"offset\" FROM '" + job.bad_output_path + "'"),
              ElementsAre(HasSubstr("NULL|bad_batch|offsets 2 to 3: zstd records do not "
                                    "decompress")));
  // The same holds for a part of the batch.
  SourceOf(job).range.offsets.begin()->second.from = Offset(3);
  job.output_path += "2";
  job.bad_output_path += "2";
  EXPECT_EQ(MustRun(job).records_read, 2);
  EXPECT_THAT(Rows("SELECT reason, \"offset\" FROM read_parquet('" + job.bad_output_path + "')"),
              ElementsAre(StartsWith("offsets 3 to 3: ")));
}

TEST_F(TransformTest, ABatchThatGrowsTooLargeIsOneDeadLetter) {
  const std::string batch = record::BuildBatch({{.value = "0"}});
  LogBatch(
      Compressed(record::Compression::kZstd, WithBody(batch, std::string((256U << 20) + 1, '\0'))));
  LogValues({"1"});
  auto job = Job("SELECT value_text FROM st_source()");
  const auto result = MustRun(job);
  EXPECT_EQ(result.records_read, 2);
  EXPECT_THAT(Rows("SELECT code, reason FROM '" + job.bad_output_path + "'"),
              ElementsAre("batch_too_large|offsets 0 to 0: records decompress to more than "
                          "268435456 bytes"));
}

TEST_F(TransformTest, ATimeOutsideTheRangeOfTablesIsADeadLetter) {
  LogBatch(record::BuildBatch({{.value = "0", .timestamp_ms = INT64_MAX}, {.value = "1"}}));
  auto job = Job("SELECT value_text FROM st_source()");
  MustRun(job);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre("1"));
  EXPECT_THAT(Rows("SELECT raw_value, code, \"timestamp\" FROM '" + job.bad_output_path + "'"),
              ElementsAre("0|bad_timestamp|NULL"));
}

TEST_F(TransformTest, AValueThatTheSqlCannotConvertFailsTheJob) {
  LogValues({"1", "two", "3"});
  auto job = Job("SELECT value_text::INTEGER AS n FROM st_source()");
  const auto result = Run(job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(result.error().message(),
              StartsWith("Conversion Error: Could not convert string 'two' to INT32"));
  EXPECT_FALSE(Exists(job.output_path));
  EXPECT_FALSE(Exists(job.bad_output_path));
}

TEST_F(TransformTest, SqlErrorsQuoteDuckDb) {
  LogValues({"1"});
  const auto missing = Run(Job("SELECT x FROM st_source()"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(missing.error().message(), HasSubstr("\"x\" not found"));
  const auto no_select = Run(Job("CREATE TABLE t AS SELECT 1"));
  ASSERT_FALSE(no_select);
  EXPECT_THAT(no_select.error().message(), StartsWith("a transform is one SELECT"));
  EXPECT_FALSE(Run(Job("SELECT 1) TO 'x.csv'; SELECT (1")));
}

TEST_F(TransformTest, DamageInTheLogIsCorruption) {
  LogValues({"1"});
  auto job = Job("SELECT value_text FROM st_source()");
  SourceOf(job).extents[0].position = 8;
  const auto result = Run(job);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kCorruption) << result.error().message();
  EXPECT_THAT(result.error().message(), HasSubstr("1.log: damaged entry at byte 8"));
}

TEST_F(TransformTest, AZeroKeepsItsSign) {
  std::vector<std::string> zeros;
  for (int i = 0; i < 30; ++i) zeros.emplace_back(i % 3 == 0 ? "-0.0" : i % 3 == 1 ? "0.0" : "x");
  LogValues(zeros);
  auto job =
      Job("SELECT try_cast(value_text AS DOUBLE) AS d, [try_cast(value_text AS FLOAT)] AS l, "
          "value_text AS t FROM st_source()");
  job.columns = {{1, "d", "double"}, {2, "t", "string"}};
  const auto result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 1U);
  for (const auto& row : FileRows(job.output_path)) {
    EXPECT_THAT(row, AnyOf(StartsWith("-0.0|[-0.0]|-0.0"), StartsWith("0.0|[0.0]|0.0"),
                           ::testing::EndsWith("|x")));
  }
  EXPECT_EQ(result.outputs[0].columns.at(1).min, "-0.0");
  EXPECT_EQ(result.outputs[0].columns.at(1).max, "0.0");
  EXPECT_EQ(result.outputs[0].columns.at(2).min, "-0.0") << "texts are as they are";
}

TEST_F(TransformTest, ReadsJsonOfATypeIntoNestedColumns) {
  LogValues({R"({"a": 1, "l": ["x", null]})", "no JSON", R"({"l": "x", "a": 2})"});
  const std::string type =
      R"({"type":"struct","fields":[{"id":0,"name":"a","required":false,"type":"int"},)"
      R"({"id":0,"name":"l","required":false,"type":{"type":"list","element-id":0,)"
      R"("element":"string","element-required":false}}]})";
  const std::string sql = fmt::format(
      "SELECT spark_from_json_17(value_text, '{}', false) AS e, \"offset\" FROM st_source()", type);
  auto job = Job(sql);
  jobs::WorkerClient client(*clock_, Options());
  const auto columns = client.Describe(sql, kLong);
  ASSERT_TRUE(columns) << columns.error().message();
  EXPECT_EQ(columns->at(0).duckdb_type, "STRUCT(\"a\" INTEGER, \"l\" VARCHAR[])");
  const auto result = client.Transform(job, kLong);
  ASSERT_TRUE(result) << result.error().ToString();
  EXPECT_THAT(Rows("SELECT e.a, e.l::VARCHAR, e IS NULL FROM '" + job.output_path + "'"),
              ElementsAre("1|[x, NULL]|false", "NULL|NULL|false", "2|NULL|false"));
}

// What Spark's FLOAT, TIMESTAMP_NTZ, intervals and wildcards become (dialect/spark).
TEST_F(TransformTest, WritesFloatsAndTimesWithoutAZone) {
  LogValues({R"({"a": [{"b": 1}, {"b": 2}], "f": 0.1})"});
  auto job =
      Job("SELECT spark_text_to_float(json_extract_string(value_text, '$.f')) AS f, "
          "timezone('UTC', spark_timestampadd('microsecond', CAST('3600000000' AS BIGINT), "
          "\"timestamp\")) AS z, spark_json_path(value_text, '$.a[*].b') AS b, "
          "spark_micros_to_text(epoch_us(\"timestamp\"), 2, 5) AS i FROM st_source()");
  job.columns = {{1, "f", "float"}, {2, "z", "timestamp"}, {3, "b", "string"}, {4, "i", "string"}};
  const auto result = MustRun(job);
  ASSERT_EQ(result.outputs.size(), 1U);
  EXPECT_THAT(FileRows(job.output_path),
              ElementsAre("0.1|1970-01-01 01:16:40|[1,2]|INTERVAL '0 00:16:40' DAY TO "
                          "SECOND"));
  EXPECT_THAT(Rows("SELECT name, type, converted_type FROM parquet_schema('" + job.output_path +
                   "') WHERE name IN ('f', 'z')"),
              ElementsAre("f|FLOAT|NULL", "z|INT64|TIMESTAMP_MICROS"));
}

TEST_F(TransformTest, WritesAFileOnce) {
  LogValues({"1"});
  const auto job = Job("SELECT value_text FROM st_source()");
  jobs::WorkerClient client(*clock_, Options());
  ASSERT_TRUE(client.Transform(job, kLong));
  const auto again = client.Transform(job, kLong);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kAlreadyExists);
  EXPECT_THAT(FileRows(job.output_path), ElementsAre("1"));
}

TEST_F(TransformTest, DescribesWithoutReading) {
  jobs::WorkerClient client(*clock_, Options());
  const auto columns = client.Describe(
      "SELECT value_text AS a, \"timestamp\", 1.5::DECIMAL(9,2) AS d, [1] AS l FROM st_source()",
      kLong);
  ASSERT_TRUE(columns) << columns.error().message();
  std::vector<std::string> got;
  for (const auto& column : *columns) got.push_back(column.name + " " + column.duckdb_type);
  EXPECT_THAT(got, ElementsAre("a VARCHAR", "timestamp TIMESTAMP WITH TIME ZONE", "d DECIMAL(9,2)",
                               "l INTEGER[]"));
  const auto wrong = client.Describe("SELECT nothing FROM st_source()", kLong);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace st::worker::transform
