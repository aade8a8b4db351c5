// Whether a text is JSON that DuckDB's functions take, and has the fields that a pipeline requires.
//
// Stricter than DuckDB's parser wherever the two differ (it takes NaN and trailing commas, RFC 8259
// does not), so that what passes here never fails a query. One pass, no recursion, no allocation.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace st::worker {

// Threads: one thread.
// Limits:  kMaxJsonDepth.
class JsonCheck {
 public:
  // `required`: names of fields of the document itself; a field that is null is there.
  explicit JsonCheck(std::vector<std::string> required);

  enum class Verdict { kFine, kNotJson, kMissingField };
  // Requires: `text` is valid UTF-8.
  Verdict Check(std::string_view text);
  // Of the last text that was not fine: "byte 17: a ':' is missing", "field 'event_type'".
  std::string Reason() const;

 private:
  bool Fails(const char* what);
  bool Document();
  bool Value();       // one value, or the opening of one
  bool AfterValue();  // closes what ends here; false at the end of the document
  bool Key();
  bool String(bool& has_escape);
  bool Escape();
  bool Unit(unsigned& unit);  // four hexadecimal digits
  bool Number();
  bool Digits();
  bool Literal(std::string_view word);
  bool Open(bool is_object);
  void SkipSpace();
  bool At(char c) const { return next_ < end_ && *next_ == c; }
  void SeeKey(std::string_view key, bool has_escape);

  const std::vector<std::string> required_;
  std::vector<char> seen_;   // of required_
  std::size_t missing_ = 0;  // of required_
  std::vector<char> open_;   // 1: object, 0: array
  std::size_t depth_ = 0;
  bool is_complete_ = false;
  const char* begin_ = nullptr;
  const char* next_ = nullptr;
  const char* end_ = nullptr;
  const char* what_ = nullptr;
};

}  // namespace st::worker
