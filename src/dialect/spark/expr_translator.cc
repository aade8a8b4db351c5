#include "dialect/spark/expr_translator.h"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <utility>

#include "base/text.h"
#include "dialect/emit.h"
#include "dialect/spark/bits.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/comparison.h"
#include "dialect/spark/function_table.h"
#include "dialect/spark/intervals.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/literals.h"
#include "dialect/spark/nested_access.h"
#include "dialect/spark/patterns.h"
#include "dialect/spark/subqueries.h"
#include "dialect/spark/time_arithmetic.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

bool IsDecimal(const Expression& value) { return value.type.kind == TypeKind::kDecimal; }

// Collects the operands of a chain of one operator: (a AND b) AND c gives a, b, c.
void Flatten(const Expr& expr, std::string_view op, std::vector<const Expr*>& out) {
  if (expr.kind == ExprKind::kBinary && expr.text == op) {
    Flatten(expr.args[0], op, out);
    Flatten(expr.args[1], op, out);
  } else {
    out.push_back(&expr);
  }
}

Operator ComparisonOf(std::string_view text) {
  if (text == "=") return Operator::kEqual;
  if (text == "<>") return Operator::kNotEqual;
  if (text == "<") return Operator::kLess;
  if (text == "<=") return Operator::kLessOrEqual;
  if (text == ">") return Operator::kGreater;
  if (text == ">=") return Operator::kGreaterOrEqual;
  return Operator::kIsNotDistinct;  // <=>
}

// The operator for IS [NOT] NULL, TRUE or FALSE.
Operator TestOf(std::string_view text, bool is_negated) {
  if (text == "null") return is_negated ? Operator::kIsNotNull : Operator::kIsNull;
  if (text == "true") return is_negated ? Operator::kIsNotTrue : Operator::kIsTrue;
  return is_negated ? Operator::kIsNotFalse : Operator::kIsFalse;
}

// timestampadd(HOUR, 1, time): the first argument is the name of a unit.
bool IsUnitOfTime(const Expr& call) {
  static constexpr std::array<std::string_view, 6> kFunctions = {
      "timestampadd", "timestampdiff", "dateadd", "date_add", "datediff", "date_diff"};
  return call.kind == ExprKind::kCall && call.args.size() == 3 &&
         call.args[0].kind == ExprKind::kColumn &&
         std::ranges::find(kFunctions, call.text) != kFunctions.end();
}

// A division that fails for a zero divisor, as in Spark; DuckDB returns NULL.
Expression Divided(Operator op, const std::vector<Expression>& values) {
  const auto by_zero = Expression::Apply(
      Operator::kAnd, {Expression::Apply(Operator::kIsNotNull, {values[0]}),
                       Expression::Apply(Operator::kEqual, {values[1], Expression::Integer(0)})});
  const auto error =
      Expression::Call("error", {Expression::Text("division by zero")}, values[0].type);
  return Expression::Case({{by_zero, error}}, Expression::Apply(op, values)).InBrackets().CanFail();
}

}  // namespace

Result<Expression> ExprTranslator::Translate(const Expr& expr) {
  const auto before = constants_.Begin(expr);
  ST_TRY(auto made, Dispatch(expr));
  constants_.End(expr, made, before);
  if (const auto bytes = SqlBytes(made); bytes > kMaxSqlBytes) {
    return Wrong(expr, fmt::format("this expression makes {} bytes of SQL; the limit is {}", bytes,
                                   kMaxSqlBytes));
  }
  if (made.depth > kMaxPlanDepth) {
    return Wrong(expr, fmt::format("this expression, with the names in it spelled out, is nested "
                                   "deeper than {} levels",
                                   kMaxPlanDepth));
  }
  return made;
}

Result<Expression> ExprTranslator::Dispatch(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kString:
      return Expression::Text(expr.text);
    case ExprKind::kNumber:
      return NumberLiteral(source_, expr, false);
    case ExprKind::kTrue:
      return Expression::Boolean(true);
    case ExprKind::kFalse:
      return Expression::Boolean(false);
    case ExprKind::kNull:
      return Expression::Null();
    case ExprKind::kTyped:
      return At(expr, TimeLiteral(expr));
    case ExprKind::kInterval:
      return At(expr, IntervalLiteral(expr));
    case ExprKind::kColumn:
      return Column(expr);
    case ExprKind::kField: {
      ST_TRY(const auto value, Translate(expr.args[0]));
      return At(expr, TakeField(value, expr.text));
    }
    case ExprKind::kItem: {
      ST_TRY(auto values, Arguments(expr));
      return At(expr, TakeItem(values[0], values[1]));
    }
    case ExprKind::kNamed:
      return Wrong(expr, "AS names a column of the SELECT, or an argument of struct(…)");
    case ExprKind::kLambda:
      return Wrong(expr, "a lambda is an argument of a function that takes one, as transform");
    case ExprKind::kStar:
      return Wrong(expr, "* stands alone in the SELECT");
    case ExprKind::kUnary:
      return Unary(expr);
    case ExprKind::kBinary:
      return Binary(expr);
    case ExprKind::kCall: {
      ST_TRY(auto args, Arguments(expr));
      Call call{.source = source_,
                .expr = expr,
                .args = std::move(args),
                .scope = scope_,
                .lambdas = *this};
      return TranslateCall(call);
    }
    case ExprKind::kCast:
      return CastExpr(expr);
    case ExprKind::kCase:
      return Case(expr);
    case ExprKind::kIn:
      return In(expr);
    case ExprKind::kBetween:
      return Between(expr);
    case ExprKind::kLike:
      return Like(expr);
    case ExprKind::kIs:
      return Is(expr);
    case ExprKind::kRow:
      return Row(expr);
    case ExprKind::kSubquery:
    case ExprKind::kExists:
      return Subquery(expr, {});
  }
  return Wrong(expr, "this expression is not supported");
}

Result<std::vector<Expression>> ExprTranslator::Arguments(const Expr& expr) {
  std::vector<Expression> values;
  for (const auto& arg : expr.args) {
    // count(*) is refused with the function's name; a lambda waits for its parameters' types.
    if (arg.kind == ExprKind::kStar || arg.kind == ExprKind::kLambda) {
      values.push_back(Expression::Null());
      continue;
    }
    if (&arg == expr.args.data() && IsUnitOfTime(expr)) {
      values.push_back(Expression::Text(arg.text));
      continue;
    }
    const bool is_field = arg.kind == ExprKind::kNamed && expr.text == "struct";
    ST_TRY(auto value, Translate(is_field ? arg.args[0] : arg));
    values.push_back(std::move(value));
  }
  return values;
}

// A parameter of a lambda around, a column, or a field of either.
Result<Expression> ExprTranslator::Column(const Expr& expr) {
  const bool has_two = !expr.qualifier.empty();
  const std::string& first = has_two ? expr.qualifier : expr.text;
  for (const auto& [name, value] : std::views::reverse(variables_)) {
    if (!EqualsIgnoreCase(name, first)) continue;
    return has_two ? At(expr, TakeField(value, expr.text)) : value;
  }
  if (has_two && !scope_.IsRelation(first)) {
    Expr outer = expr;
    outer.text = std::exchange(outer.qualifier, {});
    if (const auto column = scope_.Column(outer)) return At(expr, TakeField(*column, expr.text));
  }
  return scope_.Column(expr);
}

Expression ExprTranslator::NewVariable(const Type& type) {
  return Expression::PlainColumn(fmt::format("st_lambda_{}", ++last_variable_), type);
}

Result<Expression> ExprTranslator::Body(const Expr& lambda,
                                        const std::vector<Expression>& parameters) {
  for (std::size_t i = 0; i < lambda.names.size(); ++i) {
    variables_.emplace_back(lambda.names[i], parameters.at(i));
  }
  auto body = Translate(lambda.args[0]);
  variables_.erase(variables_.end() - static_cast<std::ptrdiff_t>(lambda.names.size()),
                   variables_.end());
  if (body && body->type.is_interval()) {
    return Wrong(lambda.args[0], "a lambda makes no interval here");
  }
  return body;
}

Result<Expression> ExprTranslator::Condition(const Expr& expr) {
  ST_TRY(auto value, Translate(expr));
  if (value.type.kind == TypeKind::kBoolean || value.type.is_void()) return value;
  return Wrong(expr, fmt::format("a condition is BOOLEAN, not {}", SparkName(value.type)));
}

Result<Expression> ExprTranslator::Unary(const Expr& expr) {
  if (expr.text == "not") {
    // Of a subquery NOT x IN is x NOT IN, which is not the contrary of x IN where there is a NULL.
    if (expr.args[0].kind == ExprKind::kIn && expr.args[0].query != nullptr) {
      Expr in = expr.args[0];
      in.is_negated = !in.is_negated;
      return Translate(in);
    }
    ST_TRY(auto value, Condition(expr.args[0]));
    return Expression::Apply(Operator::kNot, {std::move(value)}).InBrackets();
  }
  if (expr.text == "-" && expr.args[0].kind == ExprKind::kNumber) {
    return NumberLiteral(source_, expr.args[0], true);
  }
  ST_TRY(auto value, Translate(expr.args[0]));
  if (value.type.is_interval()) {
    return expr.text == "+" ? std::move(value) : NegatedInterval(value);
  }
  if (expr.text == "~") return At(expr, OfBits("~", {std::move(value)}));
  if (!value.type.is_numeric()) {
    return Wrong(expr, fmt::format("{} takes a number, not {}", expr.text, SparkName(value.type)));
  }
  if (expr.text == "+") return value;
  return Expression::Apply(Operator::kNegate, {std::move(value)}).InBrackets().CanFail();
}

Result<Expression> ExprTranslator::Binary(const Expr& expr) {
  if (expr.text == "and" || expr.text == "or") return Logic(expr);
  if (expr.text == "||") return Concatenation(expr);
  static constexpr std::string_view kArithmetic = "+-*/%&|^";
  if (expr.text == "div" || (expr.text.size() == 1 && kArithmetic.contains(expr.text[0]))) {
    return Arithmetic(expr);
  }
  return Comparison(expr);
}

// Spark evaluates from left to right and stops early; DuckDB chooses its own order. Where a part
// can fail, a CASE fixes the order, so that the record alone decides whether it is a dead letter
// (I12).
Result<Expression> ExprTranslator::Logic(const Expr& expr) {
  std::vector<const Expr*> parts;
  Flatten(expr, expr.text, parts);
  std::vector<Expression> values;
  for (const auto* part : parts) {
    ST_TRY(auto value, Condition(*part));
    values.push_back(std::move(value));
  }
  const bool is_and = expr.text == "and";
  const Expression chain = Expression::Apply(is_and ? Operator::kAnd : Operator::kOr, values);
  if (!chain.can_fail) return Expression(chain).InBrackets();
  std::vector<CaseBranch> branches;
  for (const auto& value : values) {
    branches.push_back({is_and ? Expression::Apply(Operator::kNot, {value}) : value,
                        Expression::Boolean(!is_and)});
  }
  return Expression::Case(std::move(branches), Expression(chain).InBrackets()).InBrackets();
}

Result<Expression> ExprTranslator::Arithmetic(const Expr& expr) {
  ST_TRY(auto values, Arguments(expr));
  if (expr.text == "&" || expr.text == "|" || expr.text == "^") {
    return At(expr, OfBits(expr.text, std::move(values)));
  }
  auto of_times = TimeArithmetic(expr.text, values);
  if (!of_times) return Wrong(expr, of_times.error().message());
  if (*of_times) return **std::move(of_times);
  for (std::size_t i = 0; i < 2; ++i) {
    const TypeKind other = values[1 - i].type.kind;
    if (IsDecimal(values[i]) && (other == TypeKind::kDouble || other == TypeKind::kFloat)) {
      ST_TRY(values[i], Cast(values[i], {.kind = TypeKind::kDouble}, false));
    }
    if (!values[i].type.is_numeric() || IsDecimal(values[i])) {
      return Wrong(expr,
                   fmt::format("{} takes INT, BIGINT, FLOAT or DOUBLE, not {}; write CAST(… AS …)",
                               expr.text, TypesOf(values)));
    }
  }
  if (expr.text == "/") {
    for (auto& value : values) {
      ST_TRY(value, Cast(value, {.kind = TypeKind::kDouble}, false));
    }
  } else if (!Unify(values)) {
    return Wrong(expr, fmt::format("{} does not take {}", expr.text, TypesOf(values)));
  }
  const Type type = values[0].type;
  if (expr.text == "+" || expr.text == "-" || expr.text == "*") {
    const Operator op = expr.text == "+"   ? Operator::kAdd
                        : expr.text == "-" ? Operator::kSubtract
                                           : Operator::kMultiply;
    return Expression::Apply(op, std::move(values)).InBrackets().CanFail();
  }
  if (expr.text == "/") return Divided(Operator::kDivide, values);
  if (expr.text == "%") return Divided(Operator::kRemainder, values);
  if (!type.is_integer()) return Wrong(expr, "div takes INT or BIGINT");
  return Expression::Cast(Divided(Operator::kDivideWhole, values), {.kind = TypeKind::kLong});
}

Result<Expression> ExprTranslator::Comparison(const Expr& expr) {
  ST_TRY(auto values, Arguments(expr));
  ST_TRY_STATUS(MakeComparable(source_, expr, values));
  return Expression::Apply(ComparisonOf(expr.text), std::move(values)).InBrackets();
}

Result<Expression> ExprTranslator::Concatenation(const Expr& expr) {
  Expr call = expr;
  call.kind = ExprKind::kCall;
  call.text = "concat";
  return Translate(call);
}

Result<Expression> ExprTranslator::CastExpr(const Expr& expr) {
  const auto type = TypeFromName(expr.type);
  if (!type) {
    const TypeName& unknown = UnknownPart(expr.type);
    return std::unexpected(source_.At(
        unknown.position,
        fmt::format(
            "type {} is not supported; supported are STRING, BOOLEAN, INT, BIGINT, FLOAT, DOUBLE, "
            "DECIMAL(p,s), DATE, TIMESTAMP, TIMESTAMP_NTZ, BINARY, and ARRAY<…>, MAP<…, …> and "
            "STRUCT<name: …> of them",
            unknown.name)));
  }
  const Expr& inner = expr.args[0];
  if (type->kind == TypeKind::kString && inner.kind == ExprKind::kColumn &&
      EqualsIgnoreCase(inner.text, "value")) {
    return scope_.ValueText(inner);
  }
  ST_TRY(auto value, Translate(inner));
  auto cast = Cast(value, *type, expr.is_try);
  if (!cast) return Wrong(expr, cast.error().message());
  return cast;
}

Result<Expression> ExprTranslator::Case(const Expr& expr) {
  const std::size_t first = expr.has_operand ? 1 : 0;
  const std::size_t pairs = (expr.args.size() - first) / 2;
  std::vector<Expression> conditions;
  std::vector<Expression> results;
  for (std::size_t i = 0; i < pairs; ++i) {
    const Expr& when = expr.args[first + 2 * i];
    if (expr.has_operand) {
      Expr equal;
      equal.kind = ExprKind::kBinary;
      equal.text = "=";
      equal.position = when.position;
      equal.args = {expr.args[0], when};
      ST_TRY(auto condition, Translate(equal));
      conditions.push_back(std::move(condition));
    } else {
      ST_TRY(auto condition, Condition(when));
      conditions.push_back(std::move(condition));
    }
    ST_TRY(auto result, Translate(expr.args[first + 2 * i + 1]));
    results.push_back(std::move(result));
  }
  if (expr.has_else) {
    ST_TRY(auto otherwise, Translate(expr.args.back()));
    results.push_back(std::move(otherwise));
  }
  if (!Unify(results)) {
    return Wrong(expr, fmt::format("the results of CASE have types {}; write CAST(… AS …)",
                                   TypesOf(results)));
  }
  std::vector<CaseBranch> branches;
  for (std::size_t i = 0; i < pairs; ++i) {
    branches.push_back({std::move(conditions[i]), std::move(results[i])});
  }
  std::optional<Expression> otherwise;
  if (expr.has_else) otherwise = std::move(results.back());
  return Expression::Case(std::move(branches), std::move(otherwise)).InBrackets();
}

// (a, b) is struct(a, b).
Result<Expression> ExprTranslator::Row(const Expr& expr) {
  Expr call = expr;
  call.kind = ExprKind::kCall;
  call.text = "struct";
  return Translate(call);
}

// `values`: those before IN.
Result<Expression> ExprTranslator::Subquery(const Expr& expr,
                                            const std::vector<Expression>& values) {
  Subqueries* subqueries = scope_.subqueries();
  if (subqueries == nullptr) return Wrong(expr, "a subquery is not taken here");
  if (!variables_.empty()) {
    return Wrong(expr, "a lambda has no subquery (HIGHER_ORDER_FUNCTION), as in Spark");
  }
  if (expr.kind == ExprKind::kIn) return subqueries->IsAmong(expr, values, scope_);
  if (expr.kind == ExprKind::kExists) return subqueries->Exists(expr, scope_);
  return subqueries->Value(expr, scope_);
}

Result<Expression> ExprTranslator::In(const Expr& expr) {
  if (expr.query != nullptr) {
    const Expr& left = expr.args[0];
    const bool is_row =
        left.kind == ExprKind::kRow || (left.kind == ExprKind::kCall && left.text == "struct");
    ST_TRY(const auto compared, Arguments(is_row ? left : expr));
    return Subquery(expr, compared);
  }
  ST_TRY(auto values, Arguments(expr));
  ST_TRY_STATUS(MakeComparable(source_, expr, values));
  if (std::ranges::any_of(values.begin() + 1, values.end(), &Expression::can_fail)) {
    return Wrong(expr, "a value in IN (…) may raise an error; write OR, which has an order");
  }
  return Expression::Apply(expr.is_negated ? Operator::kNotIn : Operator::kIn, std::move(values))
      .InBrackets();
}

// Translates BETWEEN to x >= low AND x <= high, as Spark does.
Result<Expression> ExprTranslator::Between(const Expr& expr) {
  const auto compare = [&](const char* op, const Expr& bound) {
    Expr side;
    side.kind = ExprKind::kBinary;
    side.text = op;
    side.position = expr.position;
    side.args = {expr.args[0], bound};
    return side;
  };
  Expr both;
  both.kind = ExprKind::kBinary;
  both.text = "and";
  both.position = expr.position;
  both.args = {compare(">=", expr.args[1]), compare("<=", expr.args[2])};
  if (!expr.is_negated) return Translate(both);
  Expr negated;
  negated.kind = ExprKind::kUnary;
  negated.text = "not";
  negated.position = expr.position;
  negated.args = {std::move(both)};
  return Translate(negated);
}

Result<Expression> ExprTranslator::Like(const Expr& expr) {
  if (expr.text == "rlike") {
    Expr call = expr;
    call.kind = ExprKind::kCall;
    ST_TRY(auto matched, Translate(call));
    if (!expr.is_negated) return matched;
    return Expression::Apply(Operator::kNot, {std::move(matched)}).InBrackets();
  }
  ST_TRY(auto value, Translate(expr.args[0]));
  if (value.type.kind != TypeKind::kString) {
    return Wrong(expr, fmt::format("LIKE takes STRING, not {}", SparkName(value.type)));
  }
  const Expr& pattern = expr.args[1];
  if (pattern.kind != ExprKind::kString) {
    return Wrong(pattern, "the pattern of LIKE must be a constant string");
  }
  if (const auto checked = CheckLikePattern(pattern.text); !checked) {
    return Wrong(pattern, checked.error().message());
  }
  return Expression::Apply(expr.is_negated ? Operator::kNotLike : Operator::kLike,
                           {std::move(value), Expression::Text(pattern.text)})
      .InBrackets();
}

Result<Expression> ExprTranslator::Is(const Expr& expr) {
  if (expr.text == "distinct") {
    ST_TRY(auto values, Arguments(expr));
    ST_TRY_STATUS(MakeComparable(source_, expr, values));
    return Expression::Apply(expr.is_negated ? Operator::kIsNotDistinct : Operator::kIsDistinct,
                             std::move(values))
        .InBrackets();
  }
  const bool is_null = expr.text == "null";
  ST_TRY(auto value, is_null ? Translate(expr.args[0]) : Condition(expr.args[0]));
  return Expression::Apply(TestOf(expr.text, expr.is_negated), {std::move(value)}).InBrackets();
}

}  // namespace st::dialect::spark
