#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "dialect/spark/functions.h"
#include "dialect/spark/patterns.h"
#include "dialect/spark/typed.h"

namespace st::dialect::spark {
namespace {

using Custom = CustomFunction;

constexpr std::size_t kMany = 1000;

Typed Make(const Call& call, std::string sql, TypeKind kind) {
  Typed typed{.sql = std::move(sql), .type = {.kind = kind}};
  for (const auto& arg : call.args) typed.can_fail = typed.can_fail || arg.can_fail;
  return typed;
}

std::string List(const std::vector<Typed>& values) {
  std::string out;
  for (const auto& value : values) out += (out.empty() ? "" : ", ") + value.sql;
  return out;
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

Result<Typed> GetJsonObject(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto path, TextLiteral(call, 1, "the path"));
  const auto translated = TranslateJsonPath(path);
  if (!translated) return call.Wrong(call.expr.args[1].position, translated.error().message());
  const std::string& text = call.args[0].sql;
  if (text == kValueText || text == kCheckedText) {
    return Make(call, call.scope.Extract(*translated), TypeKind::kString);
  }
  return Make(call,
              fmt::format("CASE WHEN json_valid({0}) THEN json_extract_string({0}, {1}) END", text,
                          SqlString(*translated)),
              TypeKind::kString);
}

Result<Typed> Concat(Call& call) {
  std::string sql;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    auto text = Cast(call.args[i], {.kind = TypeKind::kString}, false);
    if (!text || call.args[i].type.kind == TypeKind::kBinary) {
      return call.Wrong(call.expr.args[i].position,
                        fmt::format("concat takes STRING, not {}", SparkName(call.args[i].type)));
    }
    sql += (i == 0 ? "(" : " || ") + text->sql;
  }
  return Make(call, sql + ")", TypeKind::kString);
}

Result<Typed> ConcatWs(Call& call) {
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    ST_TRY_STATUS(Require(call, i, TypeKind::kString));
  }
  if (call.args.size() == 1) {
    return call.Wrong(call.expr.position, "concat_ws takes a separator and at least one text");
  }
  return Make(call, fmt::format("concat_ws({})", List(call.args)), TypeKind::kString);
}

Result<std::vector<Typed>> OneType(const Call& call, std::vector<Typed> values) {
  if (Unify(values)) return values;
  std::string types;
  for (const auto& value : values) {
    types += (types.empty() ? "" : ", ") + SparkName(value.type);
  }
  return call.Wrong(call.expr.position,
                    fmt::format("{} needs values of one type, not {}; write CAST(… AS …)",
                                call.expr.text, types));
}

Result<Typed> WithType(Result<Typed> typed, const ColumnType& type) {
  if (typed) typed->type = type;
  return typed;
}

Result<Typed> Coalesce(Call& call) {
  ST_TRY(const auto values, OneType(call, call.args));
  return WithType(Make(call, fmt::format("coalesce({})", List(values)), TypeKind::kUnknown),
                  values[0].type);
}

Result<Typed> NullIf(Call& call) {
  ST_TRY(const auto values, OneType(call, call.args));
  return WithType(Make(call, fmt::format("nullif({})", List(values)), TypeKind::kUnknown),
                  values[0].type);
}

Result<Typed> If(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kBoolean));
  ST_TRY(const auto values, OneType(call, {call.args[1], call.args[2]}));
  return WithType(Make(call,
                       fmt::format("CASE WHEN {} THEN {} ELSE {} END", call.args[0].sql,
                                   values[0].sql, values[1].sql),
                       TypeKind::kUnknown),
                  values[0].type);
}

Result<Typed> IsNull(Call& call) {
  return Make(call, fmt::format("({} IS NULL)", call.args[0].sql), TypeKind::kBoolean);
}

Result<Typed> IsNotNull(Call& call) {
  return Make(call, fmt::format("({} IS NOT NULL)", call.args[0].sql), TypeKind::kBoolean);
}

Result<Typed> Extreme(Call& call) {
  ST_TRY(const auto values, OneType(call, call.args));
  return WithType(
      Make(call, fmt::format("{}({})", call.expr.text, List(values)), TypeKind::kUnknown),
      values[0].type);
}

Result<Typed> Abs(Call& call) {
  const ColumnType type = call.args[0].type;
  if (!type.is_integer() && type.kind != TypeKind::kDouble) {
    return call.Wrong(call.expr.position, "abs takes INT, BIGINT or DOUBLE");
  }
  Typed typed = Make(call, fmt::format("abs({})", call.args[0].sql), type.kind);
  typed.can_fail = true;
  return typed;
}

Result<Typed> ToWhole(Call& call) {  // ceil, floor
  if (call.args[0].type.is_integer()) return Cast(call.args[0], {.kind = TypeKind::kLong}, false);
  ST_TRY_STATUS(Require(call, 0, TypeKind::kDouble));
  const std::string_view name = call.expr.text == "floor" ? "floor" : "ceil";
  Typed typed =
      Make(call, fmt::format("CAST({}({}) AS BIGINT)", name, call.args[0].sql), TypeKind::kLong);
  typed.can_fail = true;
  return typed;
}

Result<Typed> Length(Call& call) {
  const bool is_binary = call.args[0].type.kind == TypeKind::kBinary;
  if (!is_binary) ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  return Make(call,
              fmt::format("CAST({}({}) AS INTEGER)", is_binary ? "octet_length" : "length",
                          call.args[0].sql),
              TypeKind::kInt);
}

Result<Typed> Substring(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto start, IntegerLiteral(call, 1, "the position"));
  if (start < 0) {
    return call.Wrong(call.expr.args[1].position, "a position from the end is not supported yet");
  }
  const std::int64_t from = std::max<std::int64_t>(start, 1);
  if (call.args.size() == 2) {
    return Make(call, fmt::format("substring({}, {})", call.args[0].sql, from), TypeKind::kString);
  }
  ST_TRY(const auto length, IntegerLiteral(call, 2, "the length"));
  return Make(call,
              fmt::format("substring({}, {}, {})", call.args[0].sql, from,
                          std::max<std::int64_t>(length, 0)),
              TypeKind::kString);
}

Result<Typed> LeftOrRight(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto length, IntegerLiteral(call, 1, "the length"));
  return Make(call,
              fmt::format("{}({}, {})", call.expr.text, call.args[0].sql,
                          std::max<std::int64_t>(length, 0)),
              TypeKind::kString);
}

Result<Typed> SplitPart(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto delimiter, TextLiteral(call, 1, "the delimiter"));
  ST_TRY(const auto index, IntegerLiteral(call, 2, "the part's number"));
  if (delimiter.empty()) {
    return call.Wrong(call.expr.args[1].position, "the delimiter must not be empty");
  }
  if (index == 0) return call.Wrong(call.expr.args[2].position, "parts count from 1 (or -1)");
  return Make(call,
              fmt::format("split_part({}, {}, {})", call.args[0].sql, SqlString(delimiter), index),
              TypeKind::kString);
}

Result<Regex> PatternOf(const Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto java, TextLiteral(call, 1, "the pattern"));
  auto regex = TranslateRegex(java);
  if (!regex) return call.Wrong(call.expr.args[1].position, regex.error().message());
  return regex;
}

Result<Typed> RegexpLike(Call& call) {
  ST_TRY(const auto regex, PatternOf(call));
  return Make(call,
              fmt::format("regexp_matches({}, {})", call.args[0].sql, SqlString(regex.pattern)),
              TypeKind::kBoolean);
}

Result<Typed> RegexpExtract(Call& call) {
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
  return Make(
      call,
      fmt::format("regexp_extract({}, {}, {})", call.args[0].sql, SqlString(regex.pattern), group),
      TypeKind::kString);
}

Result<Typed> Sha2(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kString));
  ST_TRY(const auto bits, IntegerLiteral(call, 1, "the number of bits"));
  if (bits != 256 && bits != 0) {
    return call.Wrong(call.expr.args[1].position, "sha2 is supported with 256 bits");
  }
  return Make(call, fmt::format("sha256({})", call.args[0].sql), TypeKind::kString);
}

Result<Typed> DateTrunc(Call& call) {
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
  return Make(
      call,
      fmt::format("timezone('UTC', date_trunc('{}', timezone('UTC', {})))", unit, call.args[1].sql),
      TypeKind::kTimestampTz);
}

// A part of a date or of a timestamp in UTC.
Result<Typed> DatePart(Call& call) {
  const bool is_date = call.args[0].type.kind == TypeKind::kDate;
  if (!is_date) ST_TRY_STATUS(Require(call, 0, TypeKind::kTimestampTz));
  const std::string value =
      is_date ? call.args[0].sql : fmt::format("timezone('UTC', {})", call.args[0].sql);
  const std::string& name = call.expr.text;
  std::string sql;
  if (name == "dayofweek") {
    sql = fmt::format("dayofweek({}) + 1", value);
  } else if (name == "weekday") {
    sql = fmt::format("isodow({}) - 1", value);
  } else if (name == "dayofmonth") {
    sql = fmt::format("day({})", value);
  } else {
    sql = fmt::format("{}({})", name, value);
  }
  return Make(call, fmt::format("CAST({} AS INTEGER)", sql), TypeKind::kInt);
}

Result<Typed> TimePart(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kTimestampTz));
  return DatePart(call);
}

// unix_timestamp, unix_seconds, unix_millis, unix_micros
Result<Typed> UnixTime(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kTimestampTz));
  const std::string us = fmt::format("epoch_us({})", call.args[0].sql);
  const std::string& name = call.expr.text;
  if (name == "unix_micros") return Make(call, us, TypeKind::kLong);
  if (name == "unix_timestamp") {  // towards zero, as Spark
    return Make(call, fmt::format("({} // 1000000)", us), TypeKind::kLong);
  }
  const int unit = name == "unix_millis" ? 1000 : 1'000'000;
  return Make(call, fmt::format("(({0} - ({0} % {1} + {1}) % {1}) // {1})", us, unit),
              TypeKind::kLong);
}

// timestamp_seconds, timestamp_millis, timestamp_micros
Result<Typed> TimestampFrom(Call& call) {
  if (!call.args[0].type.is_integer()) {
    return call.Wrong(call.expr.args[0].position,
                      fmt::format("{} takes INT or BIGINT", call.expr.text));
  }
  const std::string& name = call.expr.text;
  const int factor = name == "timestamp_seconds"  ? 1'000'000
                     : name == "timestamp_millis" ? 1000
                                                  : 1;
  Typed typed = Make(call,
                     fmt::format("timezone('UTC', make_timestamp(CAST({} AS BIGINT) * {}))",
                                 call.args[0].sql, factor),
                     TypeKind::kTimestampTz);
  typed.can_fail = true;
  return typed;
}

Result<Typed> CastCall(Call& call) {  // to_timestamp, try_to_timestamp, to_date, date, timestamp
  const std::string& name = call.expr.text;
  const bool to_date = name == "to_date" || name == "date";
  auto typed = Cast(call.args[0], {.kind = to_date ? TypeKind::kDate : TypeKind::kTimestampTz},
                    name.starts_with("try_"));
  if (!typed) return call.Wrong(call.expr.position, typed.error().message());
  return typed;
}

Result<Typed> DateAdd(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kDate));
  ST_TRY_STATUS(Require(call, 1, TypeKind::kInt));
  Typed typed = Make(call,
                     fmt::format("({} {} {})", call.args[0].sql,
                                 call.expr.text == "date_sub" ? "-" : "+", call.args[1].sql),
                     TypeKind::kDate);
  typed.can_fail = true;
  return typed;
}

Result<Typed> DateDiff(Call& call) {
  ST_TRY_STATUS(Require(call, 0, TypeKind::kDate));
  ST_TRY_STATUS(Require(call, 1, TypeKind::kDate));
  return Make(
      call,
      fmt::format("CAST(date_diff('day', {}, {}) AS INTEGER)", call.args[1].sql, call.args[0].sql),
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
