// Tests how DuckDB's types and statistics become Iceberg's.
#include "lake/types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <vector>

#include "base/nested_type.h"
#include "base/text.h"
#include "lake/single_value.h"

namespace st::lake {
namespace {

using ::testing::HasSubstr;

std::string Hex(std::string_view type, std::string_view text) {
  const auto bound = BoundFromText(type, text);
  return bound ? HexEncode(*bound) : "none";
}

TEST(Types, DuckdbTypesBecomeIcebergs) {
  for (const auto& [duckdb, iceberg] :
       std::map<std::string, std::string>{{"BOOLEAN", "boolean"},
                                          {"TINYINT", "int"},
                                          {"USMALLINT", "int"},
                                          {"INTEGER", "int"},
                                          {"UINTEGER", "long"},
                                          {"BIGINT", "long"},
                                          {"UBIGINT", "decimal(20, 0)"},
                                          {"HUGEINT", "decimal(38, 0)"},
                                          {"FLOAT", "float"},
                                          {"DOUBLE", "double"},
                                          {"DECIMAL(9,2)", "decimal(9, 2)"},
                                          {"VARCHAR", "string"},
                                          {"JSON", "string"},
                                          {"ENUM('a', 'b')", "string"},
                                          {"BLOB", "binary"},
                                          {"DATE", "date"},
                                          {"TIME", "time"},
                                          {"TIMESTAMP", "timestamp"},
                                          {"TIMESTAMP_NS", "timestamp"},
                                          {"TIMESTAMP WITH TIME ZONE", "timestamptz"},
                                          {"UUID", "uuid"}}) {
    const auto type = IcebergTypeFor(duckdb);
    ASSERT_TRUE(type) << duckdb;
    EXPECT_EQ(*type, iceberg);
    EXPECT_TRUE(DuckdbTypeFor(*type)) << iceberg;
  }
}

TEST(Types, RefusesUnsupportedTypesWithARemedy) {
  std::string deep = "INTEGER";
  for (int i = 0; i <= kMaxTypeDepth; ++i) deep += "[]";
  for (const auto& duckdb :
       {std::string("INTERVAL"), std::string("UNION(a INTEGER)"), std::string("BIT"),
        std::string("BIT[]"), std::string("STRUCT(a)"), std::string("STRUCT()"),
        std::string("STRUCT(\"a INTEGER)"), std::string("MAP(VARCHAR)"), std::string("INTEGER[x]"),
        std::string("]"), std::string("DECIMAL(39,2)"), std::string(), deep,
        std::string(100'000, '(')}) {
    const auto type = IcebergTypeFor(duckdb);
    ASSERT_FALSE(type) << duckdb;
    EXPECT_EQ(type.error().code(), ErrorCode::kUnsupported);
    EXPECT_THAT(type.error().message(), HasSubstr("cast it to VARCHAR"));
  }
}

TEST(Types, IcebergTypesSayWhatToCastTo) {
  EXPECT_EQ(DuckdbTypeFor("int"), "INTEGER");
  EXPECT_EQ(DuckdbTypeFor("string"), "VARCHAR");
  EXPECT_EQ(DuckdbTypeFor("timestamp"), "TIMESTAMP");
  EXPECT_EQ(DuckdbTypeFor("timestamptz"), "TIMESTAMP WITH TIME ZONE");
  EXPECT_EQ(DuckdbTypeFor("decimal(20, 0)"), "DECIMAL(20,0)");
  EXPECT_EQ(DuckdbTypeFor("decimal(9, 2)"), "DECIMAL(9,2)");
  EXPECT_FALSE(DuckdbTypeFor("list<int>"));
  EXPECT_FALSE(DuckdbTypeFor("decimal(2, 3)"));
  EXPECT_FALSE(DuckdbTypeFor("INTEGER"));
  EXPECT_FALSE(DuckdbTypeFor("{"));
}

TEST(Types, NestedTypesOfDuckdbComeBack) {
  for (const auto& [duckdb, shown, back] : std::vector<std::array<std::string, 3>>{
           {"INTEGER[]", "list<int>", "INTEGER[]"},
           {"TINYINT[3]", "list<int>", "INTEGER[]"},
           {"ENUM('a, b', '(')[]", "list<string>", "VARCHAR[]"},
           {"MAP(VARCHAR, DECIMAL(9,2))", "map<string, decimal(9, 2)>",
            "MAP(VARCHAR, DECIMAL(9,2))"},
           {"STRUCT(a INTEGER, \"b \"\"c,(\" TIMESTAMP WITH TIME ZONE)[][]",
            "list<list<struct<a: int, b \"c,(: timestamptz>>>",
            "STRUCT(\"a\" INTEGER, \"b \"\"c,(\" TIMESTAMP WITH TIME ZONE)[][]"},
           {"struct(s struct(m map(varchar, bigint[])))",
            "struct<s: struct<m: map<string, list<long>>>>",
            "STRUCT(\"s\" STRUCT(\"m\" MAP(VARCHAR, BIGINT[])))"}}) {
    const auto type = IcebergTypeFor(duckdb);
    ASSERT_TRUE(type) << duckdb;
    EXPECT_EQ(ShownType(*ParseType(*type)), shown);
    EXPECT_EQ(DuckdbTypeFor(*type), back);
  }
}

// The texts are as DuckDB 1.5.5 prints them; the bytes follow Appendix D of the specification.
TEST(Types, BoundsAreSerializedAsTheSpecificationSays) {
  EXPECT_EQ(Hex("boolean", "1"), "01");
  EXPECT_EQ(Hex("boolean", "0"), "00");
  EXPECT_EQ(Hex("int", "-2"), "feffffff");
  EXPECT_EQ(Hex("long", "34"), "2200000000000000");
  EXPECT_EQ(Hex("float", "1.5"), "0000c03f");
  EXPECT_EQ(Hex("double", "-2.25"), "00000000000002c0");
  EXPECT_EQ(Hex("date", "1970-01-02"), "01000000");
  EXPECT_EQ(Hex("date", "1969-12-31"), "ffffffff");
  EXPECT_EQ(Hex("date", "2024-02-29"), "464d0000");  // 19,782 days
  EXPECT_EQ(Hex("time", "00:00:01.5"), "60e3160000000000");
  EXPECT_EQ(Hex("timestamp", "1969-12-31 23:59:59.000001"), "c1bdf0ffffffffff");
  EXPECT_EQ(Hex("timestamp", "1970-01-01 00:00:00"), "0000000000000000");
  EXPECT_EQ(Hex("timestamptz", "1970-01-01 05:30:00+05:30"), "0000000000000000");
  EXPECT_EQ(Hex("timestamptz", "1969-12-31 19:00:01-05"), "40420f0000000000");
  EXPECT_EQ(Hex("uuid", "00112233-4455-6677-8899-aabbccddeeff"),
            "00112233445566778899aabbccddeeff");
  EXPECT_EQ(Hex("string", "\xc3\xa9"), "c3a9");
  EXPECT_EQ(Hex("binary", "AB00615C"), "ab00615c");
}

TEST(Types, DecimalsAreTheShortestTwosComplement) {
  EXPECT_EQ(Hex("decimal(9, 2)", "14.20"), "058c");
  EXPECT_EQ(Hex("decimal(9, 2)", "14.2"), "058c");
  EXPECT_EQ(Hex("decimal(9, 2)", "0.00"), "00");
  EXPECT_EQ(Hex("decimal(9, 2)", "-0.01"), "ff");
  EXPECT_EQ(Hex("decimal(9, 2)", "-1.28"), "80");
  EXPECT_EQ(Hex("decimal(9, 2)", "1.28"), "0080");
  EXPECT_EQ(Hex("decimal(9, 2)", "-1.29"), "ff7f");
  EXPECT_EQ(Hex("decimal(38, 0)", "99999999999999999999999999999999999999"),
            "4b3b4ca85a86c47a098a223fffffffff");
  EXPECT_EQ(Hex("decimal(38, 6)", "-12345678901234567890123456789012.105727"),
            "f6b64f090ffdccec3bb66faf21cab601");
  EXPECT_EQ(Hex("decimal(9, 2)", "1.234"), "none");
  EXPECT_EQ(Hex("decimal(9, 2)", "1e5"), "none");
}

TEST(Types, TextThatIsNotAValueIsNoBound) {
  EXPECT_EQ(Hex("timestamp", "infinity"), "none");
  EXPECT_EQ(Hex("timestamp", "0044-03-15 (BC) 00:00:00"), "none");
  EXPECT_EQ(Hex("date", "2023-02-29"), "none");
  EXPECT_EQ(Hex("date", "2023-02-28 "), "none");
  EXPECT_EQ(Hex("timestamptz", "2023-02-28 00:00:00"), "none");
  EXPECT_EQ(Hex("double", "nan"), "none");
  EXPECT_EQ(Hex("double", "inf"), "none");
  EXPECT_EQ(Hex("int", "2147483648"), "none");
  EXPECT_EQ(Hex("int", ""), "none");
  // The last timestamp of 64 bits.
  EXPECT_EQ(Hex("timestamp", "294247-01-10 04:00:54.775807"), "none");
  EXPECT_EQ(Hex("list", "1"), "none");
}

TEST(Types, CountsFarYears) {
  EXPECT_EQ(Hex("timestamp", "290000-01-01 00:00:00"), "00e095a7a1da237e");
  EXPECT_EQ(Hex("date", "9999-12-31"), "a0c02c00");  // 2,932,896 days
}

WrittenFile OneColumn(int id, std::string min, std::string max) {
  WrittenFile file{.location = "/w/data/a.parquet", .rows = 2, .bytes = 99};
  file.columns[id] = {.size_bytes = 30, .value_count = 2, .null_count = 0, .min = min, .max = max};
  return file;
}

DataFile::ColumnStats StatsOf(const std::string& type, std::string min, std::string max) {
  return DataFileFrom(OneColumn(7, std::move(min), std::move(max)), {{7, "c", type}}).columns.at(7);
}

TEST(DataFileFrom, TakesCountsAndBoundsByFieldId) {
  const auto file = DataFileFrom(OneColumn(7, "1", "2"), {{7, "c", "long"}, {8, "d", "long"}});
  EXPECT_EQ(file.location, "/w/data/a.parquet");
  EXPECT_EQ(file.record_count, 2);
  EXPECT_EQ(file.file_size_bytes, 99);
  ASSERT_EQ(file.columns.size(), 1U);
  EXPECT_EQ(file.columns.at(7).size_bytes, 30);
  EXPECT_EQ(file.columns.at(7).value_count, 2);
  EXPECT_EQ(file.columns.at(7).lower, std::string("\1\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(file.columns.at(7).upper, std::string("\2\0\0\0\0\0\0\0", 8));
}

TEST(DataFileFrom, NestedColumnsHaveStatisticsOfTheirLeaves) {
  auto file = OneColumn(3, "1", "2");  // a field of a struct
  file.columns[5] = file.columns[3];   // a list's element
  file.columns[9] = file.columns[3];   // no column of the table
  const auto record = TypeText(StructType({{.id = 3, .name = "a", .type = PrimitiveType("int")}}));
  const auto list = TypeText(ListType(PrimitiveType("int"), 5));
  const auto data = DataFileFrom(file, {{1, "s", record}, {2, "l", list}});
  ASSERT_EQ(data.columns.size(), 2U);
  EXPECT_EQ(data.columns.at(3).lower, std::string("\1\0\0\0", 4));
  EXPECT_EQ(data.columns.at(3).value_count, 2);
  EXPECT_EQ(data.columns.at(5).size_bytes, 30);
  EXPECT_EQ(data.columns.at(5).value_count, -1) << "an empty list is no value";
  EXPECT_EQ(data.columns.at(5).null_count, -1);
  EXPECT_EQ(data.columns.at(5).lower, std::nullopt);
}

TEST(DataFileFrom, CutsLongTextAndRaisesItsUpperBound) {
  const std::string e16 = [] {
    std::string text;
    for (int i = 0; i < 16; ++i) text += "\xc3\xa9";
    return text;
  }();
  auto stats = StatsOf("string", e16 + "x", e16 + "x");
  EXPECT_EQ(stats.lower, e16);
  EXPECT_EQ(stats.upper, e16.substr(0, 30) + "\xc3\xaa");
  stats = StatsOf("string", "short", "short");
  EXPECT_EQ(stats.upper, "short");
  std::string top;
  for (int i = 0; i < 17; ++i) top += "\xf4\x8f\xbf\xbf";
  EXPECT_EQ(StatsOf("string", "a", top).upper, std::nullopt);
  EXPECT_EQ(StatsOf("string", "a", "b" + top).upper, "c");
  EXPECT_EQ(StatsOf("string", "a", "aaaaaaaaaaaaaaa\x7f-").upper, "aaaaaaaaaaaaaaa\xc2\x80");
  // The successor of U+D7FF is U+E000: surrogates are not characters.
  EXPECT_EQ(StatsOf("string", "a", "aaaaaaaaaaaaaaa\xed\x9f\xbf-").upper,
            "aaaaaaaaaaaaaaa\xee\x80\x80");
  EXPECT_EQ(StatsOf("binary", "00", std::string(30, 'F') + "FE0001").upper,
            HexDecode(std::string(30, 'f') + "ff"));
}

TEST(DataFileFrom, AZeroBoundIncludesBothZeros) {
  const auto stats = StatsOf("double", "0.0", "-0.0");
  EXPECT_EQ(HexEncode(*stats.lower), "0000000000000080");
  EXPECT_EQ(HexEncode(*stats.upper), "0000000000000000");
}

TEST(DataFileFrom, LeavesOutBoundsThatAreNotKnown) {
  auto file = OneColumn(7, "1.0", "2.0");
  file.columns[7].has_nan = true;
  EXPECT_EQ(DataFileFrom(file, {{7, "c", "double"}}).columns.at(7).lower, std::nullopt);
  const auto stats = StatsOf("timestamp", "2024-01-01 00:00:00", "infinity");
  EXPECT_TRUE(stats.lower);
  EXPECT_FALSE(stats.upper);
}

}  // namespace
}  // namespace st::lake
