#include "event/value.h"

#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "event/python_json.h"

namespace st::event {
namespace {

std::optional<double> ParseDouble(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

// Takes exactly `digits` digits; -1 if they are not there.
int TakeDigits(std::string_view& left, std::size_t digits) {
  if (left.size() < digits) return -1;
  int value = 0;
  for (const char c : left.substr(0, digits)) {
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  left.remove_prefix(digits);
  return value;
}

bool TakeOne(std::string_view& left, std::string_view any_of) {
  if (left.empty() || any_of.find(left.front()) == std::string_view::npos) return false;
  left.remove_prefix(1);
  return true;
}

int DaysIn(int year, int month) {
  static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && is_leap ? 29 : kDays[month - 1];
}

bool TakeDate(std::string_view& left) {
  const int year = TakeDigits(left, 4);
  if (year < 1 || !TakeOne(left, "-")) return false;
  const int month = TakeDigits(left, 2);
  if (month < 1 || month > 12 || !TakeOne(left, "-")) return false;
  const int day = TakeDigits(left, 2);
  return day >= 1 && day <= DaysIn(year, month);
}

// "10:00", then with seconds ":00.5".
bool TakeClock(std::string_view& left, bool with_seconds) {
  const int hour = TakeDigits(left, 2);
  if (hour < 0 || hour > 23 || !TakeOne(left, ":")) return false;
  const int minute = TakeDigits(left, 2);
  if (minute < 0 || minute > 59) return false;
  if (!with_seconds) return true;
  if (!TakeOne(left, ":")) return false;
  const int second = TakeDigits(left, 2);
  if (second < 0 || second > 59) return false;
  if (!TakeOne(left, ".")) return true;
  std::size_t digits = 0;
  while (digits < left.size() && left[digits] >= '0' && left[digits] <= '9') ++digits;
  left.remove_prefix(digits);
  return digits >= 1 && digits <= 9;
}

// Code points of well-formed UTF-8.
std::size_t Characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

bool IsOfType(FieldType type, const nlohmann::json& value) {
  constexpr std::int64_t kIntMin = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kIntMax = std::numeric_limits<std::int32_t>::max();
  const bool is_long = value.is_number_integer() &&
                       (!value.is_number_unsigned() ||
                        value.get<std::uint64_t>() <= std::numeric_limits<std::int64_t>::max());
  switch (type) {
    case FieldType::kString:
      return value.is_string();
    case FieldType::kInt:
      return is_long && value.get<std::int64_t>() >= kIntMin &&
             value.get<std::int64_t>() <= kIntMax;
    case FieldType::kLong:
      return is_long;
    case FieldType::kDouble:
      return value.is_number();
    case FieldType::kBoolean:
      return value.is_boolean();
    case FieldType::kTimestamp:
      return value.is_string() && IsTimestamp(value.get_ref<const std::string&>());
  }
  return false;
}

std::string Bounds(const Field& field) {
  if (field.min && field.max) return fmt::format(" from {} to {}", *field.min, *field.max);
  if (field.min) return fmt::format(" of at least {}", *field.min);
  return field.max ? fmt::format(" of at most {}", *field.max) : "";
}

bool IsInBounds(const Field& field, double size) {
  return (!field.min || size >= *field.min) && (!field.max || size <= *field.max);
}

}  // namespace

std::string DoubleJson(double value) {
  std::string out = nlohmann::json(value).dump();
  const bool is_whole = out.find_first_of(".e") == std::string::npos;
  return is_whole ? out + ".0" : out;
}

bool IsTimestamp(std::string_view text) {
  if (!TakeDate(text) || !TakeOne(text, "Tt ") || !TakeClock(text, true)) return false;
  if (text == "Z" || text == "z") return true;
  return TakeOne(text, "+-") && TakeClock(text, false) && text.empty();
}

std::string Allowed(const Field& field) {
  if (!field.one_of.empty()) return fmt::format("one of {}", fmt::join(field.one_of, ", "));
  switch (field.type) {
    case FieldType::kString: {
      std::string out = "text" + Bounds(field);
      if (field.min || field.max) out += " characters";
      if (!field.pattern.empty()) out += " of the form " + field.pattern;
      return out;
    }
    case FieldType::kInt:
      return "a whole number" + Bounds(field);
    case FieldType::kLong:
      return "a whole number of 64 bits" + Bounds(field);
    case FieldType::kDouble:
      return "a number" + Bounds(field);
    case FieldType::kBoolean:
      return "true or false";
    case FieldType::kTimestamp:
      return "a time as in 2026-11-27T10:00:00Z";
  }
  return "";
}

std::optional<std::string> JsonOfText(FieldType type, std::string_view text) {
  switch (type) {
    case FieldType::kString:
    case FieldType::kTimestamp: {
      if (!IsUtf8(text)) return std::nullopt;
      std::string out;
      AppendPythonJson(out, text, TextEncoding::kUtf8);
      return out;
    }
    case FieldType::kInt:
    case FieldType::kLong: {
      const auto value = ParseInt64(text);
      return value ? std::optional(std::to_string(*value)) : std::nullopt;
    }
    case FieldType::kDouble: {
      const auto value = ParseDouble(text);
      return value ? std::optional(DoubleJson(*value)) : std::nullopt;
    }
    case FieldType::kBoolean:
      if (text == "true" || text == "1") return "true";
      if (text == "false" || text == "0") return "false";
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<std::string> FaultOf(const Field& field, std::string_view json) {
  const auto value = nlohmann::json::parse(json, nullptr, false);
  const auto fault = [&] { return fmt::format("want {}", Allowed(field)); };
  if (value.is_discarded() || !IsOfType(field.type, value)) return fault();
  if (value.is_number() && !IsInBounds(field, value.get<double>())) return fault();
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (!IsInBounds(field, static_cast<double>(Characters(text)))) return fault();
    if (!field.pattern.empty() && !re2::RE2::FullMatch(text, field.pattern)) return fault();
  }
  const auto is_same = [&](const std::string& one) { return nlohmann::json::parse(one) == value; };
  if (!field.one_of.empty() && std::ranges::none_of(field.one_of, is_same)) return fault();
  return std::nullopt;
}

}  // namespace st::event
