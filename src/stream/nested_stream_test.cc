// A pipeline with nested columns, which the dialect cannot write yet, on a real folder with real
// workers: its table changes with it and every row stays readable. With ST_NESTED_FOLDER the data
// folder is made there and stays (tests/folders/make_nested.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/nested_type.h"
#include "lake/types.h"
#include "log/testing.h"
#include "os/process.h"
#include "stream/pipeline.h"
#include "stream/worker_transformer.h"

namespace st::stream {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int64_t kTimeoutUs = 120'000'000;

class NestedStream : public ::testing::Test {
 protected:
  NestedStream() {
    const char* wanted = std::getenv("ST_NESTED_FOLDER");
    if (wanted != nullptr) {
      folder_ = wanted;
    } else {
      std::string pattern = ::testing::TempDir() + "nested_XXXXXX";
      folder_ = ::mkdtemp(pattern.data());
      is_temporary_ = true;
    }
    log_ = log::LocalLog::Open({*fs_, *clock_, *random_}, {.dir = folder_ + "/log"}).value();
    lake_ =
        lake::Lake::Open({*fs_, *clock_, *random_}, {.warehouse = folder_ + "/warehouse"}).value();
    topic_ = log_->CreateTopic("events", 1)->id;
    worker_ = MakeWorkerTransformer(*clock_, Options(jobs::WorkerKind::kTransform), kTimeoutUs);
  }
  ~NestedStream() override {
    log_->Stop();
    if (is_temporary_) std::filesystem::remove_all(folder_);
  }

  jobs::WorkerOptions Options(jobs::WorkerKind kind) const {
    return {.kind = kind,
            .program = os::ExecutableDir().value() + "/../../steelthread-sql",
            .warehouse = folder_ + "/warehouse"};
  }
  // A pipeline whose SELECT is DuckDB's, with these columns of DuckDB's types.
  static dialect::spark::Definition Define(
      const std::string& sql, const std::vector<std::pair<std::string, std::string>>& columns) {
    dialect::spark::Definition definition;
    definition.place = "pipelines/orders.sql:1:24";
    definition.name = "orders";
    definition.topics = {"events"};
    definition.statement = sql;
    definition.sql = sql;
    for (const auto& [name, type] : columns) {
      const auto iceberg_type = lake::IcebergTypeFor(type).value();
      definition.columns.push_back({.name = name,
                                    .iceberg_type = iceberg_type,
                                    .duckdb_type = lake::DuckdbTypeFor(iceberg_type).value()});
    }
    return definition;
  }
  // Logs the values, and runs the pipeline to the log's end.
  Status Run(const dialect::spark::Definition& definition, const std::vector<std::string>& values) {
    if (!values.empty()) {
      ST_TRY_STATUS(log::testing::AppendAndWait(
          *log_, {.topic = topic_, .partition = PartitionId(0)}, log::testing::Batch(values)));
    }
    Pipeline pipeline({.log = *log_, .lake = *lake_, .env = {*fs_, *clock_, *random_}}, definition,
                      *worker_);
    while (true) {
      ST_TRY(const auto step, pipeline.Step(clock_->NowUs()));
      if (!step.has_more) return {};
    }
  }
  void MustRun(const dialect::spark::Definition& definition,
               const std::vector<std::string>& values) {
    const auto done = Run(definition, values);
    ASSERT_TRUE(done) << done.error().message();
  }
  std::shared_ptr<const lake::View> Table() { return lake_->Load({"default", "orders"}).value(); }
  std::string TypeOf(std::size_t column) {
    return ShownType(ParseType(Table()->columns.at(column).type).value());
  }
  // The rows of a statement over the table, each as JSON text.
  std::vector<std::string> Query(const std::string& sql) {
    jobs::QueryTable table{.schema = "default", .name = "orders", .columns = {}, .files = {}};
    const auto view = Table();
    for (const auto& column : view->columns) {
      table.columns.push_back({column.id, column.name, column.type});
    }
    for (const auto& file : view->files) table.files.push_back(file.location);
    jobs::WorkerClient worker(*clock_, Options(jobs::WorkerKind::kQuery));
    const auto started = worker.StartQuery({.sql = sql, .tables = {table}}, kTimeoutUs);
    EXPECT_TRUE(started) << started.error().message;
    std::vector<std::string> rows;
    while (started) {
      const auto page = worker.NextPage();
      EXPECT_TRUE(page) << page.error().message;
      if (!page) break;
      for (const auto& row : nlohmann::json::parse(page->rows_json)) rows.push_back(row.dump());
      if (page->is_last) break;
    }
    return rows;
  }

  std::string folder_;
  bool is_temporary_ = false;
  std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  std::unique_ptr<os::Random> random_ = os::MakeSystemRandom();
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<lake::Lake> lake_;
  TopicId topic_;
  std::unique_ptr<Transformer> worker_;
};

TEST_F(NestedStream, ATableWithNestedColumnsFollowsItsPipeline) {
  MustRun(Define(R"(SELECT "offset" AS n, [{'sku': value_text, 'n': "offset"::INTEGER}, NULL] AS )"
                 R"(items, MAP {value_text: "offset"::FLOAT} AS tags, {'spot': {'x': )"
                 R"("offset"::INTEGER}} AS place FROM st_source())",
                 {{"n", "BIGINT"},
                  {"items", "STRUCT(sku VARCHAR, n INTEGER)[]"},
                  {"tags", "MAP(VARCHAR, FLOAT)"},
                  {"place", "STRUCT(spot STRUCT(x INTEGER))"}}),
          {"a", "b"});
  EXPECT_EQ(TypeOf(1), "list<5: struct<6: sku: string, 7: n: int>>");
  EXPECT_EQ(TypeOf(2), "map<8: string, 9: float>");
  EXPECT_EQ(TypeOf(3), "struct<10: spot: struct<11: x: int>>");
  EXPECT_THAT(
      Query("SELECT n, items, tags, place.spot.x FROM orders ORDER BY 1"),
      ElementsAre(R"([0,[["a",0],null],{"a":0.0},0])", R"([1,[["b",1],null],{"b":1.0},1])"));

  // Wider, in another order, with new fields and another name of a column.
  auto second =
      Define(R"(SELECT {'y': true, 'spot': {'x': "offset"::BIGINT}} AS place, "offset" AS number, )"
             R"([{'born': DATE '2026-01-02', 'sku': value_text, 'n': "offset"::BIGINT}] AS items, )"
             R"(MAP {value_text: "offset"::DOUBLE} AS tags, ['w'] AS words FROM st_source())",
             {{"place", "STRUCT(y BOOLEAN, spot STRUCT(x BIGINT))"},
              {"number", "BIGINT"},
              {"items", "STRUCT(born DATE, sku VARCHAR, n BIGINT)[]"},
              {"tags", "MAP(VARCHAR, DOUBLE)"},
              {"words", "VARCHAR[]"}});
  EXPECT_THAT(Run(second, {"c"}).error().message(), HasSubstr("n is missing"));
  second.renames = {{"n", "number"}};
  MustRun(second, {});
  EXPECT_EQ(TypeOf(2), "list<5: struct<14: born: date, 6: sku: string, 7: n: long>>");
  EXPECT_THAT(
      Query("SELECT number, items, tags, place.y, place.spot.x, words FROM orders ORDER BY 1"),
      ElementsAre(R"([0,[[null,"a",0],null],{"a":0.0},null,0,null])",
                  R"([1,[[null,"b",1],null],{"b":1.0},null,1,null])",
                  R"([2,[["2026-01-02","c",2]],{"c":2.0},true,2,["w"]])"));

  // A field goes, and another one gets its name.
  auto third =
      Define(R"(SELECT "offset" AS number, [{'sku': value_text}] AS items FROM st_source())",
             {{"number", "BIGINT"}, {"items", "STRUCT(sku VARCHAR)[]"}});
  third.drops = {"place", "tags", "words", "items.element.n", "items.element.born"};
  MustRun(third, {"d"});
  auto last = Define(R"(SELECT "offset" AS number, [{'sku': value_text, 'n': 'text'}] AS items )"
                     R"(FROM st_source())",
                     {{"number", "BIGINT"}, {"items", "STRUCT(sku VARCHAR, n VARCHAR)[]"}});
  MustRun(last, {"e"});
  EXPECT_THAT(Query("SELECT number, items FROM orders ORDER BY 1"),
              ElementsAre(R"([0,[["a",null],null]])", R"([1,[["b",null],null]])",
                          R"([2,[["c",null]]])", R"([3,[["d",null]]])", R"([4,[["e","text"]]])"));
}

}  // namespace
}  // namespace st::stream
