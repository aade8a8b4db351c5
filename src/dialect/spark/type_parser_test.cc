#include "dialect/spark/type_parser.h"

#include <gtest/gtest.h>

#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

std::string NameOf(std::string_view text) {
  const auto type = TypeFromDdl(text);
  return type ? SparkName(*type) : type.error().message();
}

TEST(TypeParser, ReadsTypesAndLists) {
  EXPECT_EQ(NameOf("int"), "INT");
  EXPECT_EQ(NameOf("decimal(9, 2)"), "DECIMAL(9,2)");
  EXPECT_EQ(NameOf("a INT, b STRING COMMENT 'x', c: DATE NOT NULL"),
            "STRUCT<a: INT, b: STRING, c: DATE>");
  EXPECT_EQ(NameOf("Array<Map<string, struct<`a b`: bigint>>>"),
            "ARRAY<MAP<STRING, STRUCT<`a b`: BIGINT>>>");
  EXPECT_EQ(NameOf("array ARRAY<INT>, map INT"), "STRUCT<array: ARRAY<INT>, map: INT>");
  EXPECT_EQ(SimpleName(*TypeFromDdl("A INT, b ARRAY<STRING>")), "struct<A:int,b:array<string>>");
}

TEST(TypeParser, SaysWhatIsWrong) {
  EXPECT_EQ(NameOf("a IT"), "type it is not supported");
  EXPECT_EQ(NameOf("array<a>"), "type a is not supported");
  EXPECT_EQ(NameOf("a INT b"), "schema:1:7: expected a comma or the end, found 'b'");
  EXPECT_EQ(NameOf("a INT, A INT"), "type struct is not supported");
  EXPECT_EQ(NameOf("map<map<int, int>, int>"), "type map is not supported");
  EXPECT_EQ(NameOf("array<int"),
            "schema:1:10: expected '>' at the end of array<…>, found the end "
            "of the file");
  std::string deep = "int";
  for (int i = 0; i < 40; ++i) deep = "array<" + deep + ">";
  EXPECT_EQ(NameOf(deep), "schema:1:103: a type has at most 16 levels");
}

}  // namespace
}  // namespace st::dialect::spark
