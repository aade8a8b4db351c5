#include "dialect/spark/arguments.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

// Spark's implicit casts in ANSI mode, of those that casts.h offers: between strings and what is
// written as text, and from a number to one that holds it.
bool IsImplicit(const Type& from, TypeKind to) {
  using enum TypeKind;
  if (from.is_void()) return true;
  if (from.nested != nullptr) return false;
  if (from.kind == to) return true;
  if (from.kind == kBinary || to == kBinary) return from.kind == kString && to == kBinary;
  if (from.kind == kString || to == kString) return true;
  if (to == kLong) return from.kind == kInt;
  if (to == kDouble) return from.is_numeric();
  const bool is_time = from.kind == kTimestampTz || from.kind == kTimestamp;
  if (to == kTimestampTz || to == kTimestamp) return is_time || from.kind == kDate;
  if (to == kDate) return is_time;
  return false;
}

}  // namespace

Result<std::string> TextLiteral(const Call& call, std::size_t index, std::string_view what) {
  const Expr& arg = call.expr.args[index];
  if (arg.kind == ExprKind::kString) return arg.text;
  return call.Wrong(arg.position, fmt::format("{} must be a constant string", what));
}

Result<std::int64_t> IntegerLiteral(const Call& call, std::size_t index, std::string_view what) {
  const Expr* arg = &call.expr.args[index];
  const bool is_negative = arg->kind == ExprKind::kUnary && arg->text == "-";
  const Expr* number = is_negative ? &arg->args[0] : arg;
  const auto value =
      number->kind == ExprKind::kNumber ? ParseInt64(number->text) : std::optional<std::int64_t>();
  if (value && *value <= 1'000'000'000) return is_negative ? -*value : *value;
  return call.Wrong(arg->position, fmt::format("{} must be a constant integer", what));
}

bool IsNullLiteral(const Call& call, std::size_t index) { return call.args[index].type.is_void(); }

std::unexpected<Error> WrongType(const Call& call, std::size_t index, std::string_view wanted) {
  return call.Wrong(call.expr.args[index].position,
                    fmt::format("{} takes {} here, not {}", call.expr.text, wanted,
                                SparkName(call.args[index].type)));
}

Result<Expression> Argument(const Call& call, std::size_t index, TypeKind to) {
  const Expression& value = call.args[index];
  const Type type{.kind = to};
  const std::size_t position = call.expr.args[index].position;
  if (!IsImplicit(value.type, to)) {
    return call.Wrong(position,
                      fmt::format("{} takes {} here, not {}; write CAST(… AS {})", call.expr.text,
                                  SparkName(type), SparkName(value.type), SparkName(type)));
  }
  auto cast = Cast(value, type, false);
  if (!cast) return call.Wrong(position, cast.error().message());
  return cast;
}

Result<std::vector<Expression>> OneType(const Call& call, std::vector<Expression> values) {
  if (Unify(values)) return values;
  std::string types;
  for (const auto& value : values) {
    types += (types.empty() ? "" : ", ") + SparkName(value.type);
  }
  return call.Wrong(call.expr.position,
                    fmt::format("{} needs values of one type, not {}; write CAST(… AS …)",
                                call.expr.text, types));
}

Expression MakeCall(std::string_view function, std::vector<Expression> arguments, Type result) {
  return Expression::Call(function, std::move(arguments), result);
}

Expression MakeCall(std::string_view function, std::vector<Expression> arguments, TypeKind result) {
  return MakeCall(function, std::move(arguments), Type{.kind = result});
}

// DuckDB gives a concatenation with a constant NULL no type.
Expression Concatenation(std::vector<Expression> parts, Type type) {
  const bool has_null = std::ranges::any_of(parts, [](const Expression& part) {
    return part.kind == Expression::Kind::kCast && part.operands()[0].type.is_void();
  });
  Expression made = Expression::Apply(Operator::kConcatenate, std::move(parts)).InBrackets();
  made.type = std::move(type);
  if (!has_null) return made;
  const Type wanted = made.type;
  return Expression::Cast(std::move(made), wanted);
}

Expression AsInt(Expression value) {
  return Expression::Cast(std::move(value), {.kind = TypeKind::kInt});
}

}  // namespace st::dialect::spark
