// Tests the parts that need no worker: spelling, places and values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/nested_type.h"
#include "worker/query/check.h"
#include "worker/query/errors.h"
#include "worker/query/functions.h"
#include "worker/query/macros.h"
#include "worker/query/rows.h"
#include "worker/query/text.h"
#include "worker/query/trino_messages.h"
#include "worker/query/types.h"

namespace st::worker::query {
namespace {

using ::testing::HasSubstr;

std::string Duck(std::string_view sql) {
  const auto text = DuckText::From(sql);
  return text ? text->text() : text.error().name + ": " + text.error().message;
}

TEST(DuckText, RewritesSpellingsOutsideOfStringsOnly) {
  EXPECT_EQ(Duck("select * from default.t"), "select * from \"default\".t");
  EXPECT_EQ(Duck("select 'default', \"DEFAULT\" -- default\n/* default */ from lake.DEFAULT.t"),
            "select 'default', \"DEFAULT\" -- default\n/* default */ from lake.DEFAULT.t");
  EXPECT_EQ(Duck("select offset, max(Offset) from t order by offset desc limit 2 offset 3"),
            "select \"offset\", max(\"offset\") from t order by \"offset\" desc limit 2 offset 3");
  EXPECT_EQ(Duck("select 2 * offset, count(*) from t limit 3"),
            "select 2 * \"offset\", count(*) from t limit 3");
  EXPECT_EQ(Duck("select X'0a', x from t"), "select unhex('0a'), x from t");
  EXPECT_EQ(Duck("cast(a as array(array(int)))"), "cast(a as int[][])");
  EXPECT_EQ(Duck("lag(x) ignore nulls over (order by y)"),
            "lag(x ignore nulls)   over (order by y)");
  EXPECT_EQ(Duck("decimal '1.50', decimal 'x'"), " cast('1.50' as decimal(3, 2)), decimal 'x'");
  EXPECT_EQ(Duck("decimal '-007', decimal '.5', decimal '0'"),
            " cast('-007' as decimal(1, 0)),  cast('.5' as decimal(1, 1)),"
            "  cast('0' as decimal(1, 0))");
  EXPECT_EQ(Duck("cast(x as decimal), try_cast(f(a, b) as json), cast(x as decimal(9, 2))"),
            "cast(x as decimal(38, 0)), to_json(f(a, b)  ), cast(x as decimal(9, 2))");
  EXPECT_EQ(Duck("json '[1]', select 1 as json"), "json_parse ('[1]'), select 1 as json");
  EXPECT_EQ(Duck("if(a, f(b, c)), if(a, b, c)"), "if(a, f(b, c), null), if(a, b, c)");
  EXPECT_EQ(Duck("extract(dow from x), extract(year from x)"),
            "extract(isodow from x), extract(year from x)");
  EXPECT_EQ(Duck("max_by(x, y), max_by(x, f(y, 1), 2)"),
            "arg_max_null(x, y), max_by(x, f(y, 1), 2)");
  EXPECT_EQ(Duck("X'0a ff'"), "unhex('0aff')");
  EXPECT_EQ(Duck("timestamp '2026-01-01 10:00:00 UTC', timestamp '2026-01-01 10:00:00'"),
            "timestamptz '2026-01-01 10:00:00 UTC', timestamp '2026-01-01 10:00:00'");
  EXPECT_EQ(Duck("timestamp '2026-01-01 10:00:00 +02:00'"),
            "timestamptz '2026-01-01 10:00:00+02:00'");
  EXPECT_EQ(Duck("approx_distinct(x), t.approx_distinct(x), approx_distinct"),
            "approx_count_distinct(x), t.approx_distinct(x), approx_distinct");
  EXPECT_EQ(Duck("date_parse(s, '%Y %i:%s')"), "strptime(s, '%Y %M:%S')");
}

TEST(DuckText, MapsPlacesBackToTheStatement) {
  const auto text = DuckText::From("select é,\n default.b, x'00', nosuch");
  ASSERT_TRUE(text);
  const auto place = text->PlaceAt(text->text().find("nosuch"));
  EXPECT_EQ(place.line, 2);
  EXPECT_EQ(place.column, 20);
  EXPECT_EQ(text->WordAt(text->text().find("\"default\"")), "default");
  EXPECT_EQ(text->NameAt(text->text().find("\"default\"")), "default.b");
  EXPECT_EQ(text->PlaceAt(1'000'000).line, 2);
}

TEST(DuckText, RefusesInvalidBytesAndDeepNesting) {
  EXPECT_THAT(Duck(std::string_view("select \0 1", 10)), HasSubstr("SYNTAX_ERROR"));
  EXPECT_THAT(Duck("select '\xff'"), HasSubstr("SYNTAX_ERROR"));
  EXPECT_THAT(Duck(std::string(201, '(')), HasSubstr("line 1:201: statement is nested deeper"));
  for (const char* odd : {"'", "\"", "$$", "$a$", "/*", "e'\\", "x'", "array(", "date_parse(", ")",
                          "lag(x) ignore", "decimal '", "1e", "."}) {
    const auto text = DuckText::From(odd);
    if (text) EXPECT_EQ(text->statement(), odd);
  }
}

TEST(FunctionList, HasOnlyFunctionsWithoutSideEffects) {
  for (const char* name : {"count", "json_extract_scalar", "abs", "+", "list_transform"}) {
    EXPECT_TRUE(IsAllowedFunction(name)) << name;
  }
  for (const char* name :
       {"", "getenv", "current_setting", "read_text", "query", "st_path",
        "json_execute_serialized_sql", "write_log", "nextval", "repeat", "format", "json_value"}) {
    EXPECT_FALSE(IsAllowedFunction(name)) << name;
  }
  EXPECT_TRUE(IsAllowedTableFunction("unnest"));
  EXPECT_FALSE(IsAllowedTableFunction("read_parquet"));
}

TEST(Macros, IncludeTheMacrosThatTheNamedOnesUse) {
  EXPECT_THAT(MacrosFor({"abs"}), testing::IsEmpty());
  EXPECT_THAT(MacrosFor({"date_format"}),
              testing::ElementsAre(testing::StartsWith("CREATE MACRO st_fail(message)"),
                                   testing::StartsWith("CREATE MACRO st_format1(f)"),
                                   testing::StartsWith("CREATE MACRO st_format2(f)"),
                                   testing::StartsWith("CREATE MACRO st_format0(f)"),
                                   testing::StartsWith("CREATE MACRO st_format(f)"),
                                   testing::StartsWith("CREATE MACRO date_format(x, f)")));
  // `typeof` is the last macro of the file, and `sequence` has several signatures.
  EXPECT_THAT(MacrosFor({"typeof", "sequence"}),
              testing::ElementsAre(testing::EndsWith("generate_series(a, b, s)"),
                                   testing::StartsWith("CREATE MACRO st_array_name(name)"),
                                   testing::StartsWith("CREATE MACRO st_type_name(name)"),
                                   testing::EndsWith("lower(system.main.typeof(x)))")));
}

TEST(CheckStatement, RefusesAnyKeyThatItDoesNotKnow) {
  const auto text = DuckText::From("select 1");
  ASSERT_TRUE(text);
  const auto check = [&](const char* node) {
    const auto parsed = nlohmann::json::parse(
        std::string(R"({"error": false, "statements": [{"node": )") + node + "}]}");
    const auto got = CheckStatement(parsed, *text, {});
    return got ? std::string("ok") : got.error().name;
  };
  EXPECT_EQ(check(R"({"type": "SELECT_NODE", "select_list": []})"), "ok");
  EXPECT_EQ(check(R"({"type": "SELECT_NODE", "select_list": [], "news": [{"class": "X"}]})"),
            "NOT_SUPPORTED");
  EXPECT_EQ(check(R"({"type": "NEWS_NODE"})"), "NOT_SUPPORTED");
  EXPECT_EQ(check(R"({"type": "SELECT_NODE", "select_list": [{"class": "NEWS"}]})"),
            "NOT_SUPPORTED");
  EXPECT_EQ(check(R"({"type": "SELECT_NODE", "from_table": {"type": "SHOW_REF"}})"),
            "NOT_SUPPORTED");
  EXPECT_EQ(CheckStatement(nlohmann::json(), *text, {}).error().name, "SYNTAX_ERROR");
}

std::string Decimal(sql::Int128 value, int scale) {
  std::string out;
  AppendDecimal(value, scale, out);
  return out;
}

TEST(RowWriter, WritesExtremeValues) {
  EXPECT_EQ(Decimal({0, 0}, 2), "0.00");
  EXPECT_EQ(Decimal({static_cast<std::uint64_t>(-5), -1}, 2), "-0.05");
  EXPECT_EQ(Decimal({~0ULL, 0x7fffffffffffffffLL}, 0), "170141183460469231731687303715884105727");
  std::string out;
  AppendDate(-719'528, out);
  EXPECT_EQ(out, "0000-01-01");
  out.clear();
  AppendTimestamp(-1, 6, 6, out);
  EXPECT_EQ(out, "1969-12-31 23:59:59.999999");
  out.clear();
  AppendTimestamp(1'500'000, 6, 3, out);
  EXPECT_EQ(out, "1970-01-01 00:00:01.500");
}

TEST(TrinoTypes, HaveTheNamesThatOldClientsKnow) {
  const sql::Type timestamp{.id = sql::TypeId::kTimestampTz};
  EXPECT_EQ(TrinoTypeOf(timestamp, true)->name, "timestamp(6) with time zone");
  EXPECT_EQ(TrinoTypeOf(timestamp, true)->signature,
            R"({"arguments":[{"kind":"LONG","value":6}],"rawType":"timestamp with time zone"})");
  EXPECT_EQ(TrinoTypeOf(timestamp, false)->name, "timestamp with time zone");
  const sql::Type list{.id = sql::TypeId::kList, .children = {{.id = sql::TypeId::kBigint}}};
  EXPECT_EQ(TrinoTypeOf(list, true)->signature,
            R"({"arguments":[{"kind":"TYPE","value":{"arguments":[],"rawType":"bigint"}}],)"
            R"("rawType":"array"})");
  EXPECT_EQ(TrinoTypeOf({.id = sql::TypeId::kBit}, true), std::nullopt);
}

TEST(TableFiles, AColumnHasTheTypeThatReadsIt) {
  EXPECT_EQ(DuckDbTypeOf(PrimitiveType("decimal(9, 2)")), "DECIMAL(9,2)");
  EXPECT_EQ(DuckDbTypeOf(PrimitiveType("decimal(39, 2)")), std::nullopt);
  EXPECT_EQ(DuckDbTypeOf(PrimitiveType("int'); drop")), std::nullopt);
}

TEST(QueryErrors, AreWordedAsTrinoDoes) {
  const std::pair<const char*, const char*> messages[] = {
      {"Could not convert string 'x' to INT64", "Cannot cast 'x' to bigint"},
      {"Could not convert string 'h:1' to BOOL when casting from source column host",
       "Cannot cast 'h:1' to boolean"},
      {"Could not convert string \"1.x\" to DECIMAL(18,3)", "Cannot cast '1.x' to decimal(18,3)"},
      {"invalid date field format: \"abc\", expected format is (YYYY-MM-DD)",
       "Value cannot be cast to date: abc"},
      {"date field value out of range: \"2020-13-01\"", "Value cannot be cast to date: 2020-13-01"},
      {"Type INT32 with value 300 can't be cast because the value is out of range for the "
       "destination type INT8",
       "Out of range for tinyint: 300"},
      {"Type VARCHAR with value 'h' can't be cast to the destination type BIGINT[] when casting "
       "from source column host",
       "Cannot cast 'h' to array(bigint)"},
      {"No function matches the given name and argument types 'upper(VARCHAR, INTEGER_LITERAL)'",
       "Unexpected parameters (varchar, integer) for function upper"},
      {"No function matches the given name and argument types '+(VARCHAR, INTEGER_LITERAL)'",
       "'+' cannot be applied to varchar, integer"},
      {"Overflow in addition of INT32 (2147483647 + 1)!",
       "integer addition overflow: 2147483647 + 1"},
      {"column \"host\" must appear in the GROUP BY clause or must be part of an aggregate",
       "'host' must be an aggregate expression or appear in GROUP BY clause"},
      {"Scalar Function with name row_number does not exist!",
       "Function 'row_number' not registered"},
      {"WHERE clause cannot contain aggregates!", "WHERE clause cannot contain aggregates"},
      {"extract specifier \"foo\" not recognized", "'foo' is not a valid field of a date or time"},
      {"Malformed JSON at byte 0 of input: unexpected character.  Input: \"! it is \"odd\"\"",
       "it is \"odd\""},
      {"something new", "something new"},
      {"", ""}};
  for (const auto& [theirs, ours] : messages) EXPECT_EQ(InOurWords(theirs), ours);
}

TEST(QueryErrors, TellNoPathOfTheServer) {
  const auto text = DuckText::From("select 1");
  ASSERT_TRUE(text);
  const auto error =
      QueryErrorFrom(Error(ErrorCode::kIo, "IO Error: cannot open /data/x.parquet"), *text);
  EXPECT_EQ(error.name, "GENERIC_INTERNAL_ERROR");
  EXPECT_EQ(error.message, "a file of the tables could not be read");
}

TEST(QueryError, NamesTheTableWhoseFileCannotBeRead) {
  const std::vector<jobs::QueryTable> tables = {
      {.schema = "default",
       .name = "other",
       .columns = {},
       .files = {"/lake/other/data/a.parquet"}},
      {.schema = "default", .name = "trades", .columns = {}, .files = {"/lake/data/b.parquet"}}};
  const auto error = UnreadableFile(
      Error(ErrorCode::kIo, "IO Error: Cannot open file \"/lake/data/b.parquet\": No such file"),
      tables);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kCorruption);
  EXPECT_THAT(error->message, ::testing::StartsWith("table default.trades: its data file "
                                                    "data/b.parquet is missing or damaged"));
  EXPECT_FALSE(UnreadableFile(Error(ErrorCode::kIo, "IO Error: no space"), tables));
}

}  // namespace
}  // namespace st::worker::query
