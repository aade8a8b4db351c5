#include "dialect/type.h"

#include <gtest/gtest.h>

namespace st::dialect {
namespace {

using enum TypeKind;

const Type kText{.kind = kString};
const Type kPrice{.kind = kDecimal, .precision = 9, .scale = 2};

TEST(Type, KnowsWhatIsInIt) {
  const Type item = StructOf({{"name", kText}, {"prices", ListOf(kPrice)}});
  EXPECT_TRUE(item.is_struct());
  EXPECT_FALSE(item.is_void());
  EXPECT_EQ(FieldsOf(item).at(1).first, "prices");
  EXPECT_EQ(ElementOf(FieldsOf(item).at(1).second), kPrice);
  const Type map = MapOf(kText, item);
  EXPECT_EQ(KeyOf(map), kText);
  EXPECT_EQ(ValueOf(map), item);
}

TEST(Type, IsEqualWhereItsPartsAre) {
  EXPECT_EQ(ListOf(kText), ListOf(kText));
  EXPECT_FALSE(ListOf(kText) == ListOf(kPrice));
  EXPECT_FALSE(ListOf(kText) == kText);
  EXPECT_FALSE(ListOf(Type()) == Type());
  EXPECT_FALSE(StructOf({{"a", kText}}) == StructOf({{"b", kText}}));
}

TEST(Type, HasNames) {
  const Type map = MapOf(kText, StructOf({{"a \"b\"", ListOf(kPrice)}}));
  EXPECT_EQ(DuckDbName(map), R"(MAP(VARCHAR, STRUCT("a ""b""" DECIMAL(9,2)[])))");
  EXPECT_EQ(TypeOf(ParseType(TypeText(map)).value()), map);
  EXPECT_EQ(TypeText(kPrice), "decimal(9, 2)");
}

TEST(Type, FindsABareNull) {
  EXPECT_TRUE(HasVoid(Type()));
  EXPECT_TRUE(HasVoid(MapOf(kText, ListOf(Type()))));
  EXPECT_FALSE(HasVoid(MapOf(kText, ListOf(kText))));
}

}  // namespace
}  // namespace st::dialect
