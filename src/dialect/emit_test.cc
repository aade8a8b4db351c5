#include "dialect/emit.h"

#include <gtest/gtest.h>

namespace st::dialect {
namespace {

using enum Operator;
using E = Expression;

const Type kInt{.kind = TypeKind::kInt};

Expression A() { return E::PlainColumn("a", kInt); }
Expression B() { return E::PlainColumn("b", kInt); }
Expression C() { return E::PlainColumn("c", kInt); }

TEST(Emit, WritesLiteralsOfEachType) {
  EXPECT_EQ(ToSql(E::Null()), "NULL");
  EXPECT_EQ(ToSql(E::Boolean(true)), "true");
  EXPECT_EQ(ToSql(E::Integer(-7)), "-7");
  EXPECT_EQ(ToSql(E::Number("1e6", {.kind = TypeKind::kDouble})), "1e6");
  EXPECT_EQ(ToSql(E::Text("it's")), "'it''s'");
  EXPECT_EQ(ToSql(E::Time("2026-01-02", TypeKind::kDate)), "DATE '2026-01-02'");
  EXPECT_EQ(ToSql(E::Time("2026-01-02 00:00:00+00", TypeKind::kTimestampTz)),
            "TIMESTAMPTZ '2026-01-02 00:00:00+00'");
}

TEST(Emit, QuotesNamesSoThatNoneCanEndItsQuotes) {
  EXPECT_EQ(ToSql(E::Column("a\" FROM x --", kInt)), "\"a\"\" FROM x --\"");
  EXPECT_EQ(ToSql(A()), "a");
}

TEST(Emit, WritesBracketsWherePrecedenceNeedsThem) {
  const auto sum = E::Apply(kAdd, {A(), B()});
  EXPECT_EQ(ToSql(E::Apply(kMultiply, {sum, C()})), "(a + b) * c");
  EXPECT_EQ(ToSql(E::Apply(kAdd, {E::Apply(kMultiply, {A(), B()}), C()})), "a * b + c");
  EXPECT_EQ(ToSql(E::Apply(kSubtract, {sum, C()})), "a + b - c");
  EXPECT_EQ(ToSql(E::Apply(kSubtract, {C(), sum})), "c - (a + b)");
  const auto equal = E::Apply(kEqual, {A(), B()});
  EXPECT_EQ(ToSql(E::Apply(kEqual, {equal, C()})), "(a = b) = c");
  EXPECT_EQ(ToSql(E::Apply(kIsNull, {equal})), "(a = b) IS NULL");
  EXPECT_EQ(ToSql(E::Apply(kNot, {equal})), "NOT (a = b)");
  EXPECT_EQ(ToSql(E::Apply(kAnd, {equal, E::Apply(kOr, {A(), B()}), C()})),
            "a = b AND (a OR b) AND c");
  EXPECT_EQ(ToSql(E::Apply(kNegate, {E::Integer(-1)})), "-(-1)") << "never a comment";
  EXPECT_EQ(ToSql(E::Apply(kNegate, {sum})), "-(a + b)");
}

TEST(Emit, WritesMarkedUnitsInBracketsOnce) {
  const auto sum = E::Apply(kAdd, {A(), B()}).InBrackets();
  EXPECT_EQ(ToSql(sum), "(a + b)");
  EXPECT_EQ(ToSql(E::Apply(kMultiply, {sum, C()})), "(a + b) * c");
}

TEST(Emit, WritesEachOtherForm) {
  EXPECT_EQ(ToSql(E::Apply(kNotIn, {A(), E::Integer(1), E::Integer(2)})), "a NOT IN (1, 2)");
  EXPECT_EQ(ToSql(E::Apply(kLike, {A(), E::Text("x\\_%")})), "a LIKE 'x\\_%' ESCAPE '\\'");
  EXPECT_EQ(ToSql(E::Apply(kIsNotDistinct, {A(), E::Null()})), "a IS NOT DISTINCT FROM NULL");
  EXPECT_EQ(ToSql(E::Cast(A(), {.kind = TypeKind::kString}, true)), "TRY_CAST(a AS VARCHAR)");
  EXPECT_EQ(ToSql(E::Call("f", {A(), E::Apply(kAdd, {A(), B()})}, kInt)), "f(a, a + b)");
  EXPECT_EQ(ToSql(E::Case({{A(), E::Integer(1)}, {B(), E::Integer(2)}})),
            "CASE WHEN a THEN 1 WHEN b THEN 2 END");
  EXPECT_EQ(ToSql(E::Case({{A(), E::Integer(1)}}, E::Null())), "CASE WHEN a THEN 1 ELSE NULL END");
  EXPECT_EQ(ToSql(E::Element(E::List({A(), B()}), 2, kInt)), "[a, b][2]");
}

TEST(Emit, WritesSelectsInSelects) {
  Select inner{
      .outputs = {{.value = A(), .name = {}}, {.value = B(), .name = "x", .is_plain = true}},
      .from = TableFunction{"rows"},
      .where = E::Apply(kLess, {A(), E::Integer(3)})};
  const Select outer{.outputs = {{.value = A(), .name = "an \"a\""}},
                     .from = std::make_shared<const Select>(inner),
                     .where = std::nullopt};
  EXPECT_EQ(ToSql(outer),
            "SELECT a AS \"an \"\"a\"\"\" FROM (SELECT a, b AS x FROM rows() WHERE a < 3)");
  EXPECT_EQ(SqlBytes(outer), ToSql(outer).size());
}

TEST(Emit, CountsTheBytesThatItWouldWrite) {
  for (const auto& e : {E::Text("it's ''"), E::Column("a\"b", kInt), E::Apply(kNegate, {A()}),
                        E::Case({{A(), E::Cast(B(), kInt)}}, C()).InBrackets()}) {
    EXPECT_EQ(SqlBytes(e), ToSql(e).size()) << ToSql(e);
  }
}

}  // namespace
}  // namespace st::dialect
