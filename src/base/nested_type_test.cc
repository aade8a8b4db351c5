// Nested types: one text for each, their names in other engines, and hostile texts.
#include "base/nested_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st {
namespace {

using ::testing::HasSubstr;

NestedField Member(int id, const std::string& name, NestedType type) {
  return {.id = id, .name = name, .type = std::move(type), .doc = {}};
}

// A map of lists of structs.
NestedType Deep() {
  auto item = StructType(
      {Member(7, "sku", PrimitiveType("string")), Member(8, "Price €", PrimitiveType("double"))});
  return MapType(PrimitiveType("string"), ListType(std::move(item), 6), 4, 5);
}

TEST(NestedType, IsWrittenAsIcebergDoes) {
  EXPECT_EQ(TypeText(PrimitiveType("long")), "long");
  EXPECT_EQ(TypeText(Deep()),
            R"({"type":"map","key-id":4,"key":"string","value-id":5,"value":{"type":"list",)"
            R"("element-id":6,"element":{"type":"struct","fields":[{"id":7,"name":"sku",)"
            R"("required":false,"type":"string"},{"id":8,"name":"Price €","required":false,)"
            R"("type":"double"}]},"element-required":false},"value-required":false})");
}

TEST(NestedType, ComesBackFromItsText) {
  auto with_doc = StructType({Member(3, "a", PrimitiveType("int"))});
  with_doc.fields[0].doc = "what a is";
  with_doc.fields[0].is_required = true;
  for (const auto& type : {PrimitiveType("fixed[16]"), Deep(), with_doc}) {
    const auto parsed = ParseType(TypeText(type));
    ASSERT_TRUE(parsed) << parsed.error().message();
    EXPECT_EQ(*parsed, type);
  }
}

TEST(NestedType, HasANameInEachEngine) {
  EXPECT_EQ(DuckDbTypeOf(Deep()), R"(MAP(VARCHAR, STRUCT("sku" VARCHAR, "Price €" DOUBLE)[]))");
  EXPECT_EQ(TrinoTypeOf(Deep()), R"(map(varchar, array(row(sku varchar, "price €" double))))");
  EXPECT_EQ(ShownType(Deep()),
            "map<4: string, 5: list<6: struct<7: sku: string, 8: Price €: double>>>");
  EXPECT_EQ(ShownType(ListType(PrimitiveType("int"))), "list<int>");
}

TEST(NestedType, MayHaveOtherNamesInFiles) {
  auto type = ListType(StructType({Member(7, "b", PrimitiveType("int"))}), 6);
  const auto as_iceberg = type;
  type.fields[0].type.fields[0].file_name = "a";
  EXPECT_EQ(ParseType(TypeText(type)).value(), type);
  EXPECT_NE(type, as_iceberg);
  EXPECT_EQ(WithoutFileNames(type), as_iceberg);
  EXPECT_EQ(DuckDbTypeOf(type), R"(STRUCT("b" INTEGER)[])");
  EXPECT_EQ(DuckDbTypeOf(AsInFiles(type)), R"(STRUCT("a" INTEGER)[])");
  EXPECT_EQ(WithoutIds(type), WithoutIds(as_iceberg));
}

TEST(NestedType, OfAPrimitiveThatNobodyKnowsHasNoNameInDuckDb) {
  EXPECT_EQ(DuckDbTypeOf(ListType(PrimitiveType("geometry"))), std::nullopt);
  EXPECT_EQ(DuckDbTypeOf(StructType({})), std::nullopt);
  EXPECT_EQ(DuckDbTypeOf(ListType(PrimitiveType("fixed[16]"))), "BLOB[]");
  EXPECT_EQ(TrinoTypeOf(ListType(PrimitiveType("geometry"))), "array(geometry)");
}

TEST(NestedType, SaysWhatIsWrong) {
  for (const auto& [text, says] : std::vector<std::pair<std::string, std::string>>{
           {"{", "not JSON"},
           {"{}", "no \"type\""},
           {R"({"type":"union"})", "\"union\""},
           {R"({"type":"struct"})", "\"fields\""},
           {R"({"type":"struct","fields":[1]})", "list of objects"},
           {R"({"type":"struct","fields":[{"id":1,"name":"a","required":0,"type":"int"}]})",
            "\"required\""},
           {R"({"type":"list","element":"int","element-required":false})", "\"element-id\""},
           {R"({"type":"list","element-id":-1,"element":"int","element-required":false})",
            "\"element-id\""},
           {R"({"type":"list","element-id":18446744073709551615,"element":"int"})",
            "\"element-id\""},
           {R"({"type":"list","element-id":1,"element-required":false})", "\"element\""},
           {R"({"type":"list","element-id":1,"element":[],"element-required":false})", "neither"},
           {R"({"type":"map","key-id":1,"key":"int","value-id":2,"value":"int"})",
            "\"value-required\""}}) {
    const auto parsed = ParseType(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(parsed.error().message(), HasSubstr(says)) << text;
  }
}

TEST(NestedType, IsNotNestedDeeperThanTheLimit) {
  NestedType type = PrimitiveType("int");
  for (int i = 0; i < kMaxTypeDepth; ++i) type = ListType(std::move(type), i + 1);
  EXPECT_TRUE(ParseType(TypeText(type)));
  const auto deeper = ParseType(TypeText(ListType(std::move(type), 99)));
  ASSERT_FALSE(deeper);
  EXPECT_THAT(deeper.error().message(), HasSubstr("16 levels"));
}

TEST(NestedType, HasNoMoreFieldsThanTheLimit) {
  std::vector<NestedField> fields;
  for (std::size_t i = 0; i < kMaxTypeFields; ++i) {
    fields.push_back(Member(static_cast<int>(i + 1), std::to_string(i), PrimitiveType("int")));
  }
  EXPECT_TRUE(ParseType(TypeText(StructType(fields))));
  fields.push_back(Member(5000, "one more", PrimitiveType("int")));
  const auto wider = ParseType(TypeText(StructType(fields)));
  ASSERT_FALSE(wider);
  EXPECT_THAT(wider.error().message(), HasSubstr("1000 nested fields"));
}

}  // namespace
}  // namespace st
