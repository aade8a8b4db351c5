#include "dialect/plan.h"

#include <gtest/gtest.h>

namespace st::dialect {
namespace {

using E = Expression;
using enum TypeKind;

TEST(Plan, TypesFollowFromOperatorsAndResults) {
  const auto number = E::Integer(1);
  EXPECT_EQ(number.type.kind, kInt);
  EXPECT_EQ(E::Integer(2147483648).type.kind, kLong);
  EXPECT_EQ(E::Apply(Operator::kAdd, {E::Integer(2147483648), number}).type.kind, kLong);
  EXPECT_EQ(E::Apply(Operator::kLess, {number, number}).type.kind, kBoolean);
  EXPECT_EQ(E::Apply(Operator::kConcatenate, {E::Text("a"), E::Text("b")}).type.kind, kString);
  EXPECT_EQ(E::Case({{E::Boolean(true), E::Text("a")}}, E::Null()).type.kind, kString);
}

TEST(Plan, AnExpressionCanFailWhereAnOperandCan) {
  const auto failing = E::Integer(1).CanFail();
  EXPECT_FALSE(E::Apply(Operator::kAdd, {E::Integer(1), E::Integer(2)}).can_fail);
  EXPECT_TRUE(E::Apply(Operator::kAdd, {E::Integer(1), failing}).can_fail);
  EXPECT_TRUE(E::Case({{E::Boolean(true), failing}}).can_fail);
  EXPECT_TRUE(E::Call("f", {failing}, {}).can_fail);
  EXPECT_FALSE(E::Call("f", {failing}, {}).CanFail(false).can_fail);
}

TEST(Plan, KnowsItsDepthAndSharesItsParts) {
  Expression deep = E::Text("a");
  for (int i = 0; i < 60; ++i) deep = E::Apply(Operator::kConcatenate, {deep, deep});
  EXPECT_EQ(deep.depth, 60) << "as text it would have 2^60 parts";
  EXPECT_EQ(deep, Expression(deep));
}

TEST(Plan, ComparesTrees) {
  const auto make = [](std::string_view text) { return E::Call("f", {E::Text(text)}, {}); };
  EXPECT_EQ(make("a"), make("a"));
  EXPECT_FALSE(make("a") == make("b"));
  EXPECT_FALSE(E::Column("a", {}) == E::PlainColumn("a", {}));
}

}  // namespace
}  // namespace st::dialect
