// The tokens of JSON as Jackson reads them with Spark's default options. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace st::spark_values {

// Appends "text" with Jackson's escapes.
void AppendJsonText(std::string_view text, std::string& out);

// What Jackson is set to take beyond JSON, besides texts in '.
enum class JsonRules {
  kReader,     // from_json: NaN and Infinity as numbers
  kFunctions,  // get_json_object and the like: control characters in texts
};

// Walks through one text. What returns false has met something that is no JSON; the scanner is of
// no use then.
class JsonScanner {
 public:
  // `scratch` holds texts with escapes; it must outlive the scanner.
  JsonScanner(std::string_view text, std::string& scratch, JsonRules rules)
      : text_(text), scratch_(scratch), rules_(rules) {}

  // The next character that is no white space; '\0' at the end.
  char Next();
  bool Take(char c);

  // A text in " or '. The view is valid until the next text is read.
  bool Text(std::string_view& value);
  // A number, or with kReader NaN, Infinity, -Infinity; `is_whole`: of digits alone, perhaps with a
  // minus.
  bool Number(std::string_view& digits, bool& is_whole);
  // true, false or null, if it is next.
  bool Word(std::string_view word);
  // Any value, without looking at it.
  bool Skip() { return Skip(0); }
  // Any value, as Jackson writes it: without white space, numbers with a fraction as doubles.
  bool Copy(std::string& out) { return Copy(out, 0); }

 private:
  bool Skip(int depth);
  bool Copy(std::string& out, int depth);
  bool IsRefused(char c) const;  // inside a text
  bool Escape();
  bool Hex(unsigned& unit);
  bool IsNamedNumber(std::string_view& digits);

  std::string_view text_;
  std::size_t at_ = 0;
  std::string& scratch_;
  JsonRules rules_;
};

// The elements of a text that is a JSON array; nullopt: another text.
std::optional<std::int32_t> JsonArrayLength(std::string_view text);
// The names of a text that is a JSON object; nullopt: another text.
std::optional<std::vector<std::string>> JsonObjectKeys(std::string_view text);

}  // namespace st::spark_values
