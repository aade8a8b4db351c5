#include "dialect/spark/function_table.h"

#include <gtest/gtest.h>

#include "dialect/spark/testing.h"

namespace st::dialect::spark {
namespace {

TEST(FunctionTable, FillsInSimpleFunctions) {
  EXPECT_EQ(SqlOf("LCASE(t)"), "lower(t) STRING");
  EXPECT_EQ(SqlOf("trim(t)"), "trim(t, ' ') STRING");
  EXPECT_EQ(SqlOf("replace(t, 'a')"), "replace(t, 'a', '') STRING");
  EXPECT_EQ(SqlOf("replace(t, 'a', 'b')"), "replace(t, 'a', 'b') STRING");
  EXPECT_EQ(SqlOf("locate('a', t)"), "CAST(instr(t, 'a') AS INTEGER) INT");
  EXPECT_EQ(SqlOf("endswith(t, 'a')"), "suffix(t, 'a') BOOLEAN");
  EXPECT_EQ(SqlOf("upper(CAST(x AS STRING))"), "upper(decode(x)) STRING!");
}

TEST(FunctionTable, RefusesWrongArguments) {
  EXPECT_EQ(SqlOf("lower(n)"),
            "x.sql:1:7: lower takes STRING here, not BIGINT; write CAST(… AS STRING)");
  EXPECT_EQ(SqlOf("lower(t, t)"),
            "x.sql:1:1: 2 arguments do not fit; write lower(…) as docs/pipelines.md shows");
  EXPECT_EQ(SqlOf("abs()"), "x.sql:1:1: 0 arguments do not fit; write abs(number)");
}

TEST(FunctionTable, FindsItsOwnEntriesOnly) {
  EXPECT_EQ(SqlOf("lowr(t)"),
            "x.sql:1:1: function lowr is not supported; did you mean lower?; "
            "docs/pipelines.md lists those that are");
  EXPECT_EQ(SqlOf("regexp_full_match(t, 'a')").substr(0, 52),
            "x.sql:1:1: function regexp_full_match is not support")
      << "a function of DuckDB's is none of Spark's";
  EXPECT_EQ(SqlOf("count(*)"),
            "x.sql:1:1: aggregates (count) are not supported yet; aggregate the "
            "table when you query it");
}

TEST(FunctionTable, RefusesClocks) {
  EXPECT_TRUE(IsClockFunction("now"));
  EXPECT_FALSE(IsClockFunction("year"));
  EXPECT_EQ(SqlOf("now()"), "x.sql:1:1: " + ClockMessage("now"));
  EXPECT_EQ(SqlOf("unix_timestamp()"), "x.sql:1:1: " + ClockMessage("unix_timestamp"));
}

}  // namespace
}  // namespace st::dialect::spark
