#include "dialect/spark/typed.h"

namespace st::dialect::spark {
namespace {

// Spark trims what Java calls whitespace or control before it reads a number or a boolean.
constexpr std::string_view kSpace = R"([\x00-\x20\x7F]*)";
constexpr std::string_view kNumber = R"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)";
constexpr std::string_view kDay = R"( *[0-9]{4}-[0-9]{1,2}-[0-9]{1,2})";
constexpr std::string_view kTime =
    R"([T ](?:[01]?[0-9]|2[0-3]):[0-5]?[0-9]:[0-5]?[0-9](?:\.[0-9]{0,9})?)";
constexpr std::string_view kZone = R"((?:Z| UTC|[+-](?:0[0-9]|1[0-7]):?[0-5][0-9]))";

std::unexpected<Error> NotOffered(const Typed& value, const ColumnType& to, std::string_view why) {
  return Fail(ErrorCode::kUnsupported, "a cast from {} to {} is not supported{}",
              SparkName(value.type), SparkName(to), why);
}

// What a cast does with a text that is none of the type.
std::string Otherwise(const Typed& value, const ColumnType& to, bool is_try) {
  if (is_try) return "NULL";
  return fmt::format("error('cannot cast ''' || left({}, 100) || ''' to {}')", value.sql,
                     SparkName(to));
}

// CASE over `branches` ("WHEN … THEN …"), NULL for NULL.
std::string Guarded(const Typed& value, const ColumnType& to, bool is_try,
                    const std::string& branches) {
  return fmt::format("CASE WHEN {} IS NULL THEN NULL {} ELSE {} END", value.sql, branches,
                     Otherwise(value, to, is_try));
}

std::string_view CastWord(bool is_try) { return is_try ? "TRY_CAST" : "CAST"; }

std::string Matches(const Typed& value, std::string_view pattern) {
  return fmt::format("regexp_full_match({}, {})", value.sql, SqlString(pattern));
}

// The number inside its surrounding space, cast.
std::string Number(const Typed& value, const ColumnType& to, bool is_try, std::string_view pattern,
                   std::string_view suffix) {
  const std::string whole = fmt::format("{}({}){}{}", kSpace, pattern, suffix, kSpace);
  return fmt::format("WHEN {} THEN {}(regexp_extract({}, {}, 1) AS {})", Matches(value, whole),
                     CastWord(is_try), value.sql, SqlString(whole), DuckDbName(to));
}

std::string DoubleFromText(const Typed& value, bool is_try) {
  const ColumnType to{.kind = TypeKind::kDouble};
  const std::string special = fmt::format(R"({}(?i)([+-]?inf(?:inity)?|nan){})", kSpace, kSpace);
  return Guarded(value, to, is_try,
                 fmt::format("{} WHEN {} THEN CAST(regexp_extract({}, {}, 1) AS DOUBLE)",
                             Number(value, to, is_try, kNumber, "[dDfF]?"), Matches(value, special),
                             value.sql, SqlString(special)));
}

std::string BooleanFromText(const Typed& value, bool is_try) {
  const ColumnType to{.kind = TypeKind::kBoolean};
  const auto pattern = [](std::string_view words) {
    return fmt::format("{}(?i)(?:{}){}", kSpace, words, kSpace);
  };
  return Guarded(
      value, to, is_try,
      fmt::format("WHEN {} THEN true WHEN {} THEN false", Matches(value, pattern("t|true|y|yes|1")),
                  Matches(value, pattern("f|false|n|no|0"))));
}

std::string DateFromText(const Typed& value, bool is_try) {
  const std::string pattern = fmt::format("{}(?s:[T ].*)?", kDay);
  const std::string inside = fmt::format("^ *({})", kDay.substr(2));
  return Guarded(
      value, {.kind = TypeKind::kDate}, is_try,
      fmt::format("WHEN {} THEN {}(regexp_extract({}, {}, 1) AS DATE)", Matches(value, pattern),
                  CastWord(is_try), value.sql, SqlString(inside)));
}

std::string TimestampFromText(const Typed& value, bool is_try) {
  const auto branch = [&](const std::string& pattern, std::string_view suffix) {
    return fmt::format("WHEN {} THEN {}(trim({}, ' '){} AS TIMESTAMP WITH TIME ZONE)",
                       Matches(value, pattern + " *"), CastWord(is_try), value.sql, suffix);
  };
  const std::string time = fmt::format("{}{}", kDay, kTime);
  return Guarded(
      value, {.kind = TypeKind::kTimestampTz}, is_try,
      fmt::format("{} {} {}", branch(time + std::string(kZone), ""), branch(time, " || '+00:00'"),
                  branch(std::string(kDay), " || ' 00:00:00+00:00'")));
}

Result<Typed> FromText(const Typed& value, const ColumnType& to, bool is_try) {
  const auto make = [&](std::string sql) -> Result<Typed> {
    return Typed{.sql = std::move(sql), .type = to, .can_fail = !is_try || value.can_fail};
  };
  switch (to.kind) {
    case TypeKind::kInt:
    case TypeKind::kLong:
      return make(Guarded(value, to, is_try, Number(value, to, is_try, "[+-]?[0-9]+", "")));
    case TypeKind::kDecimal:
      return make(Guarded(value, to, is_try, Number(value, to, is_try, kNumber, "")));
    case TypeKind::kDouble:
      return make(DoubleFromText(value, is_try));
    case TypeKind::kBoolean:
      return make(BooleanFromText(value, is_try));
    case TypeKind::kDate:
      return make(DateFromText(value, is_try));
    case TypeKind::kTimestampTz:
      return make(TimestampFromText(value, is_try));
    case TypeKind::kBinary:
      return Typed{
          .sql = fmt::format("encode({})", value.sql), .type = to, .can_fail = value.can_fail};
    default:
      return NotOffered(value, to, "");
  }
}

// DuckDB's own cast, which means the same here.
Typed Plain(const Typed& value, const ColumnType& to, bool is_try, bool can_fail) {
  return {.sql = fmt::format("{}({} AS {})", CastWord(is_try), value.sql, DuckDbName(to)),
          .type = to,
          .can_fail = value.can_fail || (can_fail && !is_try)};
}

Typed InUtc(const Typed& value) {
  return {.sql = fmt::format("timezone('UTC', {})", value.sql),
          .type = value.type,
          .can_fail = value.can_fail};
}

Result<Typed> ToText(const Typed& value, const ColumnType& to, bool is_try) {
  switch (value.type.kind) {
    case TypeKind::kDouble:
      return NotOffered(value, to, " (Spark writes doubles as Java does, 1.0E7)");
    case TypeKind::kTimestampTz:
      return Plain(InUtc(value), to, false, false);
    case TypeKind::kBinary:
      return Typed{.sql = is_try ? fmt::format("try(decode({}))", value.sql)
                                 : fmt::format("decode({})", value.sql),
                   .type = to,
                   .can_fail = !is_try};
    default:
      return Plain(value, to, false, false);
  }
}

Result<Typed> ToNumber(const Typed& value, const ColumnType& to, bool is_try) {
  const bool to_decimal = to.kind == TypeKind::kDecimal;
  switch (value.type.kind) {
    case TypeKind::kInt:
      return Plain(value, to, is_try, to_decimal);
    case TypeKind::kLong:
      return Plain(value, to, is_try, to.kind != TypeKind::kDouble);
    case TypeKind::kBoolean:
      if (to_decimal) return NotOffered(value, to, "");
      return Plain(value, to, false, false);
    case TypeKind::kDecimal:
      if (!to.is_integer()) return Plain(value, to, is_try, to_decimal);
      return Plain({.sql = fmt::format("trunc({})", value.sql),
                    .type = value.type,
                    .can_fail = value.can_fail},
                   to, is_try, true);
    case TypeKind::kDouble:  // Spark cuts the fraction off, DuckDB rounds
      if (to_decimal) return NotOffered(value, to, "; cast the text itself");
      return Plain({.sql = fmt::format("trunc({})", value.sql),
                    .type = value.type,
                    .can_fail = value.can_fail},
                   to, is_try, true);
    case TypeKind::kTimestampTz: {
      if (to_decimal) return NotOffered(value, to, "");
      if (to.kind == TypeKind::kDouble) {
        return Typed{.sql = fmt::format("(epoch_us({}) / 1e6)", value.sql),
                     .type = to,
                     .can_fail = value.can_fail};
      }
      const Typed seconds{.sql = fmt::format("((epoch_us({0}) - (epoch_us({0}) % 1000000 + "
                                             "1000000) % 1000000) // 1000000)",
                                             value.sql),
                          .type = {.kind = TypeKind::kLong},
                          .can_fail = value.can_fail};
      return to == seconds.type ? seconds : Plain(seconds, to, is_try, true);
    }
    default:
      return NotOffered(value, to, "");
  }
}

}  // namespace

Result<Typed> Cast(const Typed& value, const ColumnType& to, bool is_try) {
  using enum TypeKind;
  if (value.type == to) return value;
  if (value.type.kind == kUnknown) return Plain(value, to, false, false);
  if (value.type.kind == kString) return FromText(value, to, is_try);
  if (to.kind == kString) return ToText(value, to, is_try);
  if (to.is_numeric()) return ToNumber(value, to, is_try);
  if (to.kind == kBoolean && value.type.is_integer()) return Plain(value, to, false, false);
  if (to.kind == kDate && value.type.kind == kTimestampTz) {
    return Plain(InUtc(value), to, false, false);
  }
  if (to.kind == kTimestampTz && value.type.kind == kDate) {
    return InUtc({.sql = fmt::format("CAST({} AS TIMESTAMP)", value.sql),
                  .type = to,
                  .can_fail = value.can_fail});
  }
  if (to.kind == kTimestampTz && value.type.is_integer()) {
    return NotOffered(value, to, "; write timestamp_seconds(x) or timestamp_millis(x)");
  }
  return NotOffered(value, to, "");
}

bool Unify(std::vector<Typed>& values) {
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
