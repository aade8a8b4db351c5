#include "dialect/spark/expr_parser.h"

#include <gtest/gtest.h>

#include "dialect/spark/lexer.h"
#include "dialect/spark/limits.h"

namespace st::dialect::spark {
namespace {

std::string Show(const Expr& expr);

std::string ShowAll(std::string_view head, const Expr& expr) {
  std::string out = fmt::format("({}", head);
  for (const auto& arg : expr.args) out += " " + Show(arg);
  return out + ")";
}

// Shows the tree with brackets: "(+ 1 (* 2 3))".
std::string Show(const Expr& expr) {
  const std::string no = expr.is_negated ? "not-" : "";
  switch (expr.kind) {
    case ExprKind::kString:
      return fmt::format("'{}'", expr.text);
    case ExprKind::kNumber:
      return expr.text;
    case ExprKind::kTrue:
      return "true";
    case ExprKind::kFalse:
      return "false";
    case ExprKind::kNull:
      return "null";
    case ExprKind::kStar:
      return expr.qualifier.empty() ? "*" : expr.qualifier + ".*";
    case ExprKind::kColumn:
      return expr.qualifier.empty() ? expr.text : expr.qualifier + "." + expr.text;
    case ExprKind::kField:
      return ShowAll("field-" + expr.text, expr);
    case ExprKind::kItem:
      return ShowAll("item", expr);
    case ExprKind::kNamed:
      return ShowAll("as-" + expr.text, expr);
    case ExprKind::kLambda: {
      std::string names;
      for (const auto& name : expr.names) names += "-" + name;
      return ShowAll("lambda" + names, expr);
    }
    case ExprKind::kTyped:
    case ExprKind::kInterval:
    case ExprKind::kUnary:
    case ExprKind::kBinary:
      return ShowAll(expr.text, expr);
    case ExprKind::kCall:
      return ShowAll(expr.text + "()", expr);
    case ExprKind::kCast: {
      std::string type = expr.type.name;
      for (const int argument : expr.type.arguments) type += fmt::format("/{}", argument);
      return ShowAll(fmt::format("{}cast-{}", expr.is_try ? "try-" : "", type), expr);
    }
    case ExprKind::kCase:
      return ShowAll(
          fmt::format("case{}{}", expr.has_operand ? "-operand" : "", expr.has_else ? "-else" : ""),
          expr);
    case ExprKind::kIn:
      return ShowAll(no + (expr.query == nullptr ? "in" : "in-query"), expr);
    case ExprKind::kBetween:
      return ShowAll(no + "between", expr);
    case ExprKind::kLike:
      return ShowAll(no + expr.text, expr);
    case ExprKind::kIs:
      return ShowAll(no + "is-" + expr.text, expr);
    case ExprKind::kRow:
      return ShowAll("row", expr);
    case ExprKind::kSubquery:
      return ShowAll(fmt::format("query-{}", expr.query->selects.size()), expr);
    case ExprKind::kExists:
      return ShowAll(fmt::format("exists-{}", expr.query->selects.size()), expr);
  }
  return "?";
}

std::string Parse(std::string_view text) {
  const SourceText source("x.sql", std::string(text));
  TokenCursor cursor(source, Tokenize(source).value());
  const auto expr = ParseExpression(cursor);
  if (!expr) return expr.error().message().substr(0, expr.error().message().find('\n'));
  const Token& next = cursor.Peek();
  return Show(*expr) + (next.kind == TokenKind::kEnd ? "" : " then " + next.text);
}

TEST(ExprParser, FollowsSparksPrecedence) {
  EXPECT_EQ(Parse("a or b and not c = 1 + 2 * -d"), "(or a (and b (not (= c (+ 1 (* 2 (- d)))))))");
  EXPECT_EQ(Parse("a - b - c"), "(- (- a b) c)");
  EXPECT_EQ(Parse("a - (b - c)"), "(- a (- b c))");
  EXPECT_EQ(Parse("a div b % c / d"), "(/ (% (div a b) c) d)");
  EXPECT_EQ(Parse("a || b + c"), "(+ (|| a b) c)");
  EXPECT_EQ(Parse("not not a"), "(not (not a))");
  EXPECT_EQ(Parse("- + -1"), "(- (+ (- 1)))");
}

TEST(ExprParser, GivesEachComparisonOneSpelling) {
  EXPECT_EQ(Parse("a == b"), "(= a b)");
  EXPECT_EQ(Parse("a != b"), "(<> a b)");
  EXPECT_EQ(Parse("a <=> b"), "(<=> a b)");
}

TEST(ExprParser, ReadsPredicates) {
  EXPECT_EQ(Parse("a between 1 and 2 and b"), "(and (between a 1 2) b)");
  EXPECT_EQ(Parse("a not in (1, 2 + 3)"), "(not-in a 1 (+ 2 3))");
  EXPECT_EQ(Parse("a like 'x' or a not rlike 'y' or a regexp 'z'"),
            "(or (or (like a 'x') (not-rlike a 'y')) (rlike a 'z'))");
  EXPECT_EQ(Parse("a is not null"), "(not-is-null a)");
  EXPECT_EQ(Parse("a is true is false"), "(is-false (is-true a))");
  EXPECT_EQ(Parse("a is not distinct from b"), "(not-is-distinct a b)");
}

TEST(ExprParser, ReadsCallsCastsAndChoices) {
  EXPECT_EQ(Parse("Lower(a)"), "(lower() a)");
  EXPECT_EQ(Parse("f()"), "(f())");
  EXPECT_EQ(Parse("count(*)"), "(count() *)");
  EXPECT_EQ(Parse("cast(a as Decimal(10, 2))"), "(cast-decimal/10/2 a)");
  EXPECT_EQ(Parse("try_cast(a as int)"), "(try-cast-int a)");
  EXPECT_EQ(Parse("case when a then 1 else 2 end"), "(case-else a 1 2)");
  EXPECT_EQ(Parse("case a when 1 then 'x' end"), "(case-operand a 1 'x')");
}

TEST(ExprParser, ReadsLiteralsAndNames) {
  EXPECT_EQ(Parse("'a' 'b'"), "'ab'") << "adjacent literals are one string";
  EXPECT_EQ(Parse("date '2026-01-02'"), "(date '2026-01-02')");
  EXPECT_EQ(Parse("date"), "date");
  EXPECT_EQ(Parse("e.`offset`"), "e.offset");
  EXPECT_EQ(Parse("NULL"), "null");
}

TEST(ExprParser, ReadsFieldsAndElements) {
  EXPECT_EQ(Parse("a.b.c[0].d"), "(field-d (item (field-c a.b) 0))");
  EXPECT_EQ(Parse("f(a)[1 + 2]['k']"), "(item (item (f() a) (+ 1 2)) 'k')");
  EXPECT_EQ(Parse("-a[0]::int"), "(- (cast-int (item a 0)))");
  EXPECT_EQ(Parse("a.*"), "a.*");
  EXPECT_EQ(Parse("a[0"),
            "x.sql:1:4: expected ']' behind the element's number or key, found the "
            "end of the file");
}

TEST(ExprParser, ReadsLambdasAndNamedArguments) {
  EXPECT_EQ(Parse("f(a, x -> x + 1)"), "(f() a (lambda-x (+ x 1)))");
  EXPECT_EQ(Parse("f((x, y) -> x, (a))"), "(f() (lambda-x-y x) a)");
  EXPECT_EQ(Parse("f(x -> g(y -> y))"), "(f() (lambda-x (g() (lambda-y y))))");
  EXPECT_EQ(Parse("struct(a + 1 as b, c)"), "(struct() (as-b (+ a 1)) c)");
}

TEST(ExprParser, ReadsSubqueriesAndRows) {
  EXPECT_EQ(Parse("(select 1 union all select 2) + 1"), "(+ (query-2) 1)");
  EXPECT_EQ(Parse("not exists (select 1)"), "(not (exists-1))");
  EXPECT_EQ(Parse("exists(a, x -> x)"), "(exists() a (lambda-x x))") << "the function";
  EXPECT_EQ(Parse("a not in (with b as (select 1) select 2)"), "(not-in-query a)");
  EXPECT_EQ(Parse("a in ((select 1), 2)"), "(in a (query-1) 2)");
  EXPECT_EQ(Parse("a in (values 1, 2)"), "(in-query a)");
  EXPECT_EQ(Parse("(a, 1 + 2) in (select 1, 2)"), "(in-query (row a (+ 1 2)))");
  EXPECT_EQ(Parse("f((select 1))"), "(f() (query-1))");
  EXPECT_EQ(Parse("(select 1"),
            "x.sql:1:10: expected ')' behind the query, found the end of the file");
}

TEST(ExprParser, StopsAtTheFirstTokenThatIsNotItsOwn) {
  EXPECT_EQ(Parse("a as b"), "a then as");
  EXPECT_EQ(Parse("a, b"), "a then ,");
}

TEST(ExprParser, SaysWhatItExpected) {
  EXPECT_EQ(Parse("1 +"), "x.sql:1:4: expected an expression, found the end of the file");
  EXPECT_EQ(Parse("(1"),
            "x.sql:1:3: expected ')' to close the parenthesis, found the end of the "
            "file");
  EXPECT_EQ(Parse("a between 1 or 2"), "x.sql:1:13: expected AND of BETWEEN … AND …, found 'or'");
  EXPECT_EQ(Parse("a is 1"), "x.sql:1:6: expected NULL, TRUE, FALSE or DISTINCT FROM, found '1'");
  EXPECT_EQ(Parse("cast(a as decimal(-1))"), "x.sql:1:19: expected a small number, found '-'");
}

TEST(ExprParser, RefusesWhatIsNotOfferedYet) {
  EXPECT_EQ(Parse("a:b"),
            "x.sql:1:2: paths behind a colon are for VARIANT, which is not supported; take fields "
            "with get_json_object(text, '$.name')");
  EXPECT_EQ(Parse("f(a) over ()"),
            "x.sql:1:6: f(…) OVER … looks at more than one record, so it needs a window, which is "
            "not supported yet");
  EXPECT_EQ(Parse("count(distinct a, b) + 1"),
            "x.sql:1:7: count(DISTINCT …) looks at more than one record, so it needs a window, "
            "which is not supported yet");
  EXPECT_EQ(Parse("count(distinct a"),
            "x.sql:1:17: expected ')' at the end of count(…), or a comma, found the end of the "
            "file");
  EXPECT_EQ(
      Parse("a = any (with b as (select 1) select 2)"),
      "x.sql:1:10: any takes no query; one that is an argument stands in brackets of its own, "
      "as in any((SELECT …))");
  EXPECT_EQ(Parse("a ilike 'x'"), "x.sql:1:3: ILIKE is not supported yet; write lower(x) LIKE '…'");
}

TEST(ExprParser, LimitsDepthAndLength) {
  EXPECT_EQ(Parse(std::string(99, '(') + "1" + std::string(99, ')')), "1");
  EXPECT_NE(Parse(std::string(100, '(') + "1" + std::string(100, ')')).find("nested deeper than"),
            std::string::npos);
  std::string chain = "1";
  for (int i = 0; i < kMaxExprOperators; ++i) chain += "+1";
  EXPECT_TRUE(Parse(chain).starts_with("(+ (+"));
  EXPECT_NE(Parse(chain + "+1").find("at most 900 operators"), std::string::npos);
  EXPECT_NE(Parse("(select " + chain + ")+1").find("at most 900 operators"), std::string::npos)
      << "those of subqueries are counted";
  std::string deep = "1";
  for (int i = 0; i < 40; ++i) deep = "(select " + deep + ")";
  EXPECT_NE(Parse(deep).find("queries are nested deeper than 32 levels"), std::string::npos);
  std::string brackets = "1";
  for (int i = 0; i < 4; ++i) {
    brackets = "(select " + std::string(30, '(') + brackets + std::string(30, ')') + ")";
  }
  EXPECT_NE(Parse(brackets).find("nested deeper than 100 levels"), std::string::npos);
}

}  // namespace
}  // namespace st::dialect::spark
