// Runs pipelines with real workers on a real folder: this tests what DuckDB makes of the translated
// SQL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <nlohmann/json.hpp>

#include "lake/partition.h"
#include "lake/types.h"
#include "log/testing.h"
#include "os/process.h"
#include "os/thread.h"
#include "stream/pipeline.h"
#include "stream/table_control.h"
#include "stream/table_reset.h"
#include "stream/worker_transformer.h"

namespace st::stream {
namespace {

using log::testing::AppendAndWait;
using log::testing::Batch;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr std::int64_t kTimeoutUs = 120'000'000;

class WorkerStream : public ::testing::Test {
 protected:
  WorkerStream() {
    std::string pattern = ::testing::TempDir() + "stream_XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    log_ = log::LocalLog::Open({*fs_, *clock_, *random_}, {.dir = folder_ + "/log"}).value();
    lake_ =
        lake::Lake::Open({*fs_, *clock_, *random_}, {.warehouse = folder_ + "/warehouse"}).value();
    topic_ = log_->CreateTopic("events", 1)->id;
    query_worker_ =
        std::make_unique<jobs::WorkerClient>(*clock_, Options(jobs::WorkerKind::kQuery));
    worker_ = MakeWorkerTransformer(*clock_, Options(jobs::WorkerKind::kTransform), kTimeoutUs);
  }
  ~WorkerStream() override { std::filesystem::remove_all(folder_); }

  jobs::WorkerOptions Options(jobs::WorkerKind kind) const {
    return {.kind = kind,
            .program = os::ExecutableDir().value() + "/../../steelthread-sql",
            .warehouse = folder_ + "/warehouse"};
  }
  void Produce(const std::vector<std::string>& values) {
    ASSERT_TRUE(
        AppendAndWait(*log_, {.topic = topic_, .partition = PartitionId(0)}, Batch(values)));
  }
  static std::string ReadAll(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    EXPECT_TRUE(in) << path;
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  static dialect::spark::Definition Define(const std::string& text) {
    auto parsed = dialect::spark::ParsePipelineFile("x.sql", text);
    EXPECT_TRUE(parsed) << parsed.error().message();
    return parsed.value().at(0);
  }
  Status TryDrain(const dialect::spark::Definition& definition, PipelineLimits limits = {}) {
    Pipeline pipeline({.log = *log_, .lake = *lake_, .env = {*fs_, *clock_, *random_}}, definition,
                      *worker_, limits);
    while (true) {
      ST_TRY(const auto step, pipeline.Step(clock_->NowUs()));
      if (!step.has_more) return {};
    }
  }
  void Drain(const dialect::spark::Definition& definition, PipelineLimits limits = {}) {
    const auto drained = TryDrain(definition, limits);
    ASSERT_TRUE(drained) << drained.error().message();
  }
  // The rows of a statement over the lake's tables, each as JSON text.
  std::vector<std::string> Query(const std::string& sql) {
    std::vector<jobs::QueryTable> tables;
    for (const auto& name : lake_->Tables()) {
      const auto view = lake_->Load(name).value();
      jobs::QueryTable table{.schema = name.schema, .name = name.name, .columns = {}, .files = {}};
      for (const auto& column : view->columns) {
        table.columns.push_back({column.id, column.name, column.type});
      }
      for (const auto& file : view->files) table.files.push_back(file.location);
      tables.push_back(std::move(table));
    }
    return Query(sql, std::move(tables));
  }
  std::vector<std::string> Query(const std::string& sql, std::vector<jobs::QueryTable> tables) {
    std::vector<std::string> rows;
    const auto started =
        query_worker_->StartQuery({.sql = sql, .tables = std::move(tables)}, kTimeoutUs);
    EXPECT_TRUE(started) << started.error().message;
    while (started) {
      const auto page = query_worker_->NextPage();
      EXPECT_TRUE(page) << page.error().message;
      if (!page) break;
      for (const auto& row : Json::parse(page->rows_json)) rows.push_back(row.dump());
      if (page->is_last) break;
    }
    return rows;
  }

  std::string folder_;
  std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  std::unique_ptr<os::Random> random_ = os::MakeSystemRandom();
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<lake::Lake> lake_;
  TopicId topic_;
  std::unique_ptr<Transformer> worker_;
  std::unique_ptr<jobs::WorkerClient> query_worker_;
};

TEST_F(WorkerStream, APartitionedTableHasEachRowOnceOverAChangeOfItsLayout) {
  const auto define = [](const std::string& layout) {
    return Define("CREATE STREAMING TABLE t " + layout +
                  " AS SELECT get_json_object(CAST(value AS STRING), '$.Host') AS host, "
                  "timestamp AS seen_at, offset AS number FROM STREAM(events)");
  };
  const std::vector<std::string> hosts = {R"({"Host":"b"})", R"({"Host":"a"})", "{}",
                                          R"({"Host":"a"})", R"({"Host":"b"})"};
  Produce(hosts);
  Drain(
      define("PARTITIONED BY (days(seen_at), host, bucket(4, number)) TBLPROPERTIES "
             "('sort-order' = 'number DESC')"));
  const std::string rows = "SELECT host, count(*), min(number) FROM t GROUP BY 1 ORDER BY 1";
  EXPECT_THAT(Query(rows), ElementsAre("[\"a\",2,1]", "[\"b\",2,0]", "[null,1,2]"));
  Produce(hosts);
  Drain(define("CLUSTER BY (host)"));
  EXPECT_THAT(Query(rows), ElementsAre("[\"a\",4,1]", "[\"b\",4,0]", "[null,2,2]"));
  std::map<std::string, std::int64_t> rows_of;
  const auto view = lake_->Load({"default", "t"}).value();
  for (const auto& file : view->files) {
    rows_of[lake::DescribePartition(*view, file)] += file.record_count;
    EXPECT_EQ(file.sort_order_id, file.spec_id == 0 ? 1 : 2);
  }
  EXPECT_EQ(rows_of[""], 5) << "the files behind the change have no partition";
  EXPECT_GE(rows_of.size(), 4U);
}

TEST_F(WorkerStream, FillsTheTablesOfTheExample) {
  Produce({R"({"Host": "localhost:5000", "event_type": "default", "Accept": "*/*", )"
           R"("User-Agent": "curl/7.47.0"})",
           R"({"Host": "user1.comcast.com", "event_type": "purchase_sword", "Accept": "*/*", )"
           R"("User-Agent": "ApacheBench/2.3"})",
           R"({"Host": "é", "event_type": "purchase_knife", "User-Agent": null})",
           R"({"Host": "h", "event_type": "purchasexsword"})", "no json", R"({"Host": "h"})"});
  const std::string folder = "../../examples/w205/pipelines/";
  for (const std::string name : {"extracted_events", "sword_purchases", "purchases"}) {
    Drain(Define(ReadAll(folder + name + ".sql")));
  }
  EXPECT_THAT(Query("SELECT \"partition\", \"offset\", host, accept, user_agent, event_type FROM "
                    "extracted_events ORDER BY 2"),
              ElementsAre(R"([0,0,"localhost:5000","*/*","curl/7.47.0","default"])",
                          R"([0,1,"user1.comcast.com","*/*","ApacheBench/2.3","purchase_sword"])",
                          R"([0,2,"é",null,null,"purchase_knife"])",
                          R"([0,3,"h",null,null,"purchasexsword"])"));
  EXPECT_THAT(Query("SELECT host, raw_event LIKE '{\"Host\": \"user1%', \"timestamp\" FROM "
                    "sword_purchases"),
              ElementsAre(R"(["user1.comcast.com",true,"1970-01-01 00:00:01.000000 UTC"])"));
  EXPECT_THAT(Query("SELECT event_type FROM purchases ORDER BY 1"),
              ElementsAre(R"(["purchase_knife"])", R"(["purchase_sword"])"));
  EXPECT_THAT(Query("SELECT code, pipeline, topic, \"partition\", \"offset\" FROM bad.rows "
                    "WHERE flow = 'purchases' ORDER BY 5"),
              ElementsAre(R"(["not_json","purchases","events",0,4])",
                          R"(["missing_field","purchases","events",0,5])"));
  EXPECT_THAT(Query("SELECT count(*) FROM bad.rows"), ElementsAre("[6]"));
}

TEST_F(WorkerStream, CastErrorsBecomeDeadLetters) {
  std::vector<std::string> values;
  for (int i = 0; i < 200; ++i) values.push_back(fmt::format("{{\"n\": \"{}\"}}", i));
  values[57] = R"({"n": "5 swords"})";
  values[58] = R"({"n": "99999999999"})";
  values[199] = R"({"n": ""})";
  values[3] = "{}";
  Produce(values);
  Drain(
      Define("CREATE STREAMING TABLE numbers TBLPROPERTIES ('steelthread.format' = 'json') AS "
             "SELECT CAST(get_json_object(CAST(value AS STRING), '$.n') AS INT) AS n, offset "
             "FROM STREAM(events)"));
  EXPECT_THAT(Query("SELECT count(*), count(n), sum(n) FROM numbers"),
              ElementsAre("[197,196,19583]"));
  const auto dead = Query("SELECT \"offset\", code, reason FROM bad.rows ORDER BY 1");
  ASSERT_EQ(dead.size(), 3U);
  EXPECT_THAT(dead[0], HasSubstr("cannot cast '5 swords' to INT"));
  EXPECT_THAT(dead[1], HasSubstr("99999999999"));
  EXPECT_THAT(dead[2], HasSubstr(R"([199,"sql_error")"));
}

// Each SELECT has the records of its topic alone: no condition of one fails on a record of another.
// `events` is read twice: a record of which one row fails has no row of the other SELECT either.
TEST_F(WorkerStream, UnitesTopicsAndOneOfThemTwice) {
  const TopicPartition visits{.topic = log_->CreateTopic("visits", 2)->id,
                              .partition = PartitionId(1)};
  const TopicPartition texts{.topic = log_->CreateTopic("texts", 1)->id,
                             .partition = PartitionId(0)};
  const auto definition = Define(
      "CREATE STREAMING TABLE t AS "
      "SELECT 'n' AS what, topic AS name, offset AS place, CAST(CAST(value AS STRING) AS INT) AS n "
      "FROM STREAM(events) UNION ALL "
      "SELECT 'visit', topic, offset, 0 FROM STREAM(visits) "
      "WHERE CAST(CAST(value AS STRING) AS INT) > 2 UNION ALL "
      "SELECT 'length', topic, offset, length(CAST(value AS STRING)) FROM STREAM(events) "
      "WHERE offset > 0 UNION ALL "
      "SELECT CAST(value AS STRING), topic, offset, 1 FROM STREAM(texts)");
  EXPECT_THAT(definition.topics, ElementsAre("events", "visits", "texts"));
  Produce({"1", "22", "no number"});
  ASSERT_TRUE(AppendAndWait(*log_, visits, Batch({"2", "3", "none"})));
  ASSERT_TRUE(AppendAndWait(*log_, texts, Batch({"any text"})));
  Produce({"444"});
  Drain(definition, {.max_records = 2});
  EXPECT_THAT(
      Query("SELECT what, name, place, n FROM t ORDER BY 2, 3, 1"),
      ElementsAre(R"(["n","events",0,1])", R"(["length","events",1,2])", R"(["n","events",1,22])",
                  R"(["length","events",3,3])", R"(["n","events",3,444])",
                  R"(["any text","texts",0,1])", R"(["visit","visits",1,0])"));
  EXPECT_THAT(Query("SELECT topic, \"partition\", \"offset\", code FROM bad.rows ORDER BY 1"),
              ElementsAre(R"(["events",0,2,"sql_error"])", R"(["visits",1,2,"sql_error"])"));
}

TEST_F(WorkerStream, TimesOutsideTheSupportedYearsBecomeDeadLetters) {
  Produce({R"({"t": "9999-12-31T23:59:59.999999Z", "d": "9999-12-31"})",
           R"({"t": "9999-12-31T23:59:59-14:00", "d": "2026-01-01"})",
           R"({"t": "0001-01-01T00:00:00+00:01", "d": "2026-01-01"})",
           R"({"t": "2026-01-01T00:00:00Z", "d": "9999-12-31", "days": "1"})", "{}"});
  const auto field = [](const std::string& name) {
    return "get_json_object(CAST(value AS STRING), '$." + name + "')";
  };
  Drain(
      Define("CREATE STREAMING TABLE times TBLPROPERTIES ('steelthread.format' = 'json') AS "
             "SELECT CAST(" +
             field("t") + " AS TIMESTAMP) AS `a time`, date_add(CAST(" + field("d") +
             " AS DATE), coalesce(CAST(" + field("days") +
             " AS INT), 0)) AS d, offset FROM STREAM(events)"));
  EXPECT_THAT(Query("SELECT \"offset\", d FROM times ORDER BY 1"),
              ElementsAre(R"([0,"9999-12-31"])", "[4,null]"));
  const auto dead = Query("SELECT \"offset\", code, reason FROM bad.rows ORDER BY 1");
  ASSERT_EQ(dead.size(), 3U);
  EXPECT_THAT(dead[0], HasSubstr("column 'a time': a time outside the years 0001 to 9999"));
  EXPECT_THAT(dead[1], HasSubstr("column 'a time'"));
  EXPECT_THAT(dead[2], HasSubstr("column 'd'"));
}

TEST_F(WorkerStream, RawValuesThatAreNotUtf8BecomeText) {
  Produce({"text", "\xff\xfe", R"({"a": {"b": [1, 2]}})"});
  Drain(
      Define("CREATE STREAMING TABLE raw AS SELECT CAST(value AS STRING) AS v, length(value) AS l, "
             "get_json_object(CAST(value AS STRING), '$.a') AS a FROM STREAM(events)"));
  EXPECT_THAT(Query("SELECT * FROM raw ORDER BY l"),
              ElementsAre("[\"\xEF\xBF\xBD\xEF\xBF\xBD\",2,null]", R"(["text",4,null])",
                          R"(["{\"a\": {\"b\": [1, 2]}}",20,"{\"b\":[1,2]}"])"));
}

TEST_F(WorkerStream, RowsDoNotDependOnBatches) {
  for (int batch = 0; batch < 40; ++batch) {
    std::vector<std::string> values;
    for (int i = 0; i < 1 + batch % 7; ++i) {
      const int n = batch * 10 + i;
      values.push_back(n % 11 == 0   ? std::string("{")
                       : n % 13 == 0 ? fmt::format("{{\"n\": \"x{}\"}}", n)
                                     : fmt::format("{{\"n\": \"{}\"}}", n));
    }
    Produce(values);
  }
  std::vector<std::string> rows;
  std::vector<std::string> dead;
  int round = 0;
  for (const std::int64_t records : {1000, 1, 5, 64}) {
    const std::string table = fmt::format("t{}", ++round);
    Drain(Define("CREATE STREAMING TABLE " + table +
                 " TBLPROPERTIES ('steelthread.format' = 'json') AS SELECT offset, "
                 "CAST(get_json_object(CAST(value AS STRING), '$.n') AS INT) AS n "
                 "FROM STREAM(events) WHERE offset % 5 <> 0"),
          {.max_records = records});
    const auto got = Query("SELECT * FROM " + table + " ORDER BY 1");
    const auto bad = Query("SELECT \"offset\", code, reason FROM bad.rows WHERE pipeline = '" +
                           table + "' ORDER BY 1");
    if (rows.empty()) {
      rows = got;
      dead = bad;
      ASSERT_GT(rows.size(), 50U);
      ASSERT_GT(dead.size(), 10U);
    }
    EXPECT_EQ(got, rows) << records;
    EXPECT_EQ(bad, dead) << records;
  }
}

// A thread kills the running worker with SIGKILL, again and again, while the pipeline works.
TEST_F(WorkerStream, EachEventOnceWhileWorkersAreKilled) {
  constexpr int kRecords = 2000;
  for (int batch = 0; batch < 20; ++batch) {
    std::vector<std::string> values;
    for (int i = 0; i < kRecords / 20; ++i) values.push_back(fmt::format("{}", batch * 100 + i));
    Produce(values);
  }
  const dialect::spark::Definition definition = Define(
      "CREATE STREAMING TABLE t AS SELECT offset, CAST(value AS STRING) AS v FROM STREAM(events)");
  std::atomic<bool> is_done{false};
  std::atomic<int> kills{0};
  os::Thread killer("killer", [&] {
    while (!is_done && kills < 12) {
      for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream children(task.path() / "children");
        for (pid_t child = 0; children >> child;) {
          os::KillChild(child);
          ++kills;
        }
      }
      Ignore(os::WaitChild(1, 0), "gives the others a turn");
    }
  });
  for (int i = 0; i < 200; ++i) {
    if (TryDrain(definition, {.max_records = 200})) break;
  }
  is_done = true;
  killer.Join();
  Drain(definition);
  EXPECT_GE(kills.load(), 1);
  EXPECT_THAT(Query("SELECT count(*), count(DISTINCT \"offset\"), min(v), max(\"offset\") FROM t"),
              ElementsAre(fmt::format("[{0},{0},\"0\",{1}]", kRecords, kRecords - 1)));
  EXPECT_THAT(Query("SELECT count(*) FROM bad.rows"), ElementsAre("[0]"));
}

TEST_F(WorkerStream, AResetGivesTheTableOtherColumns) {
  const std::string file =
      "CREATE STREAMING TABLE t AS SELECT {} AS a, {} AS b FROM STREAM(events);";
  const auto before =
      Define(fmt::format(fmt::runtime(file), "CAST(offset AS STRING)", "partition"));
  const auto now = Define(fmt::format(fmt::runtime(file), "offset", "partition"));
  Produce({"{}", "{}"});
  Drain(before);
  ASSERT_FALSE(TryDrain(now));
  const Dependencies to{.log = *log_, .lake = *lake_, .env = {*fs_, *clock_, *random_}};
  const auto snapshot = lake_->Load({"default", "t"}).value()->snapshot.value();
  ASSERT_TRUE(Reset(to, now));
  Drain(now);
  EXPECT_THAT(Query("SELECT a, b, typeof(a) FROM t ORDER BY a"),
              ElementsAre(R"([0,0,"bigint"])", R"([1,0,"bigint"])"));
  ASSERT_TRUE(RollBack(to, {.table = {"default", "t"}, .snapshot = snapshot, .reason = "why"}));
  Drain(before);
  EXPECT_THAT(Query("SELECT a, b, typeof(a) FROM t ORDER BY a"),
              ElementsAre(R"(["0",0,"varchar"])", R"(["1",0,"varchar"])"));
}

// As upkeep does it: one file has the dead letters of both pipelines.
TEST_F(WorkerStream, AResetTakesItsOwnDeadLettersOutOfASharedFile) {
  const auto first = Define(
      "CREATE STREAMING TABLE it_s TBLPROPERTIES ('steelthread.format' = 'json') AS SELECT offset "
      "FROM STREAM(events);");
  const auto second = Define(
      "CREATE STREAMING TABLE u TBLPROPERTIES ('steelthread.format' = 'json') AS SELECT offset "
      "FROM STREAM(events);");
  Produce({"{}", "no json", "{}", "none either"});
  Drain(first);
  Drain(second);
  const auto view = lake_->Load(kBadRows).value();
  jobs::RewriteJob job{.columns = {}, .inputs = {}, .output_path = {}, .keep = {}};
  for (const auto& column : view->columns) {
    job.columns.push_back({column.id, column.name, column.type});
  }
  for (const auto& file : view->files) job.inputs.push_back(file.location);
  job.output_path = lake_->NewDataFile(kBadRows).value();
  const auto written = worker_->Rewrite(job).value();
  lake::Rewrite together{.table = kBadRows, .inputs = job.inputs, .outputs = {}};
  together.outputs = {lake::DataFileFrom(*written, view->columns)};
  ASSERT_TRUE(lake_->Replace(together));

  Dependencies to{.log = *log_, .lake = *lake_, .env = {*fs_, *clock_, *random_}};
  ASSERT_TRUE(Reset(to, first));
  ASSERT_TRUE(Pause(to, first, "to look at bad.rows"));
  Drain(first);
  const std::string dead = R"(SELECT "flow", "offset" FROM bad.rows ORDER BY 1, 2)";
  EXPECT_THAT(Query(dead), ElementsAre(R"(["u",1])", R"(["u",3])"));
  ASSERT_TRUE(Resume(to, first));
  Drain(first);
  EXPECT_THAT(Query(dead),
              ElementsAre(R"(["it_s",1])", R"(["it_s",3])", R"(["u",1])", R"(["u",3])"));
  const auto snapshot = lake_->Load({"default", "u"}).value()->snapshot.value();
  Produce({"{}", "no json"});
  Drain(second);
  ASSERT_TRUE(RollBack(to, {.table = {"default", "u"}, .snapshot = snapshot, .reason = "why"}));
  Drain(second);
  EXPECT_THAT(Query(dead),
              ElementsAre(R"(["it_s",1])", R"(["it_s",3])", R"(["u",1])", R"(["u",3])"));
  EXPECT_THAT(Query("SELECT count(*) FROM u"), ElementsAre("[2]"));
}

}  // namespace
}  // namespace st::stream
