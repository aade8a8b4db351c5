#include "worker/query/filters.h"

#include <gtest/gtest.h>

#include "sql/database.h"
#include "worker/query/check.h"
#include "worker/query/constants.h"
#include "worker/query/count_statement.h"

namespace st::worker::query {
namespace {

using Op = RowFilter::Op;

// A filter as text: "(1 > 5 and 2 = a)"; columns by their ids.
std::string Text(const RowFilter& filter) {
  const auto list = [&filter](const char* word) {
    std::string out;
    for (const auto& child : filter.children) out += (out.empty() ? "(" : word) + Text(child);
    return out + ")";
  };
  const auto column = std::to_string(filter.column_id);
  switch (filter.op) {
    case Op::kAny:
      return "any";
    case Op::kAll:
      return list(" and ");
    case Op::kOne:
      return list(" or ");
    case Op::kEqual:
      return column + " = " + filter.value;
    case Op::kLess:
      return column + " < " + filter.value;
    case Op::kLessOrEqual:
      return column + " <= " + filter.value;
    case Op::kGreater:
      return column + " > " + filter.value;
    case Op::kGreaterOrEqual:
      return column + " >= " + filter.value;
    case Op::kIsNull:
      return column + " is null";
    case Op::kIsNotNull:
      return column + " is not null";
  }
  return "?";
}

class FiltersTest : public ::testing::Test {
 protected:
  // What the statement says of each table that it uses: "t: any; u: 1 = 5".
  std::string Uses(const std::string& sql) {
    const auto checked = Check(sql);
    std::string out;
    for (const auto& use : checked.uses) {
      out += (out.empty() ? "" : "; ") + job_.tables[use.table].name + ": " + Text(use.filter);
    }
    return out;
  }
  // The filter of SELECT … FROM t WHERE `condition`.
  std::string Where(const std::string& condition) {
    return Uses("select * from t where " + condition).substr(3);
  }
  // The same once its expressions have their values.
  std::string Evaluated(const std::string& condition) {
    EXPECT_TRUE(connection_.Run("SET TimeZone = 'Asia/Kolkata'"));
    auto filter = Check("select * from t where " + condition).uses.at(0).filter;
    const auto done = EvaluateConstants(connection_, job_.tables[0], filter);
    EXPECT_TRUE(done) << done.error().message();
    EXPECT_FALSE(HasExpressions(filter));
    return Text(filter);
  }
  CheckedStatement Check(const std::string& sql) {
    const auto text = DuckText::From(sql).value();
    auto statement = connection_.Prepare("SELECT json_serialize_sql(CAST(? AS VARCHAR))").value();
    EXPECT_TRUE(statement.BindText(1, text.text()));
    auto rows = statement.Execute().value();
    const auto chunk = rows.Next().value();
    auto checked = CheckStatement(TreeFrom(std::string(chunk->Column(0).StringAt(0))), text, job_);
    EXPECT_TRUE(checked) << checked.error().message;
    return checked ? *checked : CheckedStatement();
  }

  const std::vector<jobs::TableColumn> columns_ = {
      {1, "n", "long"},           {2, "i", "int"},
      {3, "x", "double"},         {4, "price", "decimal(9, 2)"},
      {5, "name", "string"},      {6, "day", "date"},
      {7, "moment", "timestamp"}, {8, "tz", "timestamptz"},
      {9, "single", "float"},     {10, "code", "binary"}};
  jobs::QueryJob job_{.sql = "",
                      .tables = {{.schema = "default", .name = "t", .columns = columns_},
                                 {.schema = "default", .name = "u", .columns = columns_}}};
  sql::Database database_ = sql::Database::Open({}).value();
  sql::Connection connection_ = database_.Connect().value();
};

TEST_F(FiltersTest, ReadsComparisonsFromBothSides) {
  EXPECT_EQ(Where("n > 5"), "1 > 5");
  EXPECT_EQ(Where("-5 <= N"), "1 >= -5");
  EXPECT_EQ(Where("t.n = 5 and \"T\".i < 7"), "(1 = 5 and 2 < 7)");
  EXPECT_EQ(Where("n between 1 and 3"), "(1 >= 1 and 1 <= 3)");
  EXPECT_EQ(Where("n in (1, 2)"), "(1 = 1 or 1 = 2)");
  EXPECT_EQ(Where("name is null or n is not null"), "(5 is null or 1 is not null)");
  EXPECT_EQ(Where("i = 9007199254740993"), "2 = 9007199254740993");
}

TEST_F(FiltersTest, ReadsOnlyWhatDuckDbComparesInTheColumnsType) {
  EXPECT_EQ(Where("n = 1.5"), "any");
  EXPECT_EQ(Where("n = 99999999999999999999"), "any");
  EXPECT_EQ(Where("n = '5'"), "any");
  EXPECT_EQ(Where("x < 1e3"), "3 < 1000");
  EXPECT_EQ(Where("x < 0.5"), "3 < 0.5");
  EXPECT_EQ(Where("x = 9007199254740993"), "any");
  EXPECT_EQ(Where("price >= 14.2"), "4 >= 14.2");
  EXPECT_EQ(Where("price >= -0.05"), "4 >= -0.05");
  EXPECT_EQ(Where("price >= 14"), "4 >= 14");
  EXPECT_EQ(Where("price >= 1e1"), "any");
  EXPECT_EQ(Where("name = 'it''s'"), "5 = it's");
  EXPECT_EQ(Where("name = 5"), "any");
  EXPECT_EQ(Where("single = 0.5"), "any");
  EXPECT_EQ(Where("code = X'00'"), "any");
  EXPECT_EQ(Where("n = NULL"), "any");
}

TEST_F(FiltersTest, LeavesTimesToDuckDb) {
  EXPECT_EQ(Where("day = date '2026-11-29'"), "6 = CAST('2026-11-29' AS DATE)");
  EXPECT_EQ(Where("day = '2026-11-29'"), "6 = CAST('2026-11-29' AS DATE)");
  EXPECT_EQ(Evaluated("day = '2026-11-29'"), "6 = 2026-11-29");
  EXPECT_EQ(Where("moment < date '2026-11-29'"), "7 < CAST('2026-11-29' AS DATE)");
  EXPECT_EQ(Evaluated("moment < date '2026-11-29'"), "7 < 2026-11-29 00:00:00");
  EXPECT_EQ(Evaluated("moment < timestamp '2026-11-29 00:00:00 UTC'"), "any");
  EXPECT_EQ(Evaluated("tz < timestamp '2026-11-29 01:00:00'"), "8 < 2026-11-29 01:00:00+05:30");
  EXPECT_EQ(Evaluated("tz < timestamp '2026-11-29 01:00:00 UTC'"), "8 < 2026-11-29 06:30:00+05:30");
  EXPECT_EQ(Evaluated("tz >= date '2026-11-29'"), "8 >= 2026-11-29 00:00:00+05:30");
  EXPECT_EQ(Where("tz < try_cast('x' as timestamp)"), "any");
  EXPECT_EQ(Where("cast(tz as date) = date '2026-11-29'"), "any");
}

TEST_F(FiltersTest, ADayBeforeAMomentMayBeItsOwn) {
  EXPECT_EQ(Evaluated("day < timestamp '2026-11-29 12:00:00'"), "6 <= 2026-11-29");
  EXPECT_EQ(Evaluated("day > timestamp '2026-11-29 12:00:00'"), "6 >= 2026-11-29");
  EXPECT_EQ(Evaluated("day >= date '2026-11-29' - interval '7' day"), "6 >= 2026-11-22");
  EXPECT_EQ(Evaluated("day < timestamp '2026-11-29 00:00:00 UTC'"), "any");
}

TEST_F(FiltersTest, EvaluatesConstantExpressions) {
  EXPECT_EQ(Evaluated("n = cast('5' as bigint) and i < bigint '7'"), "(1 = 5 and 2 < 7)");
  EXPECT_EQ(Evaluated("n = 2 * 3 - -1"), "1 = 7");
  EXPECT_EQ(Evaluated("n = cast(5 as double)"), "any");
  EXPECT_EQ(Evaluated("x >= double '1.5' and x < cast(7 as double)"), "(3 >= 1.5 and 3 < 7.0)");
  EXPECT_EQ(Evaluated("price = cast(14.5 as decimal(12, 4))"), "4 = 14.5");
  EXPECT_EQ(Evaluated("price = cast(14 as integer) or price = cast(100 as decimal(9, 2))"),
            "(4 = 14 or 4 = 100)");
  EXPECT_EQ(Evaluated("name = cast('x' as varchar)"), "5 = x");
  EXPECT_EQ(Evaluated("name = cast(5 as varchar)"), "5 = 5");
  EXPECT_EQ(Evaluated("tz > timestamp '2026-11-29 01:00:00 UTC' - interval '90' minute"),
            "8 > 2026-11-29 05:00:00+05:30");
  EXPECT_EQ(Evaluated("moment > date_trunc('day', timestamp '2026-11-29 01:00:00')"),
            "7 > 2026-11-29 00:00:00");
  EXPECT_EQ(Evaluated("n = cast(null as bigint)"), "any");
  EXPECT_EQ(Where("n = cast(random() as bigint)"), "any");
  EXPECT_EQ(Where("n = 1e309"), "any");
}

TEST_F(FiltersTest, TakesTheTimeOfTheStatementForAConstant) {
  EXPECT_EQ(Where("tz > now() - interval '1' hour").substr(0, 15), "8 > (\"now\"() - ");
  EXPECT_EQ(Where("tz >= current_timestamp"), "8 >= current_timestamp");
  EXPECT_EQ(Where("day = current_date"), "6 = current_date");
  EXPECT_EQ(Where("tz between current_date - interval '7' day and now()").substr(0, 22),
            "(8 >= (current_date - ");
  EXPECT_EQ(Uses("select n as current_date from t where day = current_date"), "t: any");
  EXPECT_EQ(Uses("select * from (select 1 as Current_Date) x, t where t.day = current_date"),
            "t: any");
  EXPECT_EQ(connection_.Text("SELECT CAST(now() = current_timestamp AS VARCHAR)").value(), "true");
}

TEST_F(FiltersTest, WantsEveryRowOfWhatItCannotRead) {
  EXPECT_EQ(Where("n > 5 or length(name) = 3"), "any");
  EXPECT_EQ(Where("n > 5 and length(name) = 3"), "1 > 5");
  EXPECT_EQ(Where("not (n > 5)"), "1 <= 5") << "so DuckDB's tree has it";
  EXPECT_EQ(Where("not (n > 5 and i > 5)"), "any");
  EXPECT_EQ(Where("n <> 5"), "any");
  EXPECT_EQ(Where("n not in (5)"), "any");
  EXPECT_EQ(Where("n in (5, i)"), "any");
  EXPECT_EQ(Where("n is distinct from 5"), "any");
  EXPECT_EQ(Where("n > i"), "any");
  EXPECT_EQ(Where("u.n > 5"), "any") << "DuckDB will refuse it";
  std::string many = "n in (0";
  for (int i = 1; i <= 200; ++i) many += ", " + std::to_string(i);
  EXPECT_EQ(Where(many + ")"), "any");
  std::string deep = "n = 1";
  for (int i = 0; i < 50; ++i) deep = "(" + deep + " or i = 1) and n = 2";
  EXPECT_NE(Where(deep), "any");
}

TEST_F(FiltersTest, KnowsWhichTableAConditionIsOf) {
  EXPECT_EQ(Uses("select * from t as a where a.n > 5"), "t: 1 > 5");
  EXPECT_EQ(Uses("select * from t as a where t.n > 5"), "t: any");
  EXPECT_EQ(Uses("select * from t as a(p, q) where p > 5"), "t: any");
  EXPECT_EQ(Uses("select * from t, u where t.n > 5 and u.n = 3"), "t: 1 > 5; u: 1 = 3");
  EXPECT_EQ(Uses("select * from t, u where n > 5"), "t: any; u: any");
  EXPECT_EQ(Uses("select * from t join u on t.n = u.n where t.i > 5 and u.i is null"),
            "t: 2 > 5; u: 2 is null");
  EXPECT_EQ(Uses("select * from t left join u on t.n = u.n where t.i > 5 and u.i is null"),
            "t: 2 > 5; u: any");
  EXPECT_EQ(Uses("select * from t full join u on t.n = u.n where t.i > 5 and u.i = 1"),
            "t: any; u: any");
  EXPECT_EQ(Uses("select * from t right join u on t.n = u.n where t.i > 5"), "t: any; u: any");
}

TEST_F(FiltersTest, PutsAllPlacesOfATableTogether) {
  EXPECT_EQ(Uses("select * from t where n = 1 union all select * from t where n = 2"),
            "t: (1 = 1 or 1 = 2)");
  EXPECT_EQ(Uses("select * from t where n = 1 union all select * from t"), "t: any");
  EXPECT_EQ(Uses("with a as (select * from t where n = 1) select * from a where i = 2"),
            "t: 1 = 1");
  EXPECT_EQ(Uses("select (select max(n) from u where i = 3) from t where n = 1"),
            "t: 1 = 1; u: 2 = 3");
  EXPECT_EQ(Uses("select * from t tablesample bernoulli (10) where n = 1"), "t: any");
}

TEST_F(FiltersTest, KnowsAStatementThatOnlyCounts) {
  using Names = std::vector<std::string>;
  EXPECT_EQ(Check("select count(*) from t").counts, Names{"count_star()"});
  EXPECT_EQ(Check("select count(*) as N, COUNT(1) from t as x").counts,
            (Names{"N", "count_star()"}));
  for (const auto* other :
       {"select count(n) from t", "select count(*) from t where n = 1",
        "select count(*) + 1 from t", "select count(*) from t, u", "select count(*) from t limit 0",
        "select count(*) from t group by n", "select count(distinct 1) from t",
        "select count(*) filter (where n = 1) from t", "select count(*) from (select * from t)",
        "select count(*) from t having count(*) > 5", "select count(NULL) from t",
        "with t as (select 1) select count(*) from t", "select count(*) over () from t",
        "select count(*) from t tablesample bernoulli (10)", "select 1 from t"}) {
    EXPECT_EQ(Check(other).counts, Names{}) << other;
  }
  EXPECT_EQ(CountText({"count_star()", "a\"b"}, 12),
            "SELECT CAST(12 AS BIGINT) AS \"count_star()\", CAST(12 AS BIGINT) AS \"a\"\"b\"");
}

}  // namespace
}  // namespace st::worker::query
