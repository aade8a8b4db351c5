#include "dialect/spark/number_functions.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "dialect/spark/arguments.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;
using enum TypeKind;

// The argument as the number that it is; a text is a DOUBLE, as Spark casts it.
Result<Expression> Number(const Call& call, std::size_t index) {
  if (call.args[index].type.is_numeric()) return call.args[index];
  return Argument(call, index, kDouble);
}

// A call of the worker's function of whole numbers: name_int for INT, else `name`, for BIGINT.
Expression OfWhole(std::string_view name, std::vector<Expression> arguments, TypeKind kind) {
  return MakeCall(fmt::format("{}{}", name, kind == kInt ? "_int" : ""), std::move(arguments),
                  kind);
}

Result<Expression> Abs(Call& call) {
  ST_TRY(auto number, Number(call, 0));
  const Type type = number.type;
  return MakeCall("abs", {std::move(number)}, type).CanFail();
}

Result<Expression> Negative(Call& call) {
  ST_TRY(auto number, Number(call, 0));
  if (call.expr.text == "positive") return number;
  return Expression::Apply(Operator::kNegate, {std::move(number)}).InBrackets().CanFail();
}

Result<Expression> ToWhole(Call& call) {  // translates ceil and floor
  const bool is_floor = call.expr.text == "floor";
  const Type type = call.args[0].type;
  if (type.is_integer()) return Cast(call.args[0], {.kind = kLong}, false);
  if (type.kind == kDecimal) {
    const int digits = type.precision - type.scale + 1;
    if (type.scale == 0 || digits > kMaxDecimalPrecision) return call.args[0];
    return Expression::Cast(MakeCall(is_floor ? "floor" : "ceil", call.args, type),
                            {.kind = kDecimal, .precision = digits, .scale = 0});
  }
  ST_TRY(auto number, Argument(call, 0, kDouble));
  return MakeCall(is_floor ? "spark_floor" : "spark_ceil", {std::move(number)}, kLong);
}

// Rounds a decimal half away from zero.
Result<Expression> RoundDecimal(const Call& call, std::int64_t places) {
  const Type type = call.args[0].type;
  if (call.expr.text == "bround" || places < 0) {
    return call.Wrong(call.expr.position,
                      fmt::format("{} of a DECIMAL{} is not supported; write CAST(… AS DOUBLE)",
                                  call.expr.text, places < 0 ? " with places below 0" : ""));
  }
  const int scale = static_cast<int>(std::min<std::int64_t>(places, type.scale));
  const int digits = type.precision - type.scale + 1 + scale;
  if (digits > kMaxDecimalPrecision) {
    return call.Wrong(call.expr.position, "the rounded DECIMAL needs more than 38 digits");
  }
  const Type to{.kind = kDecimal, .precision = digits, .scale = scale};
  return Expression::Cast(MakeCall("round", {call.args[0], Expression::Integer(scale)}, type), to);
}

Result<Expression> Round(Call& call) {
  std::int64_t places = 0;
  ST_TRY(auto number, Number(call, 0));
  const Type type = number.type;
  if (call.args.size() == 2) {
    if (IsNullLiteral(call, 1)) return Expression::Cast(Expression::Null(), type);
    ST_TRY(places, IntegerLiteral(call, 1, "the number of places"));
  }
  if (type.kind == kDecimal) return RoundDecimal(call, places);
  if (type.kind == kFloat) {
    ST_TRY(auto wide, Cast(number, {.kind = kDouble}, false));
    return Cast(MakeCall("spark_" + call.expr.text, {std::move(wide), Expression::Integer(places)},
                         kDouble),
                type, false);
  }
  std::string name = "spark_" + call.expr.text;
  if (type.is_integer()) name += type.kind == kInt ? "_int" : "_bigint";
  Expression made = MakeCall(name, {std::move(number), Expression::Integer(places)}, type);
  made.can_fail = made.can_fail || type.is_integer();
  return made;
}

// log(x), and log(base, x).
Result<Expression> Logarithm(Call& call) {
  std::vector<Expression> numbers;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    ST_TRY(auto number, Argument(call, i, kDouble));
    numbers.push_back(std::move(number));
  }
  return MakeCall(numbers.size() == 1 ? "spark_ln" : "spark_log", std::move(numbers), kDouble);
}

Expression DivisionByZero(Type type) {
  return MakeCall("error", {Expression::Text("[REMAINDER_BY_ZERO] division by zero")}, type);
}

// The two arguments as numbers of one type, of the whole numbers or DOUBLE.
Result<std::vector<Expression>> TwoNumbers(const Call& call) {
  ST_TRY(auto first, Number(call, 0));
  ST_TRY(auto second, Number(call, 1));
  ST_TRY(auto both, OneType(call, {std::move(first), std::move(second)}));
  if (both[0].type.kind != kDecimal) return both;
  return call.Wrong(
      call.expr.position,
      fmt::format("{} does not take DECIMAL; write CAST(… AS DOUBLE)", call.expr.text));
}

// Translates mod, pmod and try_mod.
Result<Expression> Remainder(Call& call) {
  ST_TRY(auto both, TwoNumbers(call));
  const std::string& name = call.expr.text;
  const Type type = both[0].type;
  const bool is_try = name == "try_mod";
  const Expression is_zero = Expression::Apply(
      Operator::kAnd, {Expression::Apply(Operator::kIsNotNull, {both[0]}),
                       Expression::Apply(Operator::kEqual, {both[1], Expression::Integer(0)})});
  Expression rest = Expression::Apply(Operator::kRemainder, both);
  if (name == "pmod") {
    const bool is_floating = type.kind == kFloat || type.kind == kDouble;
    rest = MakeCall(type.kind == kFloat ? "spark_pmod_float"
                    : is_floating       ? "spark_pmod"
                                        : "spark_pmod_bigint",
                    both, is_floating ? type.kind : kLong);
    if (type.kind == kInt) rest = AsInt(std::move(rest));
  }
  Expression made = Expression::Case(
      {{is_zero, is_try ? Expression::Cast(Expression::Null(), type) : DivisionByZero(type)}},
      std::move(rest));
  made.type = type;
  return std::move(made).InBrackets().CanFail(!is_try || AnyFails(call.args));
}

// Translates try_add, try_subtract and try_multiply.
Result<Expression> TryArithmetic(Call& call) {
  ST_TRY(auto both, TwoNumbers(call));
  const TypeKind kind = both[0].type.kind;
  const std::string& name = call.expr.text;
  if (both[0].type.is_integer()) return OfWhole("spark_" + name, std::move(both), kind);
  const Operator op = name == "try_add"        ? Operator::kAdd
                      : name == "try_subtract" ? Operator::kSubtract
                                               : Operator::kMultiply;
  return Expression::Apply(op, std::move(both)).InBrackets();
}

Result<Expression> TryDivide(Call& call) {
  ST_TRY(auto first, Argument(call, 0, kDouble));
  ST_TRY(auto second, Argument(call, 1, kDouble));
  if (call.args[0].type.kind == kDecimal || call.args[1].type.kind == kDecimal) {
    return call.Wrong(call.expr.position,
                      "try_divide does not take DECIMAL; write CAST(… AS DOUBLE)");
  }
  const Expression is_zero = Expression::Apply(
      Operator::kEqual, {second, Expression::Cast(Expression::Integer(0), {.kind = kDouble})});
  return Expression::Case(
             {{is_zero, Expression::Cast(Expression::Null(), {.kind = kDouble})}},
             Expression::Apply(Operator::kDivide, {std::move(first), std::move(second)}))
      .InBrackets();
}

// Translates shiftleft, shiftright and shiftrightunsigned.
Result<Expression> Shift(Call& call) {
  const TypeKind kind = call.args[0].type.kind == kInt ? kInt : kLong;
  ST_TRY(auto number, Argument(call, 0, kind));
  ST_TRY(auto bits, Argument(call, 1, kInt));
  return OfWhole("spark_" + call.expr.text, {std::move(number), std::move(bits)}, kind);
}

Result<Expression> BitGet(Call& call) {
  const int bits = call.args[0].type.kind == kInt ? 32 : 64;
  ST_TRY(auto number, Argument(call, 0, kLong));
  ST_TRY(auto bit, Argument(call, 1, kInt));
  return MakeCall("spark_bit_get", {std::move(number), std::move(bit), Expression::Integer(bits)},
                  kInt)
      .CanFail();
}

Result<Expression> BitCount(Call& call) {
  if (call.args[0].type.kind == kBoolean) return AsInt(call.args[0]);
  ST_TRY(auto number, Argument(call, 0, kLong));
  return MakeCall("spark_bit_count", {std::move(number)}, kInt);
}

Result<Expression> IsNan(Call& call) {
  ST_TRY(auto number, Argument(call, 0, kDouble));
  return MakeCall("coalesce",
                  {MakeCall("isnan", {std::move(number)}, kBoolean), Expression::Boolean(false)},
                  kBoolean);
}

Result<Expression> NanOr(Call& call) {
  const bool are_floats = call.args[0].type.kind == kFloat && call.args[1].type.kind == kFloat;
  ST_TRY(auto first, are_floats ? call.args[0] : Argument(call, 0, kDouble));
  ST_TRY(auto second, are_floats ? call.args[1] : Argument(call, 1, kDouble));
  return Expression::Case({{MakeCall("isnan", {first}, kBoolean), std::move(second)}}, first)
      .InBrackets();
}

Result<Expression> FormatNumber(Call& call) {
  if (call.expr.args[1].kind == ExprKind::kString) {
    return call.Wrong(call.expr.args[1].position,
                      "format_number is supported with a number of places, not with a pattern");
  }
  ST_TRY(auto places, Argument(call, 1, kInt));
  if (call.args[0].type.kind == kDecimal) {
    return call.Wrong(call.expr.args[0].position,
                      "format_number does not take DECIMAL; write CAST(… AS DOUBLE)");
  }
  const bool is_whole = call.args[0].type.is_integer();
  ST_TRY(auto number, Argument(call, 0, is_whole ? kLong : kDouble));
  return MakeCall(is_whole ? "spark_format_whole" : "spark_format_number",
                  {std::move(number), std::move(places)}, kString);
}

Result<Expression> Constant(Call& call) {
  return Expression::Cast(
      Expression::Text(call.expr.text == "pi" ? "3.141592653589793" : "2.718281828459045"),
      {.kind = kDouble});
}

constexpr std::array kNumber = {
    Custom{"abs", 1, 1, "abs(number)", Abs},
    Custom{"positive", 1, 1, "positive(number)", Negative},
    Custom{"negative", 1, 1, "negative(number)", Negative},
    Custom{"ceil", 1, 1, "ceil(number)", ToWhole},
    Custom{"ceiling", 1, 1, "ceiling(number)", ToWhole},
    Custom{"floor", 1, 1, "floor(number)", ToWhole},
    Custom{"round", 1, 2, "round(number[, places])", Round},
    Custom{"bround", 1, 2, "bround(number[, places])", Round},
    Custom{"log", 1, 2, "log([base, ]number)", Logarithm},
    Custom{"mod", 2, 2, "mod(number, divisor)", Remainder},
    Custom{"pmod", 2, 2, "pmod(number, divisor)", Remainder},
    Custom{"try_mod", 2, 2, "try_mod(number, divisor)", Remainder},
    Custom{"try_add", 2, 2, "try_add(number, number)", TryArithmetic},
    Custom{"try_subtract", 2, 2, "try_subtract(number, number)", TryArithmetic},
    Custom{"try_multiply", 2, 2, "try_multiply(number, number)", TryArithmetic},
    Custom{"try_divide", 2, 2, "try_divide(number, divisor)", TryDivide},
    Custom{"shiftleft", 2, 2, "shiftleft(number, bits)", Shift},
    Custom{"shiftright", 2, 2, "shiftright(number, bits)", Shift},
    Custom{"shiftrightunsigned", 2, 2, "shiftrightunsigned(number, bits)", Shift},
    Custom{"bit_get", 2, 2, "bit_get(number, bit)", BitGet},
    Custom{"getbit", 2, 2, "getbit(number, bit)", BitGet},
    Custom{"bit_count", 1, 1, "bit_count(number)", BitCount},
    Custom{"isnan", 1, 1, "isnan(number)", IsNan},
    Custom{"nanvl", 2, 2, "nanvl(number, number)", NanOr},
    Custom{"format_number", 2, 2, "format_number(number, places)", FormatNumber},
    Custom{"pi", 0, 0, "pi()", Constant},
    Custom{"e", 0, 0, "e()", Constant},
};

}  // namespace

std::span<const CustomFunction> NumberFunctions() { return kNumber; }

}  // namespace st::dialect::spark
