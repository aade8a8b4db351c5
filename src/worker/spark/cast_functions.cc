#include "worker/spark/cast_functions.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "spark_values/number.h"
#include "spark_values/number_text.h"
#include "spark_values/time_text.h"
#include "worker/spark/adapt.h"

namespace st::worker::spark {
namespace {

namespace values = spark_values;
using std::int32_t;
using std::int64_t;
using std::string_view;
using values::Date;
using values::Timestamp;

constexpr std::size_t kShownBytes = 100;

std::unexpected<Error> WrongText(string_view text, string_view type) {
  std::size_t shown = std::min(text.size(), kShownBytes);
  while (shown > 0 && shown < text.size() &&
         (static_cast<unsigned char>(text[shown]) & 0xC0U) == 0x80U) {
    --shown;
  }
  return Fail(ErrorCode::kInvalidArgument, "[CAST_INVALID_INPUT] cannot cast '{}' to {}",
              text.substr(0, shown), type);
}

std::unexpected<Error> WrongDouble(double value, string_view type) {
  return Fail(ErrorCode::kInvalidArgument, "[CAST_OVERFLOW] cannot cast {} to {}",
              values::DoubleText(value), type);
}

Result<int32_t> TextToInt(string_view text) {
  const auto value = values::IntOf(text);
  if (!value) return WrongText(text, "INT");
  return *value;
}
Result<int64_t> TextToLong(string_view text) {
  const auto value = values::LongOf(text);
  if (!value) return WrongText(text, "BIGINT");
  return *value;
}
Result<double> TextToDouble(string_view text) {
  const auto value = values::DoubleOf(text);
  if (!value) return WrongText(text, "DOUBLE");
  return *value;
}
Result<float> TextToFloat(string_view text) {
  const auto value = values::FloatOf(text);
  if (!value) return WrongText(text, "FLOAT");
  return *value;
}
// The nearest FLOAT, or an infinity.
float DoubleToFloat(double value) { return static_cast<float>(value); }
// The text of a number, for a cast to DECIMAL.
Result<std::string> TextToPlain(string_view text) {
  auto value = values::PlainNumberOf(text);
  if (!value) return WrongText(text, "DECIMAL");
  return *std::move(value);
}
Result<bool> TextToBoolean(string_view text) {
  const auto value = values::BooleanOf(text);
  if (!value) return WrongText(text, "BOOLEAN");
  return *value;
}
Result<Date> TextToDate(string_view text) {
  const auto value = values::DateOfText(text);
  if (!value) return WrongText(text, "DATE");
  return *value;
}
Result<Timestamp> TextToTimestamp(string_view text) {
  const auto value = values::TimestampOfText(text);
  if (!value) return WrongText(text, "TIMESTAMP");
  return *value;
}
// A text of which Spark's answer is not known is an error here, too.
Result<std::optional<Timestamp>> TryTextToTimestamp(string_view text) {
  const auto value = values::TimestampOfText(text);
  if (!value && values::NeedsClockOrZones(text)) return WrongText(text, "TIMESTAMP");
  return value;
}
// A time without a zone, as one of UTC.
Result<Timestamp> TextToLocalTime(string_view text) {
  const auto value = values::LocalTimestampOfText(text);
  if (!value) return WrongText(text, "TIMESTAMP_NTZ");
  return *value;
}
Result<std::optional<Timestamp>> TryTextToLocalTime(string_view text) {
  const auto value = values::LocalTimestampOfText(text);
  if (!value && values::HasNamedZone(text)) return WrongText(text, "TIMESTAMP_NTZ");
  return value;
}
Result<int32_t> DoubleToInt(double value) {
  const auto number = values::DoubleToInt(value);
  if (!number) return WrongDouble(value, "INT");
  return *number;
}
Result<int64_t> DoubleToLong(double value) {
  const auto number = values::DoubleToLong(value);
  if (!number) return WrongDouble(value, "BIGINT");
  return *number;
}

std::string DateToText(Date date) { return values::TextOf(date); }
std::string TimestampToText(Timestamp time) { return values::TextOf(time); }

// Spark takes the nearest time that there is, which is far from those that a table holds.
Result<Timestamp> SecondsToTimestamp(int64_t seconds) {
  constexpr int64_t kMicros = 1'000'000;
  constexpr int64_t kMost = 9'000'000'000'000;
  if (seconds > kMost || seconds < -kMost) {
    return Fail(ErrorCode::kInvalidArgument, "[CAST_OVERFLOW] {} s is no time", seconds);
  }
  return Timestamp{seconds * kMicros};
}
std::optional<Timestamp> TrySecondsToTimestamp(int64_t seconds) {
  const auto time = SecondsToTimestamp(seconds);
  return time ? std::optional(*time) : std::nullopt;
}

}  // namespace

std::vector<sql::ScalarFunction> CastFunctions() {
  return {
      Adapt<TextToInt>("spark_text_to_int"),
      Adapt<TextToLong>("spark_text_to_bigint"),
      Adapt<TextToDouble>("spark_text_to_double"),
      Adapt<TextToFloat>("spark_text_to_float"),
      Adapt<values::FloatOf>("spark_try_text_to_float"),
      Adapt<DoubleToFloat>("spark_double_to_float"),
      Adapt<values::FloatText>("spark_float_to_text"),
      Adapt<TextToBoolean>("spark_text_to_boolean"),
      Adapt<TextToDate>("spark_text_to_date"),
      Adapt<TextToTimestamp>("spark_text_to_timestamp"),
      Adapt<values::IntOf>("spark_try_text_to_int"),
      Adapt<values::LongOf>("spark_try_text_to_bigint"),
      Adapt<values::DoubleOf>("spark_try_text_to_double"),
      Adapt<values::BooleanOf>("spark_try_text_to_boolean"),
      Adapt<values::DateOfText>("spark_try_text_to_date"),
      Adapt<TryTextToTimestamp>("spark_try_text_to_timestamp"),
      Adapt<TextToLocalTime>("spark_text_to_local_time"),
      Adapt<TryTextToLocalTime>("spark_try_text_to_local_time"),
      Adapt<DoubleToInt>("spark_double_to_int"),
      Adapt<DoubleToLong>("spark_double_to_bigint"),
      Adapt<values::DoubleToInt>("spark_try_double_to_int"),
      Adapt<values::DoubleToLong>("spark_try_double_to_bigint"),
      Adapt<DateToText>("spark_date_to_text"),
      Adapt<TimestampToText>("spark_timestamp_to_text"),
      Adapt<values::DoubleText>("spark_double_to_text"),
      Adapt<values::PlainDoubleText>("spark_double_to_plain"),
      Adapt<values::PlainNumberOf>("spark_try_text_to_plain"),
      Adapt<TextToPlain>("spark_text_to_plain"),
      Adapt<SecondsToTimestamp>("spark_seconds_to_timestamp"),
      Adapt<TrySecondsToTimestamp>("spark_try_seconds_to_timestamp"),
  };
}

}  // namespace st::worker::spark
