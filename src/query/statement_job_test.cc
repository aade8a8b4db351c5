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
  Result<StatementJob> Made(const std::string& sql, statement::Session session = {}) {
    return JobFor({.sql = sql, .session = std::move(session), .address = "127.0.0.1"}, lake_,
                  {.max_rows = 7, .memory_limit_bytes = 8});
  }
  Result<jobs::QueryJob> Job(const std::string& sql, statement::Session session = {}) {
    ST_TRY(auto made, Made(sql, std::move(session)));
    return std::move(made.job);
  }

  testing::FakeCatalog lake_;
};

TEST_F(StatementJobTest, NamesAllTablesButFilesOnlyOfThoseItMayRead) {
  const auto job = Job("select host from PURCHASES").value();
  ASSERT_EQ(job.tables.size(), 2U);
  EXPECT_EQ(job.tables[0].name, "rows");
  EXPECT_EQ(job.tables[0].columns.size(), 1U);
  EXPECT_TRUE(job.tables[0].files.empty());
  EXPECT_EQ(job.tables[1].files.size(), 2U);
  EXPECT_EQ(Job("select 1 from U&\"\\0072ows\"").value().tables[0].files.size(), 1U);
}

TEST_F(StatementJobTest, HoldsTheViewsOfTheTablesThatItReads) {
  const auto made = Made("select host from purchases").value();
  ASSERT_EQ(made.views.size(), 1U);
  EXPECT_EQ(made.views[0]->name.name, "purchases");
}

TEST_F(StatementJobTest, ATableWithAnotherNameMayBeMeantByAnyStatement) {
  lake_.Add("default", "Straße", {{1, "host", "string"}}, {"/w/c.parquet"});
  const auto job = Job("select 1").value();
  EXPECT_EQ(job.tables[1].name, "Straße");
  EXPECT_EQ(job.tables[1].files.size(), 1U);
}

TEST_F(StatementJobTest, ADamagedTableIsAnErrorWhereItIsNamed) {
  lake_.Damage("bad", "rows");
  EXPECT_EQ(Job("select host from purchases").value().tables.size(), 1U);
  EXPECT_EQ(Job("select * from bad.rows").error().code(), ErrorCode::kCorruption);
}

TEST_F(StatementJobTest, CarriesSessionAndLimits) {
  const auto plain = Job("select 1").value();
  EXPECT_EQ(plain.catalog, "lake");
  EXPECT_EQ(plain.schema, "default");
  EXPECT_EQ(plain.max_rows, 7);
  EXPECT_EQ(plain.memory_limit_bytes, 8);
  const auto session = statement::Session{.catalog = "LAKE",
                                          .schema = "Bad",
                                          .time_zone = "Europe/Berlin",
                                          .parametric_datetime = true};
  const auto job = Job("select 1", session).value();
  EXPECT_EQ(job.catalog, "lake");
  EXPECT_EQ(job.schema, "bad");
  EXPECT_EQ(job.time_zone, "Europe/Berlin");
  EXPECT_TRUE(job.parametric_datetime);
}

}  // namespace
}  // namespace st::query
