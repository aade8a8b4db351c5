#include "dialect/spark/casts.h"

#include <string>
#include <string_view>
#include <utility>

#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

using enum TypeKind;

constexpr ColumnType kText{.kind = kString};
constexpr ColumnType kWhole{.kind = kLong};

// Spark trims Java's whitespace and control characters before it reads a number or a boolean.
constexpr std::string_view kSpace = R"([\x00-\x20\x7F]*)";
constexpr std::string_view kNumber = R"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)";
constexpr std::string_view kDay = R"( *[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})";
constexpr std::string_view kClock =
    R"([T ](?:[01]?[0-9]|2[0-3]):[0-5]?[0-9]:[0-5]?[0-9](?:\.[0-9]{0,9})?)";
constexpr std::string_view kZone = R"((?:Z| UTC|[+-](?:0[0-9]|1[0-7]):?[0-5][0-9]))";

std::unexpected<Error> NotOffered(const Expression& value, const ColumnType& to,
                                  std::string_view why) {
  return Fail(ErrorCode::kUnsupported, "a cast from {} to {} is not supported{}",
              SparkName(value.type), SparkName(to), why);
}

Expression Call(std::string_view function, std::vector<Expression> arguments, ColumnType type) {
  return Expression::Call(function, std::move(arguments), type);
}

// Builds the cast of a text: the branches are tried in order, and a text that matches none is an
// error.
class TextCast {
 public:
  TextCast(const Expression& value, const ColumnType& to, bool is_try)
      : value_(value), to_(to), is_try_(is_try) {
    branches_.push_back({Expression::Apply(Operator::kIsNull, {value}), Expression::Null()});
  }

  void Branch(std::string_view pattern, Expression then) {
    branches_.push_back(
        {Call("regexp_full_match", {value_, Expression::Text(pattern)}, {.kind = kBoolean}),
         std::move(then)});
  }

  // Adds a branch that casts the number between surrounding spaces.
  void Number(std::string_view pattern, std::string_view suffix) {
    const std::string whole = fmt::format("{}({}){}{}", kSpace, pattern, suffix, kSpace);
    Branch(whole, Expression::Cast(Group(whole), to_, is_try_));
  }

  // The first group of `pattern` in the text.
  Expression Group(std::string_view pattern) const {
    return Call("regexp_extract", {value_, Expression::Text(pattern), Expression::Integer(1)},
                kText);
  }

  Expression Finish() {
    Expression made = Expression::Case(std::move(branches_), Otherwise());
    made.type = to_;
    made.can_fail = !is_try_ || value_.can_fail;
    return made;
  }

 private:
  Expression Otherwise() const {
    if (is_try_) return Expression::Null();
    return Call("error",
                {Expression::Apply(Operator::kConcatenate,
                                   {Expression::Text("cannot cast '"),
                                    Call("left", {value_, Expression::Integer(100)}, kText),
                                    Expression::Text("' to " + SparkName(to_))})},
                to_);
  }

  const Expression& value_;
  const ColumnType to_;
  const bool is_try_;
  std::vector<CaseBranch> branches_;
};

Expression DoubleFromText(const Expression& value, bool is_try) {
  const ColumnType to{.kind = kDouble};
  TextCast cast(value, to, is_try);
  cast.Number(kNumber, "[dDfF]?");
  const std::string special = fmt::format(R"({}(?i)([+-]?inf(?:inity)?|nan){})", kSpace, kSpace);
  cast.Branch(special, Expression::Cast(cast.Group(special), to));
  return cast.Finish();
}

Expression BooleanFromText(const Expression& value, bool is_try) {
  const auto pattern = [](std::string_view words) {
    return fmt::format("{}(?i)(?:{}){}", kSpace, words, kSpace);
  };
  TextCast cast(value, {.kind = kBoolean}, is_try);
  cast.Branch(pattern("t|true|y|yes|1"), Expression::Boolean(true));
  cast.Branch(pattern("f|false|n|no|0"), Expression::Boolean(false));
  return cast.Finish();
}

Expression DateFromText(const Expression& value, bool is_try) {
  const ColumnType to{.kind = kDate};
  TextCast cast(value, to, is_try);
  cast.Branch(fmt::format("{}(?s:[T ].*)?", kDay),
              Expression::Cast(cast.Group(fmt::format("^ *({})", kDay.substr(2))), to, is_try));
  return cast.Finish();
}

Expression TimestampFromText(const Expression& value, bool is_try) {
  const ColumnType to{.kind = kTimestampTz};
  TextCast cast(value, to, is_try);
  const auto branch = [&](const std::string& pattern, std::string_view suffix) {
    Expression text = Call("trim", {value, Expression::Text(" ")}, kText);
    if (!suffix.empty()) {
      text = Expression::Apply(Operator::kConcatenate, {text, Expression::Text(suffix)});
    }
    cast.Branch(pattern + " *", Expression::Cast(std::move(text), to, is_try));
  };
  const std::string time = fmt::format("{}{}", kDay, kClock);
  branch(time + std::string(kZone), "");
  branch(time, "+00:00");
  branch(std::string(kDay), " 00:00:00+00:00");
  return cast.Finish();
}

Expression NumberFromText(const Expression& value, const ColumnType& to, bool is_try) {
  TextCast cast(value, to, is_try);
  cast.Number(to.is_integer() ? "[+-]?[0-9]+" : kNumber, "");
  return cast.Finish();
}

Result<Expression> FromText(const Expression& value, const ColumnType& to, bool is_try) {
  switch (to.kind) {
    case kInt:
    case kLong:
    case kDecimal:
      return NumberFromText(value, to, is_try);
    case kDouble:
      return DoubleFromText(value, is_try);
    case kBoolean:
      return BooleanFromText(value, is_try);
    case kDate:
      return DateFromText(value, is_try);
    case kTimestampTz:
      return TimestampFromText(value, is_try);
    case kBinary:
      return Call("encode", {value}, to);
    default:
      return NotOffered(value, to, "");
  }
}

// DuckDB's own cast, where it means the same as Spark's.
Expression Plain(const Expression& value, const ColumnType& to, bool is_try, bool can_fail) {
  return Expression::Cast(value, to, is_try).CanFail(value.can_fail || (can_fail && !is_try));
}

Result<Expression> ToText(const Expression& value, const ColumnType& to, bool is_try) {
  switch (value.type.kind) {
    case kDouble:
      return NotOffered(value, to, " (Spark writes doubles as Java does, 1.0E7)");
    case kTimestampTz:
      return Plain(InUtc(value, kTimestamp), to, false, false);
    case kBinary: {
      const auto decoded = Call("decode", {value}, to);
      if (!is_try) return Expression(decoded).CanFail();
      return Call("try", {decoded}, to).CanFail(false);
    }
    default:
      return Plain(value, to, false, false);
  }
}

Result<Expression> FromTimestamp(const Expression& value, const ColumnType& to, bool is_try) {
  if (to.kind == kDecimal) return NotOffered(value, to, "");
  if (to.kind == kDouble) {
    Expression seconds =
        Expression::Apply(Operator::kDivide, {Call("epoch_us", {value}, {.kind = kDouble}),
                                              Expression::Number("1e6", {.kind = kDouble})});
    return std::move(seconds).InBrackets();
  }
  const Expression seconds = DivideDown(Call("epoch_us", {value}, kWhole), 1'000'000);
  return to == seconds.type ? seconds : Plain(seconds, to, is_try, true);
}

Result<Expression> ToNumber(const Expression& value, const ColumnType& to, bool is_try) {
  const bool to_decimal = to.kind == kDecimal;
  switch (value.type.kind) {
    case kInt:
      return Plain(value, to, is_try, to_decimal);
    case kLong:
      return Plain(value, to, is_try, to.kind != kDouble);
    case kBoolean:
      if (to_decimal) return NotOffered(value, to, "");
      return Plain(value, to, false, false);
    case kDecimal:
      if (!to.is_integer()) return Plain(value, to, is_try, to_decimal);
      return Plain(Call("trunc", {value}, value.type), to, is_try, true);
    case kDouble:  // Spark truncates the fraction, DuckDB rounds
      if (to_decimal) return NotOffered(value, to, "; cast the text itself");
      return Plain(Call("trunc", {value}, value.type), to, is_try, true);
    case kTimestampTz:
      return FromTimestamp(value, to, is_try);
    default:
      return NotOffered(value, to, "");
  }
}

}  // namespace

Result<Expression> Cast(const Expression& value, const ColumnType& to, bool is_try) {
  if (value.type == to) return value;
  if (value.type.kind == kUnknown) return Plain(value, to, false, false);
  if (value.type.kind == kString) return FromText(value, to, is_try);
  if (to.kind == kString) return ToText(value, to, is_try);
  if (to.is_numeric()) return ToNumber(value, to, is_try);
  if (to.kind == kBoolean && value.type.is_integer()) return Plain(value, to, false, false);
  if (to.kind == kDate && value.type.kind == kTimestampTz) {
    return Plain(InUtc(value, kTimestamp), to, false, false);
  }
  if (to.kind == kTimestampTz && value.type.kind == kDate) {
    return InUtc(Expression::Cast(value, {.kind = kTimestamp}), kTimestampTz);
  }
  if (to.kind == kTimestampTz && value.type.is_integer()) {
    return NotOffered(value, to, "; write timestamp_seconds(x) or timestamp_millis(x)");
  }
  return NotOffered(value, to, "");
}

Expression InUtc(const Expression& value, TypeKind kind) {
  return Call("timezone", {Expression::Text("UTC"), value}, {.kind = kind});
}

Expression DivideDown(const Expression& value, std::int64_t divisor) {
  const Expression by = Expression::Integer(divisor);
  const Expression rest = Expression::Apply(
      Operator::kRemainder,
      {Expression::Apply(Operator::kAdd,
                         {Expression::Apply(Operator::kRemainder, {value, by}), by}),
       by});
  return Expression::Apply(Operator::kDivideWhole,
                           {Expression::Apply(Operator::kSubtract, {value, rest}), by})
      .InBrackets();
}

bool Unify(std::vector<Expression>& values) {
  ColumnType common;
  for (const auto& value : values) {
    const auto next = CommonType(common, value.type);
    if (!next) return false;
    common = *next;
  }
  for (auto& value : values) {
    if (value.type == common) continue;
    auto cast = Cast(value, common, false);
    if (!cast) return false;
    value = std::move(*cast);
  }
  return true;
}

}  // namespace st::dialect::spark
