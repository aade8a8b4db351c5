#include "dialect/spark/functions.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "dialect/spark/casts.h"
#include "dialect/spark/patterns.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;

constexpr std::size_t kMany = 1000;

constexpr ColumnType kText{.kind = TypeKind::kString};
constexpr ColumnType kWhole{.kind = TypeKind::kLong};

// Gives the plan of a call its type. The call can fail where an argument can.
Expression Make(const Call& call, Expression made, ColumnType type) {
  made.type = type;
  made.can_fail = AnyFails(call.args);
  return made;
}

Expression Make(const Call& call, Expression made, TypeKind kind) {
  return Make(call, std::move(made), ColumnType{.kind = kind});
}

Expression DuckDb(std::string_view function, std::vector<Expression> arguments,
                  ColumnType type = kText) {
  return Expression::Call(function, std::move(arguments), type);
}

// Casts to INT, which Spark returns where some functions of DuckDB return BIGINT.
Expression AsInt(Expression value) {
  return Expression::Cast(std::move(value), {.kind = TypeKind::kInt});
}

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

Status Require(const Call& call, std::size_t index, TypeKind kind) {
  const TypeKind got = call.args[index].type.kind;
  if (got == kind || got == TypeKind::kUnknown) return {};
  return call.Wrong(call.expr.args[index].position,
                    fmt::format("{} takes {} here, not {}; write CAST(… AS {})", call.expr.text,
                                SparkName({.kind = kind}), SparkName(call.args[index].type),
                                SparkName({.kind = kind})));
}

Result<Expression> GetJsonObject(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto path, TextLiteral(call, 1, "the path"));
  const auto translated = TranslateJsonPath(path);
  if (!translated) return call.Wrong(call.expr.args[1].position, translated.error().message());
  const Expression& text = call.args[0];
  if (IsValueText(text)) return Make(call, call.scope.Extract(*translated), kText);
  const auto is_json = DuckDb("json_valid", {text}, {.kind = TypeKind::kBoolean});
  return Make(call,
              Expression::Case({{is_json, DuckDb("json_extract_string",
                                                 {text, Expression::Text(*translated)})}}),
              kText);
}

Result<Expression> Concat(Call& call) {
  std::vector<Expression> texts;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    auto text = Cast(call.args[i], kText, false);
    if (!text || call.args[i].type.kind == TypeKind::kBinary) {
      return call.Wrong(call.expr.args[i].position,
                        fmt::format("concat takes STRING, not {}", SparkName(call.args[i].type)));
    }
    texts.push_back(*std::move(text));
  }
  return Make(call, Expression::Apply(Operator::kConcatenate, std::move(texts)).InBrackets(),
              kText);
}

Result<Expression> ConcatWs(Call& call) {
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    ST_TRY_STATUS(Require(call, i, TypeKind::kString));
  }
  if (call.args.size() == 1) {
    return call.Wrong(call.expr.position, "concat_ws takes a separator and at least one text");
  }
  return Make(call, DuckDb("concat_ws", call.args), kText);
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

// A call of DuckDB's `function` whose arguments have one type, which is the result's type too.
Result<Expression> OfOneType(const Call& call, std::string_view function) {
  ST_TRY(auto values, OneType(call, call.args));
  const ColumnType type = values[0].type;
  return Make(call, DuckDb(function, std::move(values)), type);
}

Result<Expression> Coalesce(Call& call) { return OfOneType(call, "coalesce"); }

Result<Expression> NullIf(Call& call) { return OfOneType(call, "nullif"); }

Result<Expression> If(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kBoolean));
  ST_TRY(const auto values, OneType(call, {call.args[1], call.args[2]}));
  return Make(call, Expression::Case({{call.args[0], values[0]}}, values[1]), values[0].type);
}

Result<Expression> IsNull(Call& call) {
  return Make(call, Expression::Apply(Operator::kIsNull, call.args).InBrackets(),
              TypeKind::kBoolean);
}

Result<Expression> IsNotNull(Call& call) {
  return Make(call, Expression::Apply(Operator::kIsNotNull, call.args).InBrackets(),
              TypeKind::kBoolean);
}

Result<Expression> Extreme(Call& call) { return OfOneType(call, call.expr.text); }

Result<Expression> Abs(Call& call) {
  const ColumnType type = call.args[0].type;
  if (!type.is_integer() && type.kind != TypeKind::kDouble) {
    return call.Wrong(call.expr.position, "abs takes INT, BIGINT or DOUBLE");
  }
  return Make(call, DuckDb("abs", call.args), type).CanFail();
}

Result<Expression> ToWhole(Call& call) {  // This translates ceil and floor.
  if (call.args[0].type.is_integer()) return Cast(call.args[0], kWhole, false);
  ST_TRY_STATUS(Require(call, 0, TypeKind::kDouble));
  const std::string_view name = call.expr.text == "floor" ? "floor" : "ceil";
  return Make(call, Expression::Cast(DuckDb(name, call.args), kWhole), kWhole).CanFail();
}

Result<Expression> Length(Call& call) {
  const bool is_binary = call.args[0].type.kind == TypeKind::kBinary;
  if (!is_binary) ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  return Make(call, AsInt(DuckDb(is_binary ? "octet_length" : "length", call.args)),
              TypeKind::kInt);
}

Result<Expression> Substring(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto start, IntegerLiteral(call, 1, "the position"));
  if (start < 0) {
    return call.Wrong(call.expr.args[1].position, "a position from the end is not supported yet");
  }
  const std::int64_t from = std::max<std::int64_t>(start, 1);
  std::vector<Expression> arguments = {call.args[0], Expression::Integer(from)};
  if (call.args.size() == 3) {
    ST_TRY(const auto length, IntegerLiteral(call, 2, "the length"));
    arguments.push_back(Expression::Integer(std::max<std::int64_t>(length, 0)));
  }
  return Make(call, DuckDb("substring", std::move(arguments)), kText);
}

Result<Expression> LeftOrRight(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto length, IntegerLiteral(call, 1, "the length"));
  const auto most = Expression::Integer(std::max<std::int64_t>(length, 0));
  return Make(call, DuckDb(call.expr.text, {call.args[0], most}), kText);
}

Result<Expression> SplitPart(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto delimiter, TextLiteral(call, 1, "the delimiter"));
  ST_TRY(const auto index, IntegerLiteral(call, 2, "the part's number"));
  if (delimiter.empty()) {
    return call.Wrong(call.expr.args[1].position, "the delimiter must not be empty");
  }
  if (index == 0) return call.Wrong(call.expr.args[2].position, "parts count from 1 (or -1)");
  return Make(
      call,
      DuckDb("split_part", {call.args[0], Expression::Text(delimiter), Expression::Integer(index)}),
      kText);
}

Result<Regex> PatternOf(const Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto java, TextLiteral(call, 1, "the pattern"));
  auto regex = TranslateRegex(java);
  if (!regex) return call.Wrong(call.expr.args[1].position, regex.error().message());
  return regex;
}

Result<Expression> RegexpLike(Call& call) {
  ST_TRY(const auto regex, PatternOf(call));
  return Make(call, DuckDb("regexp_matches", {call.args[0], Expression::Text(regex.pattern)}),
              TypeKind::kBoolean);
}

Result<Expression> RegexpExtract(Call& call) {
  ST_TRY(const auto regex, PatternOf(call));
  std::int64_t group = 1;
  if (call.args.size() == 3) {
    ST_TRY(group, IntegerLiteral(call, 2, "the group's number"));
  }
  if (group < 0 || group > regex.groups || (group == 0 && regex.has_end_anchor)) {
    return call.Wrong(
        call.expr.args.back().position,
        fmt::format("the pattern has {} groups; write regexp_extract(text, pattern, "
                    "group){}",
                    regex.groups,
                    regex.has_end_anchor ? " with a group other than 0, for its $" : ""));
  }
  return Make(call,
              DuckDb("regexp_extract",
                     {call.args[0], Expression::Text(regex.pattern), Expression::Integer(group)}),
              kText);
}

Result<Expression> Sha2(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto bits, IntegerLiteral(call, 1, "the number of bits"));
  if (bits != 256 && bits != 0) {
    return call.Wrong(call.expr.args[1].position, "sha2 is supported with 256 bits");
  }
  return Make(call, DuckDb("sha256", {call.args[0]}), kText);
}

Result<Expression> DateTrunc(Call& call) {
  static constexpr std::array<std::string_view, 9> kUnits = {
      "second", "minute", "hour", "day", "week", "month", "quarter", "year", "millisecond"};
  ST_TRY(const auto written, TextLiteral(call, 0, "the unit"));
  ST_TRY_STATUS(Require(call, 1, TypeKind::kTimestampTz));
  const std::string unit = AsciiLower(written);
  if (std::ranges::find(kUnits, unit) == kUnits.end()) {
    const std::vector<std::string> names(kUnits.begin(), kUnits.end());
    const auto nearest = NearestName(unit, names);
    return call.Wrong(call.expr.args[0].position,
                      fmt::format("unit '{}' is not known{}", written,
                                  nearest ? fmt::format("; did you mean '{}'?", *nearest) : ""));
  }
  const Expression local = InUtc(call.args[1], TypeKind::kTimestamp);
  return Make(call,
              InUtc(DuckDb("date_trunc", {Expression::Text(unit), local}), TypeKind::kTimestampTz),
              TypeKind::kTimestampTz);
}

// Extracts a part of a date, or of a timestamp in UTC.
Result<Expression> DatePart(Call& call) {
  const bool is_date = call.args[0].type.kind == TypeKind::kDate;
  if (!is_date) ST_TRY_STATUS(Require(call, 0, TypeKind::kTimestampTz));
  const Expression value = is_date ? call.args[0] : InUtc(call.args[0], TypeKind::kTimestamp);
  const std::string& name = call.expr.text;
  const Expression one = Expression::Integer(1);
  Expression part = DuckDb(name == "weekday"      ? "isodow"
                           : name == "dayofmonth" ? "day"
                                                  : std::string_view(name),
                           {value}, kWhole);
  if (name == "dayofweek") part = Expression::Apply(Operator::kAdd, {part, one});     // Sunday is 1
  if (name == "weekday") part = Expression::Apply(Operator::kSubtract, {part, one});  // Monday is 0
  return Make(call, AsInt(std::move(part)), TypeKind::kInt);
}

Result<Expression> TimePart(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kTimestampTz));
  return DatePart(call);
}

// Translates unix_timestamp, unix_seconds, unix_millis and unix_micros.
Result<Expression> UnixTime(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kTimestampTz));
  const Expression us = DuckDb("epoch_us", call.args, kWhole);
  const std::string& name = call.expr.text;
  if (name == "unix_micros") return Make(call, us, kWhole);
  if (name == "unix_timestamp") {  // it rounds towards zero, as in Spark
    return Make(call,
                Expression::Apply(Operator::kDivideWhole, {us, Expression::Integer(1'000'000)})
                    .InBrackets(),
                kWhole);
  }
  return Make(call, DivideDown(us, name == "unix_millis" ? 1000 : 1'000'000), kWhole);
}

// Translates timestamp_seconds, timestamp_millis and timestamp_micros.
Result<Expression> TimestampFrom(Call& call) {
  if (!call.args[0].type.is_integer()) {
    return call.Wrong(call.expr.args[0].position,
                      fmt::format("{} takes INT or BIGINT", call.expr.text));
  }
  const std::string& name = call.expr.text;
  const int factor = name == "timestamp_seconds"  ? 1'000'000
                     : name == "timestamp_millis" ? 1000
                                                  : 1;
  const Expression us = Expression::Apply(
      Operator::kMultiply, {Expression::Cast(call.args[0], kWhole), Expression::Integer(factor)});
  return Make(call, InUtc(DuckDb("make_timestamp", {us}), TypeKind::kTimestampTz),
              TypeKind::kTimestampTz)
      .CanFail();
}

Result<Expression> CastCall(
    Call& call) {  // translates to_timestamp, try_to_timestamp, to_date, date and timestamp
  const std::string& name = call.expr.text;
  const bool to_date = name == "to_date" || name == "date";
  auto cast = Cast(call.args[0], {.kind = to_date ? TypeKind::kDate : TypeKind::kTimestampTz},
                   name.starts_with("try_"));
  if (!cast) return call.Wrong(call.expr.position, cast.error().message());
  return cast;
}

Result<Expression> DateAdd(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kDate));
  ST_TRY_STATUS(Require(call, 1, TypeKind::kInt));
  const Operator op = call.expr.text == "date_sub" ? Operator::kSubtract : Operator::kAdd;
  return Make(call, Expression::Apply(op, call.args).InBrackets(), TypeKind::kDate).CanFail();
}

Result<Expression> DateDiff(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kDate));
  ST_TRY_STATUS(Require(call, 1, TypeKind::kDate));
  return Make(call,
              AsInt(DuckDb("date_diff", {Expression::Text("day"), call.args[1], call.args[0]})),
              TypeKind::kInt);
}

constexpr std::array kCustom = {
    Custom{"get_json_object", 2, 2, "get_json_object(text, '$.path')", GetJsonObject},
    Custom{"concat", 1, kMany, "concat(text, …)", Concat},
    Custom{"concat_ws", 2, kMany, "concat_ws(separator, text, …)", ConcatWs},
    Custom{"coalesce", 1, kMany, "coalesce(value, …)", Coalesce},
    Custom{"ifnull", 2, 2, "ifnull(value, value)", Coalesce},
    Custom{"nvl", 2, 2, "nvl(value, value)", Coalesce},
    Custom{"nullif", 2, 2, "nullif(value, value)", NullIf},
    Custom{"if", 3, 3, "if(condition, value, value)", If},
    Custom{"isnull", 1, 1, "isnull(value)", IsNull},
    Custom{"isnotnull", 1, 1, "isnotnull(value)", IsNotNull},
    Custom{"greatest", 2, kMany, "greatest(value, value, …)", Extreme},
    Custom{"least", 2, kMany, "least(value, value, …)", Extreme},
    Custom{"abs", 1, 1, "abs(number)", Abs},
    Custom{"ceil", 1, 1, "ceil(number)", ToWhole},
    Custom{"ceiling", 1, 1, "ceiling(number)", ToWhole},
    Custom{"floor", 1, 1, "floor(number)", ToWhole},
    Custom{"length", 1, 1, "length(text)", Length},
    Custom{"len", 1, 1, "len(text)", Length},
    Custom{"char_length", 1, 1, "char_length(text)", Length},
    Custom{"character_length", 1, 1, "character_length(text)", Length},
    Custom{"substring", 2, 3, "substring(text, position[, length])", Substring},
    Custom{"substr", 2, 3, "substr(text, position[, length])", Substring},
    Custom{"left", 2, 2, "left(text, length)", LeftOrRight},
    Custom{"right", 2, 2, "right(text, length)", LeftOrRight},
    Custom{"split_part", 3, 3, "split_part(text, delimiter, number)", SplitPart},
    Custom{"rlike", 2, 2, "rlike(text, pattern)", RegexpLike},
    Custom{"regexp_like", 2, 2, "regexp_like(text, pattern)", RegexpLike},
    Custom{"regexp_extract", 2, 3, "regexp_extract(text, pattern[, group])", RegexpExtract},
    Custom{"sha2", 2, 2, "sha2(text, 256)", Sha2},
    Custom{"date_trunc", 2, 2, "date_trunc('unit', timestamp)", DateTrunc},
    Custom{"year", 1, 1, "year(date)", DatePart},
    Custom{"quarter", 1, 1, "quarter(date)", DatePart},
    Custom{"month", 1, 1, "month(date)", DatePart},
    Custom{"weekofyear", 1, 1, "weekofyear(date)", DatePart},
    Custom{"day", 1, 1, "day(date)", DatePart},
    Custom{"dayofmonth", 1, 1, "dayofmonth(date)", DatePart},
    Custom{"dayofweek", 1, 1, "dayofweek(date)", DatePart},
    Custom{"dayofyear", 1, 1, "dayofyear(date)", DatePart},
    Custom{"weekday", 1, 1, "weekday(date)", DatePart},
    Custom{"hour", 1, 1, "hour(timestamp)", TimePart},
    Custom{"minute", 1, 1, "minute(timestamp)", TimePart},
    Custom{"second", 1, 1, "second(timestamp)", TimePart},
    Custom{"unix_timestamp", 1, 1, "unix_timestamp(timestamp)", UnixTime},
    Custom{"unix_seconds", 1, 1, "unix_seconds(timestamp)", UnixTime},
    Custom{"unix_millis", 1, 1, "unix_millis(timestamp)", UnixTime},
    Custom{"unix_micros", 1, 1, "unix_micros(timestamp)", UnixTime},
    Custom{"timestamp_seconds", 1, 1, "timestamp_seconds(number)", TimestampFrom},
    Custom{"timestamp_millis", 1, 1, "timestamp_millis(number)", TimestampFrom},
    Custom{"timestamp_micros", 1, 1, "timestamp_micros(number)", TimestampFrom},
    Custom{"to_timestamp", 1, 1, "to_timestamp(text)", CastCall},
    Custom{"try_to_timestamp", 1, 1, "try_to_timestamp(text)", CastCall},
    Custom{"timestamp", 1, 1, "timestamp(text)", CastCall},
    Custom{"to_date", 1, 1, "to_date(value)", CastCall},
    Custom{"date", 1, 1, "date(value)", CastCall},
    Custom{"date_add", 2, 2, "date_add(date, days)", DateAdd},
    Custom{"date_sub", 2, 2, "date_sub(date, days)", DateAdd},
    Custom{"datediff", 2, 2, "datediff(end, start)", DateDiff},
};

}  // namespace

std::span<const CustomFunction> CustomFunctions() { return kCustom; }

}  // namespace st::dialect::spark
