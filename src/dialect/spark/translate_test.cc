#include "dialect/spark/translate.h"

#include <gtest/gtest.h>

#include "dialect/emit.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/parser.h"

namespace st::dialect::spark {
namespace {

std::string Translated(const std::string& select, bool is_json, const std::string& views = "") {
  const SourceText source("x.sql", "CREATE STREAMING TABLE t AS " + select + ";" + views);
  const auto statements = ParseStatements(source).value();
  const auto translation =
      Translate(source, statements.tables.at(0).query, statements.views, is_json);
  if (translation) return ToSql(translation->plan);
  return translation.error().message().substr(0, translation.error().message().find('\n'));
}

constexpr std::string_view kA = "get_json_object(CAST(value AS STRING), '$.a')";
constexpr std::string_view kB = "get_json_object(CAST(value AS STRING), '$.b')";

TEST(Translate, ReadsEachValueOnceForAllFields) {
  EXPECT_EQ(
      Translated(fmt::format("SELECT {0} AS a, {1} AS b, upper({0}) AS c, offset FROM "
                             "STREAM(e)",
                             kA, kB),
                 true),
      "SELECT fields[1] AS \"a\", fields[2] AS \"b\", spark_upper(fields[1]) AS \"c\", \"offset\" "
      "AS \"offset\" FROM (SELECT \"offset\", value_text, spark_json_fields(value_text, "
      "'[\"$.a\",\"$.b\"]') AS fields FROM st_source())");
}

TEST(Translate, TakesTheFieldsOfWhereBelowTheSelect) {
  EXPECT_EQ(Translated(fmt::format("SELECT {0} AS a FROM STREAM(e) WHERE {1} = 'x'", kA, kB), true),
            "SELECT fields[1] AS \"a\" FROM (SELECT value_text, spark_json_fields(value_text, "
            "'[\"$.a\"]') AS fields FROM st_source() WHERE (spark_json_path(value_text, "
            "'$.b') = 'x'))");
  EXPECT_EQ(Translated("SELECT topic FROM STREAM(e) WHERE offset > 1L", true),
            "SELECT topic AS \"topic\" FROM st_source() WHERE (\"offset\" > CAST('1' AS BIGINT))");
}

TEST(Translate, DecodesEachValueUnlessTheReaderHas) {
  EXPECT_EQ(
      Translated(fmt::format("SELECT {} AS a FROM STREAM(e)", kA), false),
      "SELECT fields[1] AS \"a\" FROM (SELECT value, value_text, spark_json_fields(CASE WHEN value "
      "IS NOT NULL AND value_text IS NULL THEN spark_binary_to_text(value) ELSE value_text END, "
      "'[\"$.a\"]') AS fields FROM st_source())");
}

TEST(Translate, SpellsEarlierNamesOut) {
  EXPECT_EQ(
      Translated("SELECT lower(topic) AS a, a || 'x' AS b FROM STREAM(e)", true),
      "SELECT spark_lower(topic) AS \"a\", (spark_lower(topic) || 'x') AS \"b\" FROM st_source()");
  EXPECT_EQ(Translated("SELECT lower(topic) AS topic, topic || 'x' AS b FROM STREAM(e)", true),
            "SELECT spark_lower(topic) AS \"topic\", (topic || 'x') AS \"b\" FROM st_source()")
      << "a column of the stream comes before an earlier name";
}

TEST(Translate, SaysWhichNameIsWrong) {
  EXPECT_EQ(Translated("SELECT ofset FROM STREAM(e)", true),
            "x.sql:1:36: column 'ofset' does not exist; did you mean offset?; a stream has key, "
            "value, topic, partition, offset, timestamp, timestampType");
  EXPECT_EQ(Translated("SELECT o.offset FROM STREAM(e)", true),
            "x.sql:1:36: 'o' names no stream here; the stream is called e");
  EXPECT_EQ(Translated("SELECT 1 AS a, 2 AS A FROM STREAM(e)", true),
            "x.sql:1:44: two columns are called 'a'");
  EXPECT_EQ(Translated("SELECT 1 AS a FROM STREAM(e) WHERE a = 1", true),
            "x.sql:1:64: 'a' is made by the SELECT, which comes after WHERE; repeat its expression "
            "here");
}

TEST(Translate, ReadsQueriesInQueries) {
  EXPECT_EQ(
      Translated("SELECT b FROM (SELECT offset + 1 AS b FROM STREAM(e) WHERE topic = 'x') AS i "
                 "WHERE i.b > 5",
                 true),
      "SELECT \"b\" AS \"b\" FROM (SELECT (\"offset\" + CAST(1 AS BIGINT)) AS \"b\" FROM "
      "st_source() WHERE (topic = 'x')) WHERE (\"b\" > CAST(5 AS BIGINT))");
  EXPECT_EQ(Translated("WITH w (k) AS (SELECT topic FROM STREAM(e)), v AS (SELECT k FROM w) SELECT "
                       "v.* FROM v",
                       true),
            "SELECT \"k\" AS \"k\" FROM (SELECT \"k\" AS \"k\" FROM (SELECT topic AS \"k\" FROM "
            "st_source()))");
  EXPECT_EQ(Translated("SELECT k FROM STREAM(seen)", true,
                       "CREATE TEMPORARY VIEW Seen AS SELECT topic AS k FROM STREAM(e)"),
            "SELECT \"k\" AS \"k\" FROM (SELECT topic AS \"k\" FROM st_source())");
}

TEST(Translate, UnitesStreamsByTheirTopics) {
  EXPECT_EQ(
      Translated("SELECT partition AS p FROM STREAM(a) WHERE offset > 1L UNION ALL SELECT "
                 "offset FROM STREAM(b)",
                 true),
      "SELECT \"p\" AS \"p\" FROM (SELECT CAST(\"p\" AS BIGINT) AS \"p\" FROM (SELECT "
      "\"partition\" AS \"p\" FROM st_source() WHERE (topic = 'a') AND (\"offset\" > CAST('1' "
      "AS BIGINT))) UNION ALL SELECT \"offset\" AS \"offset\" FROM st_source() WHERE (topic = "
      "'b'))");
}

TEST(Translate, ReadsATopicTwice) {
  EXPECT_EQ(
      Translated("SELECT topic AS t FROM STREAM(a) UNION ALL SELECT topic FROM STREAM(a)", true),
      "SELECT \"t\" AS \"t\" FROM (SELECT topic AS \"t\" FROM st_source() UNION ALL SELECT "
      "topic AS \"topic\" FROM st_source())")
      << "its records need no condition";
  const std::string text =
      "CREATE TEMPORARY VIEW v AS SELECT topic FROM STREAM(b); CREATE STREAMING TABLE t AS SELECT "
      "topic FROM STREAM(a) UNION ALL SELECT topic FROM STREAM(v) UNION ALL SELECT topic FROM "
      "STREAM(b) UNION ALL SELECT topic FROM STREAM(a)";
  const SourceText source("x.sql", text);
  const auto statements = ParseStatements(source).value();
  const auto made = Translate(source, statements.tables.at(0).query, statements.views, true);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->topics, (std::vector<std::string>{"a", "b"}));
}

TEST(Translate, MakesRowsOfOneRecord) {
  EXPECT_EQ(Translated("SELECT offset, explode(array(1, 2)) AS x FROM STREAM(e)", true),
            "SELECT \"offset\" AS \"offset\", unnest([1, 2]) AS \"x\" FROM st_source()");
  EXPECT_EQ(
      Translated("SELECT explode(map('a', 1)), topic FROM STREAM(e)", true),
      "SELECT struct_extract(st_row, 'key') AS \"key\", struct_extract(st_row, 'value') AS "
      "\"value\", \"topic\" AS \"topic\" FROM (SELECT unnest(map_entries(map(['a'], [1]))) AS "
      "st_row, topic AS \"topic\" FROM st_source())");
  EXPECT_EQ(
      Translated("SELECT x FROM (SELECT array(1) AS a FROM STREAM(e)) LATERAL VIEW OUTER "
                 "explode(a) l AS x WHERE l.x > 0",
                 true),
      "SELECT \"x\" AS \"x\" FROM (SELECT \"a\" AS \"a\", st_row AS \"x\" FROM (SELECT \"a\" AS "
      "\"a\", unnest(CASE WHEN len(\"a\") > 0 THEN \"a\" ELSE CAST([NULL] AS INTEGER[]) END) AS "
      "st_row FROM (SELECT [1] AS \"a\" FROM st_source()))) WHERE (\"x\" > 0)");
}

TEST(Translate, JoinsTheRowsOfSubqueries) {
  EXPECT_EQ(
      Translated("SELECT x FROM (SELECT array(1) AS a FROM STREAM(e)) AS r, LATERAL "
                 "(SELECT y + 1 AS x FROM explode(r.a) AS g(y)) AS q WHERE q.x > 0",
                 true),
      "SELECT \"x\" AS \"x\" FROM (SELECT \"a\" AS \"a\", st_row AS \"x\" FROM (SELECT \"a\" AS "
      "\"a\", unnest(list_transform(\"a\", lambda st_each_1: (st_each_1 + 1))) AS st_row FROM "
      "(SELECT [1] AS \"a\" FROM st_source()))) WHERE (\"x\" > 0)");
  EXPECT_TRUE(
      Translated("SELECT offset, n FROM STREAM(e) LEFT JOIN LATERAL (SELECT 1 AS n WHERE "
                 "offset > 1) ON n > 0",
                 true)
          .contains("unnest([(CASE WHEN (\"offset\" > CAST(1 AS BIGINT)) AND (1 > 0) THEN 1 "
                    "END)]) AS st_row"));
}

TEST(Translate, TakesFieldsOfTheValueInASubquery) {
  EXPECT_EQ(Translated(fmt::format("SELECT (SELECT {}) AS a FROM STREAM(e) WHERE EXISTS (SELECT 1 "
                                   "WHERE {} = 'x')",
                                   kA, kB),
                       true),
            "SELECT fields[1] AS \"a\" FROM (SELECT value_text, spark_json_fields(value_text, "
            "'[\"$.a\"]') AS fields FROM st_source() WHERE ((spark_json_path(value_text, '$.b') = "
            "'x') IS TRUE))");
}

TEST(Translate, RefusesASelectWithoutAStream) {
  for (const auto* select :
       {"SELECT 1 AS a", "VALUES (1)", "SELECT a FROM VALUES (1) AS v(a)",
        "SELECT col FROM explode(array(1))", "SELECT a FROM (SELECT 1 AS a)"}) {
    EXPECT_TRUE(Translated(select, true).contains("this SELECT reads no stream")) << select;
  }
}

TEST(Translate, RefusesViewsThatGrowAsPowers) {
  std::string views = "CREATE TEMPORARY VIEW v0 AS SELECT topic FROM STREAM(e)";
  for (int i = 1; i < 30; ++i) {
    views += fmt::format(
        "; CREATE TEMPORARY VIEW v{0} AS SELECT * FROM STREAM(v{1}) UNION ALL "
        "SELECT * FROM STREAM(v{1})",
        i, i - 1);
  }
  EXPECT_TRUE(Translated("SELECT topic FROM STREAM(v8)", true, views).contains("UNION ALL"));
  EXPECT_TRUE(Translated("SELECT topic FROM STREAM(v29)", true, views)
                  .contains("a statement reads at most 1000 SELECTs"));
}

TEST(Translate, SaysWhatIsWrongInQueries) {
  EXPECT_EQ(Translated("SELECT c FROM (SELECT topic AS b FROM STREAM(e))", true),
            "x.sql:1:36: column 'c' does not exist; did you mean b?; what is read has b");
  EXPECT_EQ(Translated("SELECT b FROM b", true),
            "x.sql:1:43: a streaming table reads a stream: write FROM STREAM(topic)");
  EXPECT_EQ(Translated("WITH w AS (SELECT k FROM w) SELECT k FROM w", true),
            "x.sql:1:54: a streaming table reads a stream: write FROM STREAM(topic)");
  EXPECT_EQ(Translated("SELECT topic FROM STREAM(v)", true,
                       "CREATE TEMPORARY VIEW v AS SELECT topic FROM STREAM(v)"),
            "x.sql:1:84: queries are nested deeper than 32 levels, views with what they read "
            "counted");
  EXPECT_EQ(Translated("SELECT topic FROM v", true,
                       "CREATE TEMPORARY VIEW v AS SELECT topic FROM STREAM(e)"),
            "x.sql:1:47: a view over a stream is read as one: write FROM STREAM(v)");
  EXPECT_EQ(
      Translated("SELECT explode(array(1)) AS a, explode(array(2)) AS b FROM STREAM(e)", true),
      "x.sql:1:60: a SELECT has one generator; write a LATERAL VIEW for each");
  EXPECT_EQ(Translated("SELECT upper(explode(array('a'))) AS a FROM STREAM(e)", true),
            "x.sql:1:42: explode makes rows, so it stands alone in the SELECT, as in SELECT "
            "explode(…) AS …, or in LATERAL VIEW");
  EXPECT_EQ(
      Translated("SELECT topic FROM STREAM(e) UNION ALL SELECT topic, 1 AS b FROM STREAM(e)", true),
      "x.sql:1:67: UNION ALL of 1 and 2 columns");
}

// Each column repeats the one before it, so the total SQL grows with the square of their number.
// The constants of a SELECT that may fail, each with what stands at its place.
std::string ConstantsOf(const std::string& select) {
  const std::string text = "CREATE STREAMING TABLE t AS " + select;
  const SourceText source("x.sql", text);
  const auto statements = ParseStatements(source).value();
  const auto made = Translate(source, statements.tables.at(0).query, statements.views, false);
  if (!made) return made.error().message();
  std::string out;
  for (const auto& constant : made->constants) {
    const auto at = text.substr(constant.position, 4);
    out += fmt::format("{}{} at {}", out.empty() ? "" : "; ", ToSql(constant.value), at);
  }
  return out;
}

TEST(Translate, FindsTheConstantsThatMayFail) {
  EXPECT_EQ(ConstantsOf("SELECT 1 + 1 AS a, CAST('5' AS INT) AS b, upper('x') AS c FROM STREAM(e)"),
            "(1 + 1) at + 1 ");
  EXPECT_EQ(ConstantsOf("SELECT partition + CAST('6.5' AS INT) AS a FROM STREAM(e)"),
            "spark_text_to_int('6.5') at CAST");
  EXPECT_EQ(
      ConstantsOf("SELECT offset FROM STREAM(e) WHERE offset > 1 AND timestamp > '2026-02-30'"),
      "spark_text_to_timestamp('2026-02-30') at '202");
  EXPECT_EQ(ConstantsOf("SELECT abs(CAST('x' AS INT)) AS a FROM STREAM(e)"),
            "abs(spark_text_to_int('x')) at abs(")
      << "as large as can be";
  EXPECT_EQ(ConstantsOf("SELECT CASE WHEN offset < 0 THEN CAST('x' AS INT) END AS a, "
                        "coalesce(partition, CAST('x' AS INT)) AS b, "
                        "CAST(raise_error('x') AS STRING) AS c FROM STREAM(e)"),
            "")
      << "a branch may never be taken";
}

TEST(Translate, LimitsTheSqlThatRepeatedNamesMake) {
  std::string chain = "SELECT offset AS c0";
  for (int i = 1; i < 20'000; ++i) chain += fmt::format(", -c{} AS c{}", i - 1, i);
  EXPECT_NE(Translated(chain + " FROM STREAM(e)", true).find("bytes of SQL; the limit is 524288"),
            std::string::npos);
  std::string half;
  for (int i = 0; i < kMaxPlanDepth / 2; ++i) half += "+offset";
  const std::string deep = fmt::format("SELECT offset{} AS c0, c0{}+offset AS c1", half, half);
  EXPECT_NE(Translated(deep + " FROM STREAM(e)", true).find("nested deeper than 950 levels"),
            std::string::npos);
}

}  // namespace
}  // namespace st::dialect::spark
