#include "dialect/spark/expr_translator.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/patterns.h"

namespace st::dialect::spark {
namespace {

constexpr ColumnType kBooleanType{.kind = TypeKind::kBoolean};

bool AnyFails(const std::vector<Typed>& values) {
  return std::ranges::any_of(values, [](const Typed& value) { return value.can_fail; });
}

bool IsDecimal(const Typed& value) { return value.type.kind == TypeKind::kDecimal; }

std::string Types(const std::vector<Typed>& values) {
  std::string out;
  for (const auto& value : values) {
    const std::string name = SparkName(value.type);
    if (!out.ends_with(name)) out += (out.empty() ? "" : " and ") + name;
  }
  return out;
}

// The operands of a chain of one operator: (a AND b) AND c is a, b, c.
void Flatten(const Expr& expr, std::string_view op, std::vector<const Expr*>& out) {
  if (expr.kind == ExprKind::kBinary && expr.text == op) {
    Flatten(expr.args[0], op, out);
    Flatten(expr.args[1], op, out);
  } else {
    out.push_back(&expr);
  }
}

}  // namespace

Result<Typed> ExprTranslator::Translate(const Expr& expr) {
  ST_TRY(auto typed, Dispatch(expr));
  if (typed.sql.size() > kMaxSqlBytes) {
    return Wrong(expr, fmt::format("this expression makes {} bytes of SQL; the limit is {}",
                                   typed.sql.size(), kMaxSqlBytes));
  }
  return typed;
}

Result<Typed> ExprTranslator::Dispatch(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kString:
      return Typed{.sql = SqlString(expr.text), .type = {.kind = TypeKind::kString}};
    case ExprKind::kNumber:
      return Number(expr, false);
    case ExprKind::kTrue:
      return Typed{.sql = "true", .type = kBooleanType};
    case ExprKind::kFalse:
      return Typed{.sql = "false", .type = kBooleanType};
    case ExprKind::kNull:
      return Typed{.sql = "NULL", .type = {}};
    case ExprKind::kTyped:
      return TypedLiteral(expr);
    case ExprKind::kColumn:
      return scope_.Column(expr);
    case ExprKind::kStar:
      return Wrong(expr, "* stands alone in the SELECT");
    case ExprKind::kUnary:
      return Unary(expr);
    case ExprKind::kBinary:
      return Binary(expr);
    case ExprKind::kCall: {
      ST_TRY(auto args, Arguments(expr));
      Call call{.source = source_, .expr = expr, .args = std::move(args), .scope = scope_};
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
  }
  return Wrong(expr, "this expression is not supported");
}

Result<std::vector<Typed>> ExprTranslator::Arguments(const Expr& expr) {
  std::vector<Typed> values;
  for (const auto& arg : expr.args) {
    if (arg.kind == ExprKind::kStar) {  // count(*): refused with the function's name
      values.push_back({.sql = "NULL", .type = {}});
      continue;
    }
    ST_TRY(auto value, Translate(arg));
    values.push_back(std::move(value));
  }
  return values;
}

Result<Typed> ExprTranslator::Number(const Expr& expr, bool is_negative) {
  std::string text = AsciiLower(expr.text);
  const char last = text.back();
  const bool is_hex = text.starts_with("0x");
  const bool is_plain = text.find_first_of(".e") == std::string::npos;
  const auto make = [&](std::string_view digits, ColumnType type) -> Result<Typed> {
    return Typed{
        .sql = fmt::format("CAST('{}{}' AS {})", is_negative ? "-" : "", digits, DuckDbName(type)),
        .type = type};
  };
  if (last == 'd' && !is_hex) {
    text.pop_back();
    if (text.find_first_not_of("0123456789.e+-") == std::string::npos) {
      return make(text, {.kind = TypeKind::kDouble});
    }
  }
  const bool is_long = last == 'l';
  if (is_long) text.pop_back();
  if (text.find_first_not_of("0123456789.e+-") != std::string::npos) {
    return Wrong(expr,
                 fmt::format("'{}' is no number; supported are 1, 1.5, 1e3, 10L, 1.5D", expr.text));
  }
  if (is_plain) {
    const auto value = ParseInt64((is_negative ? "-" : "") + text);
    if (!value) return Wrong(expr, fmt::format("{} does not fit BIGINT", expr.text));
    const bool is_int = !is_long && *value >= INT32_MIN && *value <= INT32_MAX;
    if (!is_int) return make(text, {.kind = TypeKind::kLong});
    return Typed{.sql = is_negative ? fmt::format("({})", *value) : fmt::format("{}", *value),
                 .type = {.kind = TypeKind::kInt}};
  }
  if (is_long) return Wrong(expr, fmt::format("'{}' is no whole number", expr.text));
  if (text.contains('e')) return make(text, {.kind = TypeKind::kDouble});
  const auto dot = text.find('.');
  const int scale = static_cast<int>(text.size() - dot - 1);
  const std::string_view whole = std::string_view(text).substr(0, dot);
  const auto significant = whole.find_first_not_of('0');
  const int digits =
      significant == std::string_view::npos ? 0 : static_cast<int>(whole.size() - significant);
  if (digits + scale > 38) return Wrong(expr, "a decimal has at most 38 digits");
  return make(
      text, {.kind = TypeKind::kDecimal, .precision = std::max(digits + scale, 1), .scale = scale});
}

Result<Typed> ExprTranslator::TypedLiteral(const Expr& expr) {
  const TypeKind kind = expr.text == "date" ? TypeKind::kDate : TypeKind::kTimestampTz;
  const Typed text{.sql = SqlString(expr.args[0].text), .type = {.kind = TypeKind::kString}};
  return Cast(text, {.kind = kind}, false);
}

Result<Typed> ExprTranslator::Condition(const Expr& expr) {
  ST_TRY(auto value, Translate(expr));
  if (value.type.kind == TypeKind::kBoolean || value.type.kind == TypeKind::kUnknown) return value;
  return Wrong(expr, fmt::format("a condition is BOOLEAN, not {}", SparkName(value.type)));
}

Result<Typed> ExprTranslator::Unary(const Expr& expr) {
  if (expr.text == "not") {
    ST_TRY(auto value, Condition(expr.args[0]));
    return Typed{.sql = fmt::format("(NOT {})", value.sql),
                 .type = kBooleanType,
                 .can_fail = value.can_fail};
  }
  if (expr.text == "-" && expr.args[0].kind == ExprKind::kNumber) {
    return Number(expr.args[0], true);
  }
  ST_TRY(auto value, Translate(expr.args[0]));
  if (!value.type.is_numeric()) {
    return Wrong(expr, fmt::format("{} takes a number, not {}", expr.text, SparkName(value.type)));
  }
  if (expr.text == "+") return value;
  return Typed{.sql = fmt::format("(-{})", value.sql), .type = value.type, .can_fail = true};
}

Result<Typed> ExprTranslator::Binary(const Expr& expr) {
  if (expr.text == "and" || expr.text == "or") return Logic(expr);
  if (expr.text == "||") return Concatenation(expr);
  static constexpr std::string_view kArithmetic = "+-*/%";
  if (expr.text == "div" || (expr.text.size() == 1 && kArithmetic.contains(expr.text[0]))) {
    return Arithmetic(expr);
  }
  return Comparison(expr);
}

// Spark evaluates from left to right and stops early; DuckDB chooses an order by itself. Where a
// part may raise an error the order is written out, so that what becomes a dead letter is a
// function of the record (I12).
Result<Typed> ExprTranslator::Logic(const Expr& expr) {
  std::vector<const Expr*> parts;
  Flatten(expr, expr.text, parts);
  std::vector<Typed> values;
  for (const auto* part : parts) {
    ST_TRY(auto value, Condition(*part));
    values.push_back(std::move(value));
  }
  const bool is_and = expr.text == "and";
  std::string chain;
  for (const auto& value : values) {
    chain += (chain.empty() ? "(" : is_and ? " AND " : " OR ") + value.sql;
  }
  chain += ")";
  if (!AnyFails(values)) return Typed{.sql = std::move(chain), .type = kBooleanType};
  std::string sql = "CASE";
  for (const auto& value : values) {
    sql += is_and ? fmt::format(" WHEN NOT {} THEN false", value.sql)
                  : fmt::format(" WHEN {} THEN true", value.sql);
  }
  return Typed{
      .sql = fmt::format("({} ELSE {} END)", sql, chain), .type = kBooleanType, .can_fail = true};
}

Result<Typed> ExprTranslator::Arithmetic(const Expr& expr) {
  ST_TRY(auto values, Arguments(expr));
  for (std::size_t i = 0; i < 2; ++i) {
    const TypeKind other = values[1 - i].type.kind;
    if (IsDecimal(values[i]) && other == TypeKind::kDouble) {
      ST_TRY(values[i], Cast(values[i], {.kind = TypeKind::kDouble}, false));
    }
    if (!values[i].type.is_numeric() || IsDecimal(values[i])) {
      return Wrong(expr, fmt::format("{} takes INT, BIGINT or DOUBLE, not {}; write CAST(… AS …)",
                                     expr.text, Types(values)));
    }
  }
  if (expr.text == "/") {
    for (auto& value : values) {
      ST_TRY(value, Cast(value, {.kind = TypeKind::kDouble}, false));
    }
  } else if (!Unify(values)) {
    return Wrong(expr, fmt::format("{} does not take {}", expr.text, Types(values)));
  }
  const ColumnType type = values[0].type;
  const auto& [a, b] = std::tie(values[0].sql, values[1].sql);
  const bool divides = expr.text == "/" || expr.text == "%" || expr.text == "div";
  if (!divides) {
    return Typed{.sql = fmt::format("({} {} {})", a, expr.text, b), .type = type, .can_fail = true};
  }
  if (expr.text == "div" && !type.is_integer()) {
    return Wrong(expr, "div takes INT or BIGINT");
  }
  const std::string_view op = expr.text == "div" ? "//" : std::string_view(expr.text);
  std::string sql = fmt::format(
      "(CASE WHEN {0} IS NOT NULL AND {1} = 0 THEN error('division by zero') ELSE {0} {2} {1} END)",
      a, b, op);
  if (expr.text == "div") {
    return Typed{.sql = fmt::format("CAST({} AS BIGINT)", sql),
                 .type = {.kind = TypeKind::kLong},
                 .can_fail = true};
  }
  return Typed{.sql = std::move(sql), .type = type, .can_fail = true};
}

Status ExprTranslator::Comparable(const Expr& expr, std::vector<Typed>& values) {
  const auto has = [&](TypeKind kind) {
    return std::ranges::any_of(values, [&](const Typed& v) { return v.type.kind == kind; });
  };
  for (std::size_t i = 0; i < values.size(); ++i) {
    // A constant string beside a time is one; Spark casts it so.
    const bool is_text = i < expr.args.size() && expr.args[i].kind == ExprKind::kString;
    for (const TypeKind kind : {TypeKind::kTimestampTz, TypeKind::kDate}) {
      if (is_text && has(kind)) {
        ST_TRY(values[i], Cast(values[i], {.kind = kind}, false));
        break;
      }
    }
    if (IsDecimal(values[i]) && has(TypeKind::kDouble)) {
      ST_TRY(values[i], Cast(values[i], {.kind = TypeKind::kDouble}, false));
    }
  }
  if (Unify(values)) return {};
  const bool are_exact = std::ranges::all_of(
      values, [](const Typed& v) { return v.type.is_integer() || IsDecimal(v); });
  if (are_exact) return {};
  return Wrong(expr, fmt::format("{} are compared; Spark would cast one of them, so say which: "
                                 "CAST(… AS …)",
                                 Types(values)));
}

Result<Typed> ExprTranslator::Comparison(const Expr& expr) {
  ST_TRY(auto values, Arguments(expr));
  ST_TRY_STATUS(Comparable(expr, values));
  const std::string_view op =
      expr.text == "<=>" ? "IS NOT DISTINCT FROM" : std::string_view(expr.text);
  return Typed{.sql = fmt::format("({} {} {})", values[0].sql, op, values[1].sql),
               .type = kBooleanType,
               .can_fail = AnyFails(values)};
}

Result<Typed> ExprTranslator::Concatenation(const Expr& expr) {
  Expr call = expr;
  call.kind = ExprKind::kCall;
  call.text = "concat";
  return Translate(call);
}

Result<Typed> ExprTranslator::CastExpr(const Expr& expr) {
  const auto type = TypeFromName(expr.type);
  if (!type) {
    return std::unexpected(source_.At(
        expr.type.position,
        fmt::format("type {} is not supported; supported are STRING, BOOLEAN, INT, BIGINT, DOUBLE, "
                    "DECIMAL(p,s), DATE, TIMESTAMP, BINARY",
                    expr.type.name)));
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

Result<Typed> ExprTranslator::Case(const Expr& expr) {
  const std::size_t first = expr.has_operand ? 1 : 0;
  const std::size_t pairs = (expr.args.size() - first) / 2;
  std::vector<Typed> conditions;
  std::vector<Typed> results;
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
    return Wrong(
        expr, fmt::format("the results of CASE have types {}; write CAST(… AS …)", Types(results)));
  }
  std::string sql = "CASE";
  for (std::size_t i = 0; i < pairs; ++i) {
    sql += fmt::format(" WHEN {} THEN {}", conditions[i].sql, results[i].sql);
  }
  if (expr.has_else) sql += fmt::format(" ELSE {}", results.back().sql);
  return Typed{.sql = fmt::format("({} END)", sql),
               .type = results[0].type,
               .can_fail = AnyFails(conditions) || AnyFails(results)};
}

Result<Typed> ExprTranslator::In(const Expr& expr) {
  ST_TRY(auto values, Arguments(expr));
  ST_TRY_STATUS(Comparable(expr, values));
  if (std::ranges::any_of(values.begin() + 1, values.end(), &Typed::can_fail)) {
    return Wrong(expr, "a value in IN (…) may raise an error; write OR, which has an order");
  }
  std::string list;
  for (std::size_t i = 1; i < values.size(); ++i) {
    list += (i == 1 ? "" : ", ") + values[i].sql;
  }
  return Typed{
      .sql = fmt::format("({} {}IN ({}))", values[0].sql, expr.is_negated ? "NOT " : "", list),
      .type = kBooleanType,
      .can_fail = AnyFails(values)};
}

// As Spark: x >= low AND x <= high.
Result<Typed> ExprTranslator::Between(const Expr& expr) {
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

Result<Typed> ExprTranslator::Like(const Expr& expr) {
  if (expr.text == "rlike") {
    Expr call = expr;
    call.kind = ExprKind::kCall;
    ST_TRY(auto matched, Translate(call));
    if (expr.is_negated) matched.sql = fmt::format("(NOT {})", matched.sql);
    return matched;
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
  return Typed{.sql = fmt::format("({} {}LIKE {} ESCAPE '\\')", value.sql,
                                  expr.is_negated ? "NOT " : "", SqlString(pattern.text)),
               .type = kBooleanType,
               .can_fail = value.can_fail};
}

Result<Typed> ExprTranslator::Is(const Expr& expr) {
  const std::string_view no = expr.is_negated ? "NOT " : "";
  if (expr.text == "distinct") {
    ST_TRY(auto values, Arguments(expr));
    ST_TRY_STATUS(Comparable(expr, values));
    return Typed{.sql = fmt::format("({} IS {}DISTINCT FROM {})", values[0].sql, no, values[1].sql),
                 .type = kBooleanType,
                 .can_fail = AnyFails(values)};
  }
  const bool is_null = expr.text == "null";
  ST_TRY(auto value, is_null ? Translate(expr.args[0]) : Condition(expr.args[0]));
  return Typed{.sql = fmt::format("({} IS {}{})", value.sql, no,
                                  is_null               ? "NULL"
                                  : expr.text == "true" ? "TRUE"
                                                        : "FALSE"),
               .type = kBooleanType,
               .can_fail = value.can_fail};
}

}  // namespace st::dialect::spark
