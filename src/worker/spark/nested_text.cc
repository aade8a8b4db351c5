#include "worker/spark/nested_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "spark_values/encoding.h"
#include "spark_values/json_scanner.h"
#include "spark_values/number_text.h"
#include "spark_values/time_text.h"

namespace st::worker::spark {
namespace {

namespace values = spark_values;
using sql::TypeId;
using values::AppendJsonText;

std::string WholeText(sql::Int128 value) {
  const bool is_negative = value.upper < 0;
  auto number =
      static_cast<unsigned __int128>(static_cast<__int128>(value.upper)) << 64U | value.lower;
  if (is_negative) number = 0 - number;
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number != 0);
  if (is_negative) digits += '-';
  std::ranges::reverse(digits);
  return digits;
}

std::string DecimalText(const sql::Type& type, const sql::VectorView& column, std::uint64_t row) {
  std::string digits;
  switch (type.storage) {
    case TypeId::kSmallint:
      digits = fmt::format("{}", column.At<std::int16_t>(row));
      break;
    case TypeId::kInteger:
      digits = fmt::format("{}", column.At<std::int32_t>(row));
      break;
    case TypeId::kBigint:
      digits = fmt::format("{}", column.At<std::int64_t>(row));
      break;
    default:
      digits = WholeText(column.At<sql::Int128>(row));
  }
  if (type.scale == 0) return digits;
  const bool is_negative = digits.front() == '-';
  if (is_negative) digits.erase(0, 1);
  const auto scale = static_cast<std::size_t>(type.scale);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  digits.insert(digits.size() - scale, ".");
  return is_negative ? "-" + digits : digits;
}

// The text of a BOOLEAN, a number, a date or a time; false for other types.
bool AppendPlain(const sql::Type& type, const sql::VectorView& column, std::uint64_t row,
                 std::string& out) {
  switch (type.id) {
    case TypeId::kBoolean:
      out += column.At<bool>(row) ? "true" : "false";
      return true;
    case TypeId::kInteger:
      out += fmt::format("{}", column.At<std::int32_t>(row));
      return true;
    case TypeId::kBigint:
      out += fmt::format("{}", column.At<std::int64_t>(row));
      return true;
    case TypeId::kFloat:
      out += values::FloatText(column.At<float>(row));
      return true;
    case TypeId::kDouble:
      out += values::DoubleText(column.At<double>(row));
      return true;
    case TypeId::kDecimal:
      out += DecimalText(type, column, row);
      return true;
    case TypeId::kDate:
      out += values::TextOf(values::Date{column.At<std::int32_t>(row)});
      return true;
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
      out += values::TextOf(values::Timestamp{column.At<std::int64_t>(row)});
      return true;
    default:
      return false;
  }
}

std::unexpected<Error> NoSuchType(const sql::Type& type) {
  return Fail(ErrorCode::kInvalidArgument, "a value of type {} has no text here", type.ToString());
}

// "2026-01-02T03:04:05.678": Spark's default format, which has milliseconds.
std::string JsonTime(std::int64_t micros) {
  constexpr std::int64_t kSecond = 1'000'000;
  const std::int64_t fraction = ((micros % kSecond) + kSecond) % kSecond;
  std::string text = values::TextOf(values::Timestamp{micros - fraction});
  text[text.find(' ')] = 'T';
  return fmt::format("{}.{:03}", text, fraction / 1000);
}

std::string Alone(const sql::Type& type, const sql::VectorView& column, std::uint64_t row) {
  std::string text;
  if (type.id == TypeId::kVarchar) {
    text = column.StringAt(row);
  } else {
    AppendPlain(type, column, row, text);
  }
  return text;
}

Status AppendJsonStruct(const sql::Type& type, const sql::VectorView& column, std::uint64_t row,
                        bool keeps_nulls, std::string& out) {
  out += '{';
  bool is_first = true;
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    const auto member = column.Member(i);
    if (!keeps_nulls && member.IsNull(row)) continue;
    if (!is_first) out += ',';
    is_first = false;
    AppendJsonText(type.names[i], out);
    out += ':';
    ST_TRY_STATUS(AppendJson(type.children[i], member, row, keeps_nulls, out));
  }
  out += '}';
  return {};
}

Status AppendJsonMap(const sql::Type& type, const sql::VectorView& column, std::uint64_t row,
                     bool keeps_nulls, std::string& out) {
  out += '{';
  const auto range = column.ListAt(row);
  const auto entries = column.Elements();
  const auto keys = entries.Member(0);
  for (std::uint64_t i = range.offset; i < range.offset + range.length; ++i) {
    if (i != range.offset) out += ',';
    if (type.children[0].children.empty()) {
      AppendJsonText(Alone(type.children[0], keys, i), out);
    } else {
      std::string key;
      ST_TRY_STATUS(AppendText(type.children[0], keys, i, keeps_nulls, key));
      AppendJsonText(key, out);
    }
    out += ':';
    ST_TRY_STATUS(AppendJson(type.children[1], entries.Member(1), i, keeps_nulls, out));
  }
  out += '}';
  return {};
}

}  // namespace

Status AppendJson(const sql::Type& type, const sql::VectorView& column, std::uint64_t row,
                  bool keeps_nulls, std::string& out) {
  if (column.IsNull(row)) {
    out += "null";
    return {};
  }
  switch (type.id) {
    case TypeId::kStruct:
      return AppendJsonStruct(type, column, row, keeps_nulls, out);
    case TypeId::kMap:
      return AppendJsonMap(type, column, row, keeps_nulls, out);
    case TypeId::kList: {
      out += '[';
      const auto range = column.ListAt(row);
      for (std::uint64_t i = range.offset; i < range.offset + range.length; ++i) {
        if (i != range.offset) out += ',';
        ST_TRY_STATUS(AppendJson(type.children[0], column.Elements(), i, keeps_nulls, out));
      }
      out += ']';
      return {};
    }
    case TypeId::kVarchar:
      AppendJsonText(column.StringAt(row), out);
      return {};
    case TypeId::kBlob:
      AppendJsonText(values::Base64(column.StringAt(row)), out);
      return {};
    case TypeId::kTimestamp:
      AppendJsonText(JsonTime(column.At<std::int64_t>(row)), out);
      return {};
    case TypeId::kTimestampTz:
      AppendJsonText(JsonTime(column.At<std::int64_t>(row)) + "Z", out);
      return {};
    case TypeId::kDate:
      AppendJsonText(Alone(type, column, row), out);
      return {};
    case TypeId::kFloat:
    case TypeId::kDouble: {
      const std::string number = Alone(type, column, row);
      const bool is_number = number.find_first_of("NI") == std::string::npos;
      is_number ? void(out += number) : AppendJsonText(number, out);
      return {};
    }
    default:
      if (AppendPlain(type, column, row, out)) return {};
      return NoSuchType(type);
  }
}

Status AppendText(const sql::Type& type, const sql::VectorView& column, std::uint64_t row,
                  bool keeps_nulls, std::string& out) {
  if (column.IsNull(row)) {
    out += "null";
    return {};
  }
  const auto append_part = [&](std::size_t child, const sql::VectorView& part, std::uint64_t at) {
    return AppendText(type.children[child], part, at, keeps_nulls, out);
  };
  switch (type.id) {
    case TypeId::kStruct: {
      out += '{';
      for (std::size_t i = 0; i < type.children.size(); ++i) {
        if (i != 0) out += ", ";
        ST_TRY_STATUS(append_part(i, column.Member(i), row));
      }
      out += '}';
      return {};
    }
    case TypeId::kMap:
    case TypeId::kList: {
      const bool is_map = type.id == TypeId::kMap;
      out += is_map ? '{' : '[';
      const auto range = column.ListAt(row);
      const auto elements = column.Elements();
      for (std::uint64_t i = range.offset; i < range.offset + range.length; ++i) {
        if (i != range.offset) out += ", ";
        ST_TRY_STATUS(append_part(0, is_map ? elements.Member(0) : elements, i));
        if (!is_map) continue;
        out += " -> ";
        ST_TRY_STATUS(append_part(1, elements.Member(1), i));
      }
      out += is_map ? '}' : ']';
      return {};
    }
    case TypeId::kVarchar:
      out += column.StringAt(row);
      return {};
    case TypeId::kBlob:
      out += values::MakeValidUtf8(column.StringAt(row));
      return {};
    default:
      if (AppendPlain(type, column, row, out)) return {};
      return NoSuchType(type);
  }
}

}  // namespace st::worker::spark
