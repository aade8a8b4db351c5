#include "jobs/transform_codec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <utility>

#include "jobs/limits.h"
#include "jobs/output_path.h"

namespace st::jobs {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr TopicId kTopic{std::array<std::uint8_t, 16>{1}};
constexpr TopicId kOther{std::array<std::uint8_t, 16>{2}};
constexpr TopicPartition kFirst{.topic = kTopic, .partition = PartitionId(0)};
constexpr TopicPartition kSecond{.topic = kOther, .partition = PartitionId(3)};

TransformJob WholeJob() {
  TransformJob job;
  job.sql = "SELECT 1 FROM st_source()";
  job.sources = {
      LogSegments{.range = {.lsns = LsnRange{.from = Lsn(7), .to = Lsn(1ULL << 63)},
                            .offsets = {{kFirst, {.from = Offset(5), .to = Offset(9)}},
                                        {kSecond, {.from = Offset(0), .to = Offset(1LL << 40)}}}},
                  .topics = {{.id = kTopic, .name = "events"}, {.id = kOther, .name = "game"}},
                  .files = {"/log/1.log", "/log/2.log"},
                  .extents = {{0, 1ULL << 40, 77}, {1, 64, 80}}}};
  job.is_json = true;
  job.require = {"event_type", "Host"};
  job.output_path = "/w/a.parquet";
  job.bad_output_path = "/w/b.parquet";
  job.pipeline = "p";
  job.flow = "f";
  job.columns = {{1, "a", "long"}, {2, "b", "string"}};
  job.dead = {{{.tp = kSecond, .offset = Offset(7)}, "sql_error", "no"}};
  job.state_in = {{.name = "windows", .path = "/w/state/1"}};
  job.state_out = {{.name = "windows", .path = "/w/state/2"}, {.name = "late", .path = "/w/3"}};
  return job;
}

Json Wire(const Json& json) { return Json::parse(json.dump()); }

TEST(TransformCodec, KeepsAJob) {
  const auto job = WholeJob();
  const auto back = TransformJobFrom(Wire(ToJson(job)));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(ToJson(*back), ToJson(job));
  const auto& source = std::get<LogSegments>(back->sources.at(0));
  EXPECT_EQ(source.range.lsns->to, Lsn(1ULL << 63));
  EXPECT_EQ(source.range.offsets.at(kSecond).to, Offset(1LL << 40));
  EXPECT_EQ(source.extents[0].position, 1ULL << 40);
  EXPECT_EQ(source.topics[1].name, "game");
  EXPECT_EQ(back->dead[0].id.tp, kSecond);
  EXPECT_EQ(back->dead[0].reason, "no");
  EXPECT_EQ(back->state_out[1].path, "/w/3");
}

TEST(TransformCodec, KeepsAResult) {
  TransformResult result{
      .records_read = 3,
      .outputs = {{.location = "/x", .rows = 2, .bytes = 9, .columns = {}, .partition = {}},
                  {.location = "/y", .rows = 5, .bytes = 8, .columns = {}, .partition = {}}},
      .bad_output = {},
      .state_out = {{.name = "windows", .path = "/w/1"}},
      .has_too_many_partitions = true};
  result.outputs[1].partition = {std::string("\0\xff", 2), std::nullopt, ""};
  result.outputs[0].columns[3] = {.size_bytes = 4, .value_count = 2, .null_count = 0, .min = "x"};
  const auto back = TransformResultFrom(Wire(ToJson(result)));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(ToJson(*back), ToJson(result));
  EXPECT_EQ(back->outputs[0].columns.at(3).min, "x");
  EXPECT_EQ(back->outputs[0].columns.at(3).max, std::nullopt);
  EXPECT_EQ(back->outputs[1].partition, result.outputs[1].partition);
  EXPECT_EQ(back->rows(), 7);
  EXPECT_TRUE(back->has_too_many_partitions);
  EXPECT_FALSE(back->bad_output);
}

TEST(TransformCodec, KeepsALayoutAndRefusesOneThatItDoesNotKnow) {
  TransformJob job{.sql = "SELECT 1"};
  job.layout = {.partition = {{"a", {.kind = TransformKind::kBucket, .parameter = 4}}, {"b", {}}},
                .sort = {{"a"}, {"b", true, true}}};
  const auto wire = Wire(ToJson(job));
  EXPECT_EQ(TransformJobFrom(wire).value().layout, job.layout);
  auto other = wire;
  other["layout"]["partition"][0][1] = "lunar";
  const auto refused = TransformJobFrom(other);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
  other = wire;
  other["layout"]["sort"][0] = "a";
  EXPECT_FALSE(TransformJobFrom(other));
}

TEST(OutputPath, RaisesTheUuid) {
  const std::string base = "/w/data/00000000-0000-4000-8000-0000000000fe.parquet";
  EXPECT_EQ(OutputPath(base, 0), base);
  EXPECT_EQ(OutputPath(base, 1), "/w/data/00000000-0000-4000-8000-0000000000ff.parquet");
  EXPECT_EQ(OutputPath(base, 3), "/w/data/00000000-0000-4000-8000-000000000101.parquet");
  EXPECT_EQ(OutputPath("/w/data/ffffffff-ffff-ffff-ffff-ffffffffffff.parquet", 1),
            "/w/data/00000000-0000-0000-0000-000000000000.parquet");
  EXPECT_EQ(OutputPath("/tmp/out.parquet", 2), "/tmp/out.parquet.2");
}

TEST(TransformCodec, KeepsFailingRecords) {
  const FailingRecords failing{
      .records = {{{.tp = kFirst, .offset = Offset(7)}, "sql_error", "no"}},
      .end = RecordId{.tp = kSecond, .offset = Offset(9)}};
  const auto back = FailingRecordsFrom(Wire(ToJson(failing)));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(ToJson(*back), ToJson(failing));
  EXPECT_EQ(back->end, failing.end);
  EXPECT_FALSE(FailingRecordsFrom(Wire(ToJson(FailingRecords())))->end);
}

// A worker of another version must refuse a job rather than read other records.
TEST(TransformCodec, RefusesWhatItDoesNotUnderstand) {
  const std::vector<std::pair<std::string, std::function<void(Json&)>>> changes = {
      {"list of sources", [](Json& job) { job["sources"] = 1; }},
      {"source of kind 'kafka_range'",
       [](Json& job) { job["sources"][0]["kind"] = "kafka_range"; }},
      {"source of kind ''", [](Json& job) { job["sources"][0] = 7; }},
      {"lsns", [](Json& job) { job["sources"][0]["lsns"] = {1}; }},
      {"lsns", [](Json& job) { job["sources"][0]["lsns"][0] = -1; }},
      {"topics", [](Json& job) { job["sources"][0]["topics"][0][0] = "events"; }},
      {"offsets", [](Json& job) { job["sources"][0]["offsets"][0][0] = 2; }},
      {"offsets", [](Json& job) { job["sources"][0]["offsets"][1][1] = 1LL << 32; }},
      {"files", [](Json& job) { job["sources"][0]["files"][0] = 1; }},
      {"extents", [](Json& job) { job["sources"][0]["extents"][1][0] = 2; }},
      {"extents", [](Json& job) { job["sources"][0]["extents"][1][2] = 1LL << 32; }},
      {"extents", [](Json& job) { job["sources"][0]["extents"][0].push_back(1); }},
      {"extents", [](Json& job) { job["sources"][0].erase("extents"); }},
      {"list of dead records", [](Json& job) { job["dead"] = true; }},
      {"list of dead records", [](Json& job) { job["dead"][0][0][2] = "7"; }},
      {"list of state files to read", [](Json& job) { job["state_in"][0][0] = "../x"; }},
      {"list of state files to read", [](Json& job) { job["state_in"][0][0] = ""; }},
      {"list of state files to read",
       [](Json& job) { job["state_in"][0][0] = std::string(kMaxStateNameBytes + 1, 'a'); }},
      {"list of state files to write", [](Json& job) { job["state_out"][0][1] = "relative"; }},
      {"list of state files to write: 'windows'",
       [](Json& job) { job["state_out"][1][0] = "windows"; }},
      {"list of state files to write", [](Json& job) {
         job["state_out"] = Json::array();
         for (std::size_t i = 0; i <= kMaxStateFiles; ++i) {
           job["state_out"].push_back({fmt::format("{}", i), "/w"});
         }
       }}};
  for (const auto& [what, change] : changes) {
    Json job = ToJson(WholeJob());
    change(job);
    const auto read = TransformJobFrom(Wire(job));
    ASSERT_FALSE(read) << what;
    EXPECT_EQ(read.error().code(), ErrorCode::kUnsupported) << what;
    EXPECT_THAT(read.error().message(), HasSubstr(what));
  }
  EXPECT_FALSE(FailingRecordsFrom({{"records", 5}}));
  EXPECT_FALSE(FailingRecordsFrom({{"records", Json::array()}, {"end", 5}}));
  EXPECT_FALSE(TransformResultFrom({{"state_out", 5}}));
}

}  // namespace
}  // namespace st::jobs
