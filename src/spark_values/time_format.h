// Patterns of Java's DateTimeFormatter, as Spark reads them, for times of UTC in English. Pure.
//
// Errors: kInvalidArgument: a pattern that Spark refuses, or that is not supported; a text that the
//         pattern does not describe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "spark_values/values.h"

namespace st::spark_values {

// A parsed pattern.
class TimeFormat {
 public:
  // For FormatTime.
  static Result<TimeFormat> ForWriting(std::string_view pattern);
  // For ParseTime: not all letters can be read.
  static Result<TimeFormat> ForReading(std::string_view pattern);

  std::string Write(Timestamp time) const;
  // The whole text. What the pattern has not is as at 1970-01-01 00:00:00 UTC.
  Result<Timestamp> Read(std::string_view text) const;

 private:
  friend class TimeReader;
  struct Item {
    char letter = 0;  // 0: `text`; '[' and ']': an optional section
    int count = 0;
    std::string text;
  };
  static Result<TimeFormat> Parse(std::string_view pattern);
  std::vector<Item> items_;
};

// The last format of a column of them.
//
// Threads: one thread.
struct TimeFormatCache {
  std::string pattern;
  Result<TimeFormat> format = Fail(ErrorCode::kNotFound, "no pattern yet");
};

Result<std::string> FormatTime(TimeFormatCache& cache, Timestamp time, std::string_view pattern);
Result<Timestamp> ParseTime(TimeFormatCache& cache, std::string_view text,
                            std::string_view pattern);

}  // namespace st::spark_values
