#include "dialect/spark/simple_functions.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "dialect/spark/arguments.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

enum Property : unsigned {
  kNone = 0,
  kFails = 1,     // may raise an error for some arguments
  kSwapped = 2,   // DuckDB takes the arguments in reverse order
  kAsInt = 4,     // DuckDB returns BIGINT, Spark INT
  kFallback = 8,  // the next row of the same length is tried where an argument is of another type
  kExact = 16,    // Spark casts no argument
};

// `parameters` and `result` have a letter a value: t STRING, x BINARY, i INT, l BIGINT, d DOUBLE,
// b BOOLEAN, D DATE, T TIMESTAMP. `more` is a further argument of the function behind those of the
// call: a number, or a text.
struct Row {
  std::string_view name;
  std::string_view parameters;
  char result;
  std::string_view function;
  unsigned properties = kNone;
  std::optional<std::string_view> more = std::nullopt;
};

constexpr std::array kRows = {
    // Texts.
    Row{"lower", "t", 't', "spark_lower"},
    Row{"lcase", "t", 't', "spark_lower"},
    Row{"upper", "t", 't', "spark_upper"},
    Row{"ucase", "t", 't', "spark_upper"},
    Row{"initcap", "t", 't', "spark_initcap"},
    Row{"trim", "t", 't', "trim", kNone, " "},
    Row{"ltrim", "t", 't', "ltrim", kNone, " "},
    Row{"rtrim", "t", 't', "rtrim", kNone, " "},
    Row{"btrim", "t", 't', "trim", kNone, " "},
    Row{"trim", "tt", 't', "spark_trim", kSwapped},
    Row{"ltrim", "tt", 't', "spark_ltrim", kSwapped},
    Row{"rtrim", "tt", 't', "spark_rtrim", kSwapped},
    Row{"btrim", "tt", 't', "spark_trim"},
    Row{"length", "x", 'i', "octet_length", kAsInt | kFallback},
    Row{"length", "t", 'i', "length", kAsInt},
    Row{"len", "x", 'i', "octet_length", kAsInt | kFallback},
    Row{"len", "t", 'i', "length", kAsInt},
    Row{"char_length", "x", 'i', "octet_length", kAsInt | kFallback},
    Row{"char_length", "t", 'i', "length", kAsInt},
    Row{"character_length", "x", 'i', "octet_length", kAsInt | kFallback},
    Row{"character_length", "t", 'i', "length", kAsInt},
    Row{"octet_length", "x", 'i', "octet_length", kAsInt | kFallback},
    Row{"octet_length", "t", 'i', "strlen", kAsInt},
    Row{"bit_length", "x", 'i', "spark_bit_length_binary", kFallback},
    Row{"bit_length", "t", 'i', "spark_bit_length"},
    Row{"reverse", "t", 't', "spark_reverse"},
    Row{"lpad", "xix", 'x', "spark_lpad_binary", kFails | kFallback},
    Row{"lpad", "xi", 'x', "spark_lpad_zeros", kFails | kFallback},
    Row{"lpad", "tit", 't', "spark_lpad", kFails},
    Row{"lpad", "ti", 't', "spark_lpad", kFails, " "},
    Row{"rpad", "xix", 'x', "spark_rpad_binary", kFails | kFallback},
    Row{"rpad", "xi", 'x', "spark_rpad_zeros", kFails | kFallback},
    Row{"rpad", "tit", 't', "spark_rpad", kFails},
    Row{"rpad", "ti", 't', "spark_rpad", kFails, " "},
    Row{"repeat", "ti", 't', "spark_repeat", kFails},
    Row{"space", "i", 't', "spark_space", kFails},
    Row{"translate", "ttt", 't', "spark_translate"},
    Row{"overlay", "xxi", 'x', "spark_overlay_binary", kFallback, "-1"},
    Row{"overlay", "xxii", 'x', "spark_overlay_binary", kFallback},
    Row{"overlay", "tti", 't', "spark_overlay", kNone, "-1"},
    Row{"overlay", "ttii", 't', "spark_overlay"},
    Row{"replace", "tt", 't', "spark_replace", kNone, ""},
    Row{"replace", "ttt", 't', "spark_replace"},
    Row{"instr", "tt", 'i', "instr", kAsInt},
    Row{"locate", "tt", 'i', "instr", kSwapped | kAsInt},
    Row{"locate", "tti", 'i', "spark_locate"},
    Row{"position", "tt", 'i', "instr", kSwapped | kAsInt},
    Row{"position", "tti", 'i', "spark_locate"},
    Row{"substring_index", "tti", 't', "spark_substring_index"},
    Row{"substring", "xi", 'x', "spark_substring_binary", kFallback, "2147483647"},
    Row{"substring", "xii", 'x', "spark_substring_binary", kFallback},
    Row{"substring", "ti", 't', "spark_substring", kNone, "2147483647"},
    Row{"substring", "tii", 't', "spark_substring"},
    Row{"substr", "xi", 'x', "spark_substring_binary", kFallback, "2147483647"},
    Row{"substr", "xii", 'x', "spark_substring_binary", kFallback},
    Row{"substr", "ti", 't', "spark_substring", kNone, "2147483647"},
    Row{"substr", "tii", 't', "spark_substring"},
    Row{"left", "xi", 'x', "spark_left_binary", kFallback},
    Row{"left", "ti", 't', "spark_left"},
    Row{"right", "ti", 't', "spark_right"},
    Row{"split_part", "tti", 't', "spark_split_part", kFails},
    Row{"startswith", "xx", 'b', "spark_starts_with_binary", kFallback},
    Row{"startswith", "tt", 'b', "starts_with"},
    Row{"endswith", "xx", 'b', "spark_ends_with_binary", kFallback},
    Row{"endswith", "tt", 'b', "suffix"},
    Row{"contains", "xx", 'b', "spark_contains_binary", kFallback},
    Row{"contains", "tt", 'b', "contains"},
    Row{"find_in_set", "tt", 'i', "spark_find_in_set"},
    Row{"ascii", "t", 'i', "spark_ascii"},
    Row{"chr", "l", 't', "spark_chr"},
    Row{"char", "l", 't', "spark_chr"},
    Row{"levenshtein", "tt", 'i', "spark_levenshtein"},
    Row{"levenshtein", "tti", 'i', "spark_levenshtein_within"},
    Row{"soundex", "t", 't', "spark_soundex"},
    Row{"luhn_check", "t", 'b', "spark_luhn_check"},
    Row{"quote", "t", 't', "spark_quote"},
    // Encodings.
    Row{"base64", "x", 't', "spark_base64"},
    Row{"unbase64", "t", 'x', "spark_unbase64", kFails},
    Row{"hex", "x", 't', "spark_hex_binary", kFallback},
    Row{"hex", "l", 't', "spark_hex_number", kFallback},
    Row{"hex", "d", 't', "spark_hex_double", kFails | kFallback},
    Row{"hex", "t", 't', "spark_hex"},
    Row{"unhex", "t", 'x', "spark_unhex"},
    Row{"url_encode", "t", 't', "spark_url_encode"},
    Row{"url_decode", "t", 't', "spark_url_decode", kFails},
    Row{"try_url_decode", "t", 't', "spark_try_url_decode"},
    // Numbers.
    Row{"sqrt", "d", 'd', "spark_sqrt"},
    Row{"cbrt", "d", 'd', "spark_cbrt"},
    Row{"exp", "d", 'd', "spark_exp"},
    Row{"expm1", "d", 'd', "spark_expm1"},
    Row{"sin", "d", 'd', "spark_sin"},
    Row{"cos", "d", 'd', "spark_cos"},
    Row{"tan", "d", 'd', "spark_tan"},
    Row{"cot", "d", 'd', "spark_cot"},
    Row{"sec", "d", 'd', "spark_sec"},
    Row{"csc", "d", 'd', "spark_csc"},
    Row{"asin", "d", 'd', "spark_asin"},
    Row{"acos", "d", 'd', "spark_acos"},
    Row{"atan", "d", 'd', "spark_atan"},
    Row{"sinh", "d", 'd', "spark_sinh"},
    Row{"cosh", "d", 'd', "spark_cosh"},
    Row{"tanh", "d", 'd', "spark_tanh"},
    Row{"asinh", "d", 'd', "spark_asinh"},
    Row{"acosh", "d", 'd', "spark_acosh"},
    Row{"atanh", "d", 'd', "spark_atanh"},
    Row{"degrees", "d", 'd', "spark_degrees"},
    Row{"radians", "d", 'd', "spark_radians"},
    Row{"ln", "d", 'd', "spark_ln"},
    Row{"log10", "d", 'd', "spark_log10"},
    Row{"log2", "d", 'd', "spark_log2"},
    Row{"log1p", "d", 'd', "spark_log1p"},
    Row{"sign", "d", 'd', "spark_sign"},
    Row{"rint", "d", 'd', "spark_rint"},
    Row{"signum", "d", 'd', "spark_sign"},
    Row{"atan2", "dd", 'd', "spark_atan2"},
    Row{"hypot", "dd", 'd', "spark_hypot"},
    Row{"pow", "dd", 'd', "spark_pow"},
    Row{"power", "dd", 'd', "spark_pow"},
    Row{"factorial", "i", 'l', "spark_factorial"},
    Row{"width_bucket", "dddl", 'l', "spark_width_bucket"},
    Row{"bin", "l", 't', "spark_bin"},
    Row{"conv", "tii", 't', "spark_conv", kFails},
    Row{"bitmap_bit_position", "l", 'l', "spark_bitmap_bit_position"},
    Row{"bitmap_bucket_number", "l", 'l', "spark_bitmap_bucket_number"},
    Row{"bitmap_count", "x", 'l', "spark_bitmap_count", kExact},
    Row{"json_array_length", "t", 'i', "spark_json_array_length"},
    // Times.
    Row{"add_months", "Di", 'D', "spark_add_months", kFails},
    Row{"last_day", "D", 'D', "spark_last_day"},
    Row{"next_day", "Dt", 'D', "spark_next_day", kFails},
    Row{"dayname", "D", 't', "spark_dayname"},
    Row{"monthname", "D", 't', "spark_monthname"},
    Row{"trunc", "Dt", 'D', "spark_trunc"},
    Row{"make_date", "iii", 'D', "spark_make_date", kFails},
    Row{"unix_date", "D", 'i', "spark_unix_date", kExact},
    Row{"date_from_unix_date", "i", 'D', "spark_date_from_unix_date"},
    // Hashes.
    Row{"md5", "x", 't', "md5"},
    Row{"sha", "x", 't', "sha1"},
    Row{"sha1", "x", 't', "sha1"},
    Row{"crc32", "x", 'l', "spark_crc32"},
};

TypeKind KindOf(char letter) {
  switch (letter) {
    case 't':
      return TypeKind::kString;
    case 'x':
      return TypeKind::kBinary;
    case 'i':
      return TypeKind::kInt;
    case 'l':
      return TypeKind::kLong;
    case 'd':
      return TypeKind::kDouble;
    case 'b':
      return TypeKind::kBoolean;
    case 'D':
      return TypeKind::kDate;
    default:
      return TypeKind::kTimestampTz;
  }
}

// Whether the call has the types of the row without a cast from or to a text.
bool HasTypesOf(const Call& call, const Row& row) {
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    const TypeKind kind = call.args[i].type.kind;
    const TypeKind wanted = KindOf(row.parameters[i]);
    const bool is_widened = (kind == TypeKind::kInt && wanted == TypeKind::kLong) ||
                            (kind == TypeKind::kFloat && wanted == TypeKind::kDouble);
    if (kind != wanted && !is_widened && !call.args[i].type.is_void()) return false;
  }
  return !std::ranges::all_of(call.args, [](const Expression& arg) { return arg.type.is_void(); });
}

Result<Expression> Fill(const Call& call, const Row& row) {
  std::vector<Expression> arguments;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    const Type type{.kind = KindOf(row.parameters[i])};
    if ((row.properties & kExact) != 0 && !HasTypesOf(call, row)) {
      return call.Wrong(
          call.expr.args[i].position,
          fmt::format("{} takes {} here, not {}; write CAST(… AS {})", row.name, SparkName(type),
                      SparkName(call.args[i].type), SparkName(type)));
    }
    ST_TRY(auto argument, Argument(call, i, type.kind));
    arguments.push_back(std::move(argument));
  }
  if ((row.properties & kSwapped) != 0) std::swap(arguments[0], arguments[1]);
  if (row.more) {
    const auto number = ParseInt64(*row.more);
    arguments.push_back(number ? Expression::Integer(*number) : Expression::Text(*row.more));
  }
  const TypeKind result = KindOf(row.result);
  Expression made = MakeCall(row.function, std::move(arguments), result);
  if ((row.properties & kFails) != 0) made.can_fail = true;
  return (row.properties & kAsInt) != 0 ? AsInt(std::move(made)) : made;
}

}  // namespace

bool IsSimpleFunction(std::string_view name) {
  return std::ranges::find(kRows, name, &Row::name) != kRows.end();
}

Result<std::optional<Expression>> TranslateSimpleCall(const Call& call) {
  for (const auto& row : kRows) {
    if (row.name != call.expr.text || row.parameters.size() != call.args.size()) continue;
    if ((row.properties & kFallback) != 0 && !HasTypesOf(call, row)) continue;
    ST_TRY(auto made, Fill(call, row));
    return std::optional(std::move(made));
  }
  return std::nullopt;
}

std::vector<std::string_view> SimpleFunctionNames() {
  std::vector<std::string_view> names;
  for (const auto& row : kRows) {
    if (names.empty() || names.back() != row.name) names.push_back(row.name);
  }
  return names;
}

}  // namespace st::dialect::spark
