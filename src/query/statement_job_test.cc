#include "query/statement_job.h"

#include <gtest/gtest.h>

#include "query/testing/fake_catalog.h"

namespace st::query {
namespace {

class StatementJobTest : public ::testing::Test {
 protected:
  StatementJobTest() {
    lake_.Add("default", "purchases", {{1, "host", "string"}}, {"/w/a.parquet", "/w/b.parquet"});
    lake_.Add("bad", "rows", {{1, "code", "string"}}, {"/w/bad.parquet"});
  }
  StatementJob Made(const std::string& sql, statement::Session session = {}) {
    return JobFor({.sql = sql, .session = std::move(session), .address = "127.0.0.1"}, lake_,
                  {.max_rows = 7, .memory_limit_bytes = 8});
  }
  jobs::QueryJob Job(const std::string& sql, statement::Session session = {}) {
    return Made(sql, std::move(session)).job;
  }

  // Each file is intact.
  static std::vector<std::vector<std::string>> Files(StatementJob& made,
                                                     const std::vector<jobs::TableUse>& uses) {
    return ChooseFilesOf(made, uses, [](const auto&, const auto&) { return Status(); }).value();
  }

  testing::FakeCatalog lake_;
};

TEST_F(StatementJobTest, NamesAllTablesWithoutTheirFiles) {
  const auto job = Job("select host from PURCHASES");
  ASSERT_EQ(job.tables.size(), 2U);
  EXPECT_EQ(job.tables[0].name, "rows");
  EXPECT_EQ(job.tables[0].columns.size(), 1U);
  for (const auto& table : job.tables) {
    EXPECT_TRUE(table.asks_for_files);
    EXPECT_TRUE(table.files.empty());
  }
}

TEST_F(StatementJobTest, HoldsTheViewsOfTheTablesThatItReads) {
  auto made = Made("select host from purchases");
  EXPECT_EQ(made.views.size(), 2U);
  const auto files = Files(made, {{.table = 1}});
  EXPECT_EQ(files, (std::vector<std::vector<std::string>>{{"/w/a.parquet", "/w/b.parquet"}}));
  ASSERT_EQ(made.views.size(), 1U);
  EXPECT_EQ(made.views[0]->name.name, "purchases");
}

TEST_F(StatementJobTest, ATableThatThereIsNotHasNoFiles) {
  auto made = Made("select host from purchases");
  const auto files = Files(made, {{.table = 7}, {.table = 0}});
  EXPECT_EQ(files, (std::vector<std::vector<std::string>>{{}, {"/w/bad.parquet"}}));
}

// The text of a statement may hold the name of a table that it does not read.
TEST_F(StatementJobTest, ADamagedTableLeavesTheDecisionToTheWorker) {
  lake_.Damage("bad", "rows");
  const auto job = Job("select host from purchases");
  ASSERT_EQ(job.tables.size(), 2U);
  EXPECT_EQ(job.tables[0].damage, "rows is damaged");
  EXPECT_EQ(job.tables[1].damage, "");
  auto made = Made("select host from purchases");
  EXPECT_EQ(Files(made, {{.table = 1}, {.table = 0}}).at(0).size(), 2U);
}

TEST_F(StatementJobTest, AFileThatIsNotAsItsCommitEndsTheStatement) {
  auto made = Made("select host from purchases");
  std::vector<std::string> checked;
  const auto files = ChooseFilesOf(made, {{.table = 1}}, [&](const auto& table, const auto& file) {
    checked.push_back(table.name.name + " " + file.location);
    return Status(Fail(ErrorCode::kCorruption, "rot"));
  });
  EXPECT_EQ(files.error().message(), "rot");
  EXPECT_EQ(checked, std::vector<std::string>{"purchases /w/a.parquet"});
}

TEST_F(StatementJobTest, CarriesSessionAndLimits) {
  const auto plain = Job("select 1");
  EXPECT_EQ(plain.catalog, "lake");
  EXPECT_EQ(plain.schema, "default");
  EXPECT_EQ(plain.max_rows, 7);
  EXPECT_EQ(plain.memory_limit_bytes, 8);
  const auto session = statement::Session{.catalog = "LAKE",
                                          .schema = "Bad",
                                          .time_zone = "Europe/Berlin",
                                          .parametric_datetime = true};
  const auto job = Job("select 1", session);
  EXPECT_EQ(job.catalog, "lake");
  EXPECT_EQ(job.schema, "bad");
  EXPECT_EQ(job.time_zone, "Europe/Berlin");
  EXPECT_TRUE(job.parametric_datetime);
}

}  // namespace
}  // namespace st::query
