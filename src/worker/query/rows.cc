#include "worker/query/rows.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

#include "base/json_text.h"
#include "base/text.h"

namespace st::worker::query {
namespace {

using sql::Int128;
using sql::TypeId;
using sql::VectorView;
using Outcome = jobs::QueryResult<void>;

constexpr std::int64_t kSecondsPerDay = 86'400;

std::int64_t PowerOfTen(int digits) {
  std::int64_t power = 1;
  for (int i = 0; i < digits; ++i) power *= 10;
  return power;
}

std::int64_t FloorDivide(std::int64_t a, std::int64_t b) {
  return a / b - static_cast<std::int64_t>(a % b < 0);
}

// A date of the calendar. The algorithm is H. Hinnant's days-to-civil, for every date of DuckDB.
struct Civil {
  std::int64_t year;
  std::int64_t month;
  std::int64_t day;
};
Civil CivilOf(std::int64_t days) {
  days += 719'468;
  const std::int64_t era = FloorDivide(days, 146'097);
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {year_of_era + era * 400 + static_cast<std::int64_t>(month <= 2), month,
          day_of_year - (153 * shifted + 2) / 5 + 1};
}

template <typename... Args>
void Append(std::string& out, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(out), format, std::forward<Args>(args)...);
}

void AppendTimeOfDay(std::int64_t seconds, std::int64_t fraction, int shown, std::string& out) {
  Append(out, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (shown > 0) Append(out, ".{:0{}}", fraction, shown);
}

Int128 DecimalAt(const sql::Type& type, const VectorView& vector, std::uint64_t row) {
  const auto wide = [](std::int64_t value) {
    return Int128{static_cast<std::uint64_t>(value), value < 0 ? -1 : 0};
  };
  switch (type.storage) {
    case TypeId::kSmallint:
      return wide(vector.At<std::int16_t>(row));
    case TypeId::kInteger:
      return wide(vector.At<std::int32_t>(row));
    case TypeId::kBigint:
      return wide(vector.At<std::int64_t>(row));
    default:
      return vector.At<Int128>(row);
  }
}

std::uint64_t WordOf(const sql::Type& type, const VectorView& vector, std::uint64_t row) {
  switch (type.storage) {
    case TypeId::kUtinyint:
      return vector.At<std::uint8_t>(row);
    case TypeId::kUsmallint:
      return vector.At<std::uint16_t>(row);
    default:
      return vector.At<std::uint32_t>(row);
  }
}

void AppendUuid(Int128 value, std::string& out) {
  const std::uint64_t upper = static_cast<std::uint64_t>(value.upper) ^ (1ULL << 63U);
  Append(out, "\"{:08x}-{:04x}-{:04x}-{:04x}-{:012x}\"", upper >> 32U, (upper >> 16U) & 0xFFFFU,
         upper & 0xFFFFU, value.lower >> 48U, value.lower & 0xFFFFFFFFFFFFULL);
}

Outcome AppendInterval(sql::IntervalValue value, std::string& out) {
  if (value.months != 0) {
    return std::unexpected(jobs::QueryError{
        .code = ErrorCode::kUnsupported,
        .name = "NOT_SUPPORTED",
        .message = fmt::format("an interval with months ({}) is no interval day to second; add it "
                               "to a date or cast it to varchar",
                               value.months)});
  }
  constexpr std::int64_t kMillisPerDay = kSecondsPerDay * 1000;
  std::int64_t millis = value.days * kMillisPerDay + value.micros / 1000;
  out += millis < 0 ? "\"-" : "\"";
  millis = std::abs(millis);
  Append(out, "{} ", millis / kMillisPerDay);
  AppendTimeOfDay(millis / 1000 % kSecondsPerDay, millis % 1000, 3, out);
  out += '"';
  return {};
}

template <typename T>
void AppendNumber(T value, std::string& out) {
  std::array<char, 32> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

template <typename T>
void AppendFloat(T value, std::string& out) {
  if (std::isnan(value)) {
    out += "\"NaN\"";
  } else if (std::isinf(value)) {
    out += value > 0 ? "\"Infinity\"" : "\"-Infinity\"";
  } else {
    const std::size_t from = out.size();
    AppendNumber(value, out);
    if (out.find_first_of(".e", from) == std::string::npos) out += ".0";
  }
}

Outcome TooBig(const sql::Type& type) {
  return std::unexpected(jobs::QueryError{
      .name = "NUMERIC_VALUE_OUT_OF_RANGE",
      .message = fmt::format("a value of type {} is out of range of bigint; cast it to "
                             "decimal(38, 0) or double",
                             type.ToString())});
}

}  // namespace

void AppendDouble(double value, std::string& out) { AppendFloat(value, out); }

void AppendDecimal(Int128 value, int scale, std::string& out) {
  using Wide = unsigned __int128;
  const bool is_negative = value.upper < 0;
  Wide magnitude =
      (static_cast<Wide>(static_cast<std::uint64_t>(value.upper)) << 64U) | value.lower;
  if (is_negative) magnitude = ~magnitude + 1;
  std::string digits;  // the last digit is first
  while (magnitude != 0 || digits.size() <= static_cast<std::size_t>(scale)) {
    digits += static_cast<char>('0' + static_cast<int>(magnitude % 10));
    magnitude /= 10;
  }
  if (is_negative) out += '-';
  for (std::size_t left = digits.size(); left > 0; --left) {
    if (left == static_cast<std::size_t>(scale)) out += '.';
    out += digits[left - 1];
  }
}

void AppendDate(std::int64_t days, std::string& out) {
  const Civil civil = CivilOf(days);
  const bool is_before = civil.year < 0;
  Append(out, "{}{:04}-{:02}-{:02}", is_before ? "-" : "", std::abs(civil.year), civil.month,
         civil.day);
}

void AppendTimestamp(std::int64_t ticks, int digits, int shown, std::string& out) {
  const std::int64_t per_second = PowerOfTen(digits);
  const std::int64_t seconds = FloorDivide(ticks, per_second);
  std::int64_t fraction = ticks - seconds * per_second;
  for (int i = digits; i > shown; --i) fraction /= 10;
  const std::int64_t days = FloorDivide(seconds, kSecondsPerDay);
  AppendDate(days, out);
  out += ' ';
  AppendTimeOfDay(seconds - days * kSecondsPerDay, fraction, std::min(shown, digits), out);
}

Outcome RowWriter::WriteRow(const sql::Chunk& chunk, std::uint64_t row, std::string& out) const {
  out += '[';
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (i > 0) out += ',';
    ST_TRY_STATUS(Write(types_[i], chunk.Column(i), row, out));
  }
  out += ']';
  return {};
}

Outcome RowWriter::Write(const sql::Type& type, const VectorView& vector, std::uint64_t row,
                         std::string& out) const {
  if (vector.IsNull(row)) {
    out += "null";
    return {};
  }
  const auto quoted = [&](auto append) {
    out += '"';
    append();
    out += '"';
    return Outcome();
  };
  const auto timestamp = [&](int digits) {
    const int shown = has_micros_ ? digits : 3;
    return quoted([&] { AppendTimestamp(vector.At<std::int64_t>(row), digits, shown, out); });
  };
  switch (type.id) {
    case TypeId::kBoolean:
      out += vector.At<bool>(row) ? "true" : "false";
      return {};
    case TypeId::kFloat:
      AppendFloat(vector.At<float>(row), out);
      return {};
    case TypeId::kDouble:
      AppendFloat(vector.At<double>(row), out);
      return {};
    case TypeId::kVarchar:
      AppendJsonString(vector.StringAt(row), out);
      return {};
    case TypeId::kEnum: {
      const std::uint64_t word = WordOf(type, vector, row);
      AppendJsonString(word < type.names.size() ? type.names[word] : "", out);
      return {};
    }
    case TypeId::kBlob:
      return quoted([&] { out += Base64Encode(vector.StringAt(row)); });
    case TypeId::kDecimal:
      return quoted([&] { AppendDecimal(DecimalAt(type, vector, row), type.scale, out); });
    case TypeId::kUuid:
      AppendUuid(vector.At<Int128>(row), out);
      return {};
    case TypeId::kDate:
      return quoted([&] { AppendDate(vector.At<std::int32_t>(row), out); });
    case TypeId::kTime:
      return quoted([&] {
        const auto micros = vector.At<std::int64_t>(row);
        const std::int64_t fraction = micros % 1'000'000;
        AppendTimeOfDay(micros / 1'000'000, has_micros_ ? fraction : fraction / 1000,
                        has_micros_ ? 6 : 3, out);
      });
    case TypeId::kTimestampS:
      return timestamp(0);
    case TypeId::kTimestampMs:
      return timestamp(3);
    case TypeId::kTimestamp:
      return timestamp(6);
    case TypeId::kTimestampNs:
      return timestamp(9);
    case TypeId::kTimestampTz:
      return quoted([&] {
        AppendTimestamp(vector.At<std::int64_t>(row), 6, has_micros_ ? 6 : 3, out);
        out += " UTC";
      });
    case TypeId::kInterval:
      return AppendInterval(vector.At<sql::IntervalValue>(row), out);
    case TypeId::kList:
    case TypeId::kArray:
    case TypeId::kStruct:
    case TypeId::kMap:
      return WriteNested(type, vector, row, out);
    default:
      return WriteInteger(type, vector, row, out);
  }
}

Outcome RowWriter::WriteInteger(const sql::Type& type, const VectorView& vector, std::uint64_t row,
                                std::string& out) const {
  switch (type.id) {
    case TypeId::kTinyint:
      AppendNumber(static_cast<int>(vector.At<std::int8_t>(row)), out);
      break;
    case TypeId::kSmallint:
      AppendNumber(vector.At<std::int16_t>(row), out);
      break;
    case TypeId::kInteger:
      AppendNumber(vector.At<std::int32_t>(row), out);
      break;
    case TypeId::kBigint:
      AppendNumber(vector.At<std::int64_t>(row), out);
      break;
    case TypeId::kUtinyint:
      AppendNumber(static_cast<int>(vector.At<std::uint8_t>(row)), out);
      break;
    case TypeId::kUsmallint:
      AppendNumber(vector.At<std::uint16_t>(row), out);
      break;
    case TypeId::kUinteger:
      AppendNumber(vector.At<std::uint32_t>(row), out);
      break;
    case TypeId::kUbigint: {
      const auto value = vector.At<std::uint64_t>(row);
      if (value >> 63U != 0) return TooBig(type);
      AppendNumber(value, out);
      break;
    }
    case TypeId::kUhugeint:
    case TypeId::kHugeint: {
      const auto value = vector.At<Int128>(row);
      const auto low = static_cast<std::int64_t>(value.lower);
      if (value.upper != (low < 0 ? -1 : 0)) return TooBig(type);
      AppendNumber(low, out);
      break;
    }
    default:
      out += "null";  // its type is unknown, which has no other value
  }
  return {};
}

Outcome RowWriter::WriteElements(const sql::Type& type, const VectorView& elements,
                                 VectorView::Range range, std::string& out) const {
  out += '[';
  for (std::uint64_t i = 0; i < range.length; ++i) {
    if (i > 0) out += ',';
    ST_TRY_STATUS(Write(type, elements, range.offset + i, out));
  }
  out += ']';
  return {};
}

Outcome RowWriter::WriteNested(const sql::Type& type, const VectorView& vector, std::uint64_t row,
                               std::string& out) const {
  if (type.id == TypeId::kMap) return WriteMap(type, vector, row, out);
  if (type.id == TypeId::kList) {
    return WriteElements(type.children[0], vector.Elements(), vector.ListAt(row), out);
  }
  if (type.id == TypeId::kArray) {
    return WriteElements(type.children[0], vector.ArrayElements(),
                         {row * type.array_size, type.array_size}, out);
  }
  out += '[';
  for (std::size_t i = 0; i < type.children.size(); ++i) {
    if (i > 0) out += ',';
    ST_TRY_STATUS(Write(type.children[i], vector.Member(i), row, out));
  }
  out += ']';
  return {};
}

Outcome RowWriter::WriteMap(const sql::Type& type, const VectorView& vector, std::uint64_t row,
                            std::string& out) const {
  const auto range = vector.ListAt(row);
  const VectorView entries = vector.Elements();
  out += '{';
  for (std::uint64_t i = range.offset; i < range.offset + range.length; ++i) {
    if (i > range.offset) out += ',';
    std::string key;
    ST_TRY_STATUS(Write(type.children[0], entries.Member(0), i, key));
    if (key.starts_with('"')) {
      out += key;
    } else {
      AppendJsonString(key, out);
    }
    out += ':';
    ST_TRY_STATUS(Write(type.children[1], entries.Member(1), i, out));
  }
  out += '}';
  return {};
}

}  // namespace st::worker::query
