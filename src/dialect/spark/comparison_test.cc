#include "dialect/spark/comparison.h"

#include <gtest/gtest.h>

#include "dialect/emit.h"

namespace st::dialect::spark {
namespace {

std::string Compared(Type left, Type right) {
  const SourceText source("x.sql", "a = b");
  std::vector<Expression> values = {Expression::PlainColumn("a", std::move(left)),
                                    Expression::PlainColumn("b", std::move(right))};
  const auto made = MakeComparable(source, Make(ExprKind::kBinary, 2, "="), values);
  if (!made) return made.error().message().substr(0, made.error().message().find('\n'));
  return ToSql(values[0]) + " and " + ToSql(values[1]);
}

TEST(Comparison, CastsToTheWiderType) {
  EXPECT_EQ(Compared({.kind = TypeKind::kInt}, {.kind = TypeKind::kLong}),
            "CAST(a AS BIGINT) and b");
  EXPECT_EQ(Compared({.kind = TypeKind::kDecimal, .precision = 9, .scale = 2},
                     {.kind = TypeKind::kDouble}),
            "CAST(a AS DOUBLE) and b");
}

TEST(Comparison, SaysWhatIsNotCompared) {
  EXPECT_TRUE(Compared({.kind = TypeKind::kBoolean}, {.kind = TypeKind::kInt})
                  .starts_with("x.sql:1:3: BOOLEAN and INT are compared"));
  const Type map = MapOf({.kind = TypeKind::kInt}, {.kind = TypeKind::kInt});
  EXPECT_EQ(Compared(map, map), "x.sql:1:3: maps are not compared, as in Spark");
}

TEST(Comparison, NamesEachTypeOnce) {
  const auto number = Expression::Integer(1);
  EXPECT_EQ(TypesOf({number, number, Expression::Text("a")}), "INT and STRING");
}

}  // namespace
}  // namespace st::dialect::spark
