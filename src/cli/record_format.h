// The text of a record by a format string of kcat's letters.
//
//   %s value        %S its bytes, -1 for null     %R the same as 4 bytes, most significant first
//   %k key          %K its bytes, -1 for null     %T time in ms, -1 for none
//   %t topic        %p partition                  %o offset
//   %h headers, name=value with commas; a null value is NULL
//   %% a percent sign
//   \n \r \t, \NNN (decimal; octal after a 0) and \xNN: a character; \ before another one: that one
//
// A null key or value is no bytes. The output is kcat 1.7.1's, but that a character 0 does not end
// the text.
//
// Threads: immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace st::cli {

// What a format can name of a record.
struct FormattedRecord {
  std::string_view topic;
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = -1;  // -1: none
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  // In order; needed only by a format that wants_headers().
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> headers;
};

class RecordFormat {
 public:
  // kInvalidArgument: a letter that is none, a % at the end, \x without a digit; names the place.
  static Result<RecordFormat> Parse(std::string_view text);
  bool wants_headers() const;
  void Append(std::string& out, const FormattedRecord& record) const;

 private:
  struct Part {
    char letter = 0;   // of a field; 0: text
    std::string text;  // as it is printed
  };
  std::vector<Part> parts_;
};

}  // namespace st::cli
