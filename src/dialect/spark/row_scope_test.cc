#include "dialect/spark/row_scope.h"

#include <gtest/gtest.h>

#include "dialect/emit.h"
#include "dialect/spark/testing.h"

namespace st::dialect::spark {
namespace {

class RowScopes : public ::testing::Test {
 protected:
  static Expr Name(const std::string& qualifier, const std::string& name) {
    Expr expr = Make(ExprKind::kColumn, 0, name);
    expr.qualifier = qualifier;
    return expr;
  }
  static std::string Shown(const Result<Expression>& made) {
    if (made) return ToSql(*made);
    return made.error().message().substr(0, made.error().message().find('\n'));
  }

  SourceText source_{"x.sql", "a"};
  ColumnsOfEachType outer_;
  std::vector<RowColumn> columns_ = {
      {"r", "a", Expression::PlainColumn("x", {.kind = TypeKind::kInt})},
      {"s", "b", Expression::PlainColumn("y", {.kind = TypeKind::kInt})},
      {"r", "b", Expression::PlainColumn("z", {.kind = TypeKind::kInt})}};
};

TEST_F(RowScopes, FindOwnColumnsBeforeThoseAround) {
  RowScope scope(source_, columns_, &outer_, nullptr);
  EXPECT_EQ(Shown(scope.Column(Name("", "A"))), "x");
  EXPECT_EQ(Shown(scope.Column(Name("s", "b"))), "y");
  EXPECT_FALSE(scope.reads_outer());
  EXPECT_EQ(Shown(scope.Column(Name("", "i"))), "i");
  EXPECT_TRUE(scope.reads_outer());
  EXPECT_EQ(
      Shown(scope.Column(Name("", "b"))),
      "x.sql:1:1: two columns are called 'b' (AMBIGUOUS_REFERENCE); write the name of what is "
      "read before it");
}

TEST_F(RowScopes, ShowASubqueryTheirOwnColumnsAlone) {
  RowScope scope(source_, columns_, &outer_, nullptr);
  EXPECT_EQ(Shown(scope.ColumnForSubquery(Name("", "a"))), "x");
  EXPECT_EQ(Shown(scope.ColumnForSubquery(Name("", "i"))),
            "x.sql:1:1: column 'i' does not exist here (UNRESOLVED_COLUMN); did you mean a?; a "
            "subquery sees its own columns, a, b, b, and those of the query right around it");
  RowScope alone(source_, columns_, nullptr, nullptr);
  EXPECT_FALSE(alone.Column(Name("", "i")));
  EXPECT_FALSE(alone.ValueText(Name("", "value")));
  EXPECT_FALSE(scope.ValueTextForSubquery(Name("", "value")));
}

TEST_F(RowScopes, RefuseWhatTheyHide) {
  RowScope scope(source_, columns_, &outer_, nullptr);
  scope.HideOuter("not here");
  EXPECT_EQ(Shown(scope.Column(Name("", "a"))), "x");
  EXPECT_EQ(Shown(scope.Column(Name("", "i"))), "x.sql:1:1: not here");
  EXPECT_EQ(Shown(scope.ValueText(Name("", "value"))), "x.sql:1:1: not here");
}

TEST_F(RowScopes, KnowEarlierNamesOfTheirSelect) {
  RowScope scope(source_, columns_, &outer_, nullptr);
  scope.Remember("i", Expression::Integer(5));
  EXPECT_EQ(Shown(scope.Column(Name("", "i"))), "5") << "before a column around it";
  EXPECT_EQ(Shown(scope.ColumnForSubquery(Name("", "a"))), "x");
}

TEST_F(RowScopes, TakeTheValueOfTheRecordUnlessTheyHaveOne) {
  RowScope scope(source_, columns_, &outer_, nullptr);
  EXPECT_EQ(Shown(scope.ValueText(Name("", "value"))), "value_text");
  columns_.push_back({"r", "value", Expression::PlainColumn("v", {.kind = TypeKind::kInt})});
  EXPECT_EQ(Shown(scope.ValueText(Name("", "value"))), "CAST(v AS VARCHAR)");
}

TEST_F(RowScopes, GiveTheColumnsOfAStar) {
  RowScope scope(source_, columns_, &outer_, nullptr);
  EXPECT_EQ(scope.Star("").size(), 3U);
  EXPECT_EQ(scope.Star("R").size(), 2U);
  EXPECT_TRUE(scope.Star("q").empty());
  EXPECT_TRUE(scope.IsRelation("S"));
  EXPECT_FALSE(scope.IsRelation("a"));
}

}  // namespace
}  // namespace st::dialect::spark
