#include "event/value.h"

#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "base/text.h"
#include "event/json_check.h"
#include "event/limits.h"
#include "event/python_json.h"
#include "event/timestamp.h"

namespace st::event {
namespace {

using MaybeValue = std::expected<Value, std::string>;

// The error of a value that is not of the type. It is empty, since the description of allowed
// values says all.
std::unexpected<std::string> NoSuchType() { return std::unexpected(std::string()); }

// The number as a message quotes it: its first characters.
std::string Shown(std::string_view number) {
  constexpr std::size_t kMost = 32;
  return std::string(number.substr(0, kMost)) + (number.size() > kMost ? "…" : "");
}

std::expected<double, std::string> ParseDouble(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || text.empty()) return NoSuchType();
  if (error == std::errc::result_out_of_range) {
    // As in Python, a number too near to zero is read as zero, and one that is too large is
    // refused.
    value = std::strtod(std::string(text).c_str(), nullptr);
    if (std::isinf(value)) {
      return std::unexpected(
          fmt::format("{} is beyond the largest double, 1.7976931348623157e+308", Shown(text)));
    }
  } else if (error != std::errc()) {
    return NoSuchType();
  }
  if (!std::isfinite(value)) return NoSuchType();
  return value;
}

MaybeValue OfText(std::string_view text) {
  Value value;
  value.text = text;
  AppendPythonJson(value.json, text, TextEncoding::kUtf8);
  return value;
}

MaybeValue OfTimestamp(std::string_view text) {
  const auto us = ParseTimestamp(text);
  if (!us) return std::unexpected(us.error());
  auto value = OfText(text);
  value->integer = *us;
  return value;
}

MaybeValue OfInteger(FieldType type, std::string_view digits) {
  const auto integer = ParseInt64(digits);
  using Int = std::numeric_limits<std::int32_t>;
  using Long = std::numeric_limits<std::int64_t>;
  const bool is_int = type == FieldType::kInt;
  if (!integer || (is_int && (*integer < Int::min() || *integer > Int::max()))) {
    const auto unsigned_digits = digits.substr(digits.starts_with('-') ? 1 : 0);
    const bool is_number = !unsigned_digits.empty() && unsigned_digits.find_first_not_of(
                                                           "0123456789") == std::string_view::npos;
    if (!is_number) return NoSuchType();
    return std::unexpected(fmt::format("{} is outside {} to {}, the range of type {}",
                                       Shown(digits), is_int ? Int::min() : Long::min(),
                                       is_int ? Int::max() : Long::max(), is_int ? "int" : "long"));
  }
  return Value{.json = std::to_string(*integer), .text = {}, .integer = *integer};
}

MaybeValue OfDouble(std::string_view text) {
  const auto number = ParseDouble(text);
  if (!number) return std::unexpected(number.error());
  return Value{.json = DoubleJson(*number), .text = {}, .number = *number};
}

MaybeValue OfBoolean(bool flag) {
  return Value{.json = flag ? "true" : "false", .text = {}, .integer = flag ? 1 : 0};
}

MaybeValue OfJson(FieldType type, std::string_view json) {
  const bool is_text = json.starts_with('"');
  const bool is_number =
      json.starts_with('-') || (!json.empty() && json.front() >= '0' && json.front() <= '9');
  const bool is_whole = is_number && json.find_first_of(".eE") == std::string_view::npos;
  const auto text = [&] { return UnescapeJson(json.substr(1, json.size() - 2)); };
  switch (type) {
    case FieldType::kString:
      return is_text ? OfText(text()) : NoSuchType();
    case FieldType::kTimestamp:
      return is_text ? OfTimestamp(text()) : NoSuchType();
    case FieldType::kInt:
    case FieldType::kLong:
      if (is_number && !is_whole) {
        return std::unexpected(fmt::format("{} has a point or an exponent", Shown(json)));
      }
      return is_whole ? OfInteger(type, json) : NoSuchType();
    case FieldType::kDouble: {
      if (!is_number) return NoSuchType();
      auto value = OfDouble(json);
      // A whole number stays one, as in Python's json.dumps(json.loads(…)).
      if (value && is_whole) value->json = json == "-0" ? "0" : json;
      if (value && json == "-0") value->number = 0;
      return value;
    }
    case FieldType::kBoolean:
      if (json == "true" || json == "false") return OfBoolean(json == "true");
      return NoSuchType();
  }
  return NoSuchType();
}

// Counts the code points of well-formed UTF-8.
std::int64_t Characters(std::string_view text) {
  return std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; });
}

std::string BoundText(const Bound& bound) {
  return std::visit([](auto at) { return fmt::format("{}", at); }, bound);
}

std::string Bounds(const Field& field) {
  if (field.min && field.max) {
    return fmt::format(" from {} to {}", BoundText(*field.min), BoundText(*field.max));
  }
  if (field.min) return " of at least " + BoundText(*field.min);
  return field.max ? " of at most " + BoundText(*field.max) : "";
}

bool IsInBounds(const Field& field, const Bound& size) {
  return (!field.min || CompareBounds(size, *field.min) >= 0) &&
         (!field.max || CompareBounds(size, *field.max) <= 0);
}

std::string Want(const Field& field, const std::string& why) {
  return fmt::format("want {}{}{}", Allowed(field), why.empty() ? "" : ": ", why);
}

}  // namespace

FieldReader::FieldReader(Field field) : field_(std::move(field)) {
  if (!field_.pattern.empty()) {
    pattern_ = std::make_shared<const re2::RE2>(field_.pattern, re2::RE2::Quiet);
  }
  for (const auto& json : field_.one_of) {
    if (auto value = OfJson(field_.type, json)) one_of_.push_back(std::move(*value));
  }
}

std::expected<Value, std::string> FieldReader::ReadJson(std::string_view json) const {
  return Checked(OfJson(field_.type, json));
}

std::expected<Value, std::string> FieldReader::ReadText(std::string_view text) const {
  const auto read = [&]() -> MaybeValue {
    switch (field_.type) {
      case FieldType::kString:
        if (!IsUtf8(text)) return std::unexpected(std::string("it is not UTF-8"));
        return OfText(text);
      case FieldType::kTimestamp:
        return OfTimestamp(text);
      case FieldType::kInt:
      case FieldType::kLong:
        return OfInteger(field_.type, text);
      case FieldType::kDouble:
        return OfDouble(text);
      case FieldType::kBoolean:
        if (text == "true" || text == "1") return OfBoolean(true);
        if (text == "false" || text == "0") return OfBoolean(false);
        return NoSuchType();
    }
    return NoSuchType();
  };
  return Checked(read());
}

std::expected<Value, std::string> FieldReader::Checked(
    std::expected<Value, std::string> value) const {
  if (!value) return std::unexpected(Want(field_, value.error()));
  if (!IsAllowed(*value)) return std::unexpected(Want(field_, ""));
  return value;
}

bool FieldReader::IsAllowed(const Value& value) const {
  switch (field_.type) {
    case FieldType::kString:
      if (!IsInBounds(field_, Characters(value.text))) return false;
      if (pattern_ && !re2::RE2::FullMatch(value.text, *pattern_)) return false;
      break;
    case FieldType::kInt:
    case FieldType::kLong:
      if (!IsInBounds(field_, value.integer)) return false;
      break;
    case FieldType::kDouble:
      if (!IsInBounds(field_, value.number)) return false;
      break;
    case FieldType::kBoolean:
    case FieldType::kTimestamp:
      break;
  }
  return field_.one_of.empty() ||
         std::ranges::any_of(one_of_, [&](const Value& one) { return IsSame(one, value); });
}

bool FieldReader::IsSame(const Value& a, const Value& b) const {
  switch (field_.type) {
    case FieldType::kString:
      return a.text == b.text;
    case FieldType::kDouble:
      return a.number == b.number;
    case FieldType::kInt:
    case FieldType::kLong:
    case FieldType::kBoolean:
    case FieldType::kTimestamp:
      return a.integer == b.integer;
  }
  return false;
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

std::optional<std::string> FaultOf(const Field& field, std::string_view json) {
  if (!IsUtf8(json) || !JsonCheck(kMaxJsonDepth).Check(json)) return Want(field, "");
  const auto value = FieldReader(field).ReadJson(Trim(json));
  return value ? std::nullopt : std::optional(value.error());
}

}  // namespace st::event
