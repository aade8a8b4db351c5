#include "spark_values/json_scanner.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "base/ascii.h"
#include "base/text.h"
#include "spark_values/limits.h"
#include "spark_values/number_text.h"

namespace st::spark_values {
namespace {

void AppendUtf8(unsigned code, std::string& out) {
  const auto byte = [&out](unsigned b) { out += static_cast<char>(b); };
  if (code < 0x80) return byte(code);
  if (code < 0x800) {
    byte(0xC0U | code >> 6U);
  } else if (code < 0x10000) {
    byte(0xE0U | code >> 12U);
    byte(0x80U | (code >> 6U & 0x3FU));
  } else {
    byte(0xF0U | code >> 18U);
    byte(0x80U | (code >> 12U & 0x3FU));
    byte(0x80U | (code >> 6U & 0x3FU));
  }
  byte(0x80U | (code & 0x3FU));
}

bool IsSurrogate(unsigned unit) { return unit >= 0xD800 && unit < 0xE000; }

}  // namespace

void AppendJsonText(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
    constexpr std::string_view kNames = "\"\\bfnrt";
    const auto at = kNamed.find(c);
    if (at != std::string_view::npos) {
      out += '\\';
      out += kNames[at];
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04X}", static_cast<int>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

char JsonScanner::Next() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return c;
    ++at_;
  }
  return '\0';
}

bool JsonScanner::Take(char c) {
  if (Next() != c || at_ >= text_.size()) return false;
  ++at_;
  return true;
}

bool JsonScanner::IsRefused(char c) const {
  return rules_ == JsonRules::kReader && static_cast<unsigned char>(c) < 0x20;
}

bool JsonScanner::Text(std::string_view& value) {
  const char quote = Next();
  if (quote != '"' && quote != '\'') return false;
  const std::size_t begin = ++at_;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == quote) {
      value = text_.substr(begin, at_++ - begin);
      return true;
    }
    if (c == '\\' || IsRefused(c)) break;
  }
  scratch_.assign(text_.substr(begin, at_ - begin));
  while (at_ < text_.size()) {
    const char c = text_[at_++];
    if (c == quote) {
      value = scratch_;
      return true;
    }
    if (IsRefused(c)) return false;
    if (c != '\\') {
      scratch_ += c;
    } else if (!Escape()) {
      return false;
    }
  }
  return false;
}

bool JsonScanner::Hex(unsigned& unit) {
  if (at_ + 4 > text_.size()) return false;
  unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = text_[at_++];
    const char low = static_cast<char>(c | 0x20);
    if (!IsDigit(c) && (low < 'a' || low > 'f')) return false;
    unit = unit * 16 + static_cast<unsigned>(IsDigit(c) ? c - '0' : low - 'a' + 10);
  }
  return true;
}

// Reads behind a backslash. Half a surrogate pair is a question mark, as in Java's UTF-8.
bool JsonScanner::Escape() {
  if (at_ >= text_.size()) return false;
  const char c = text_[at_++];
  constexpr std::string_view kNames = "\"\\/bfnrt'";
  constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t'";
  if (const auto at = kNames.find(c); at != std::string_view::npos) {
    scratch_ += kMeant[at];
    return true;
  }
  unsigned unit = 0;
  if (c != 'u' || !Hex(unit)) return false;
  if (unit >= 0xD800 && unit < 0xDC00 && text_.substr(at_).starts_with("\\u")) {
    const std::size_t before = at_;
    at_ += 2;
    unsigned low = 0;
    if (!Hex(low)) return false;
    if (low >= 0xDC00 && low < 0xE000) {
      AppendUtf8(0x10000 + ((unit - 0xD800) << 10U) + (low - 0xDC00), scratch_);
      return true;
    }
    at_ = before;
  }
  if (IsSurrogate(unit)) {
    scratch_ += '?';
  } else {
    AppendUtf8(unit, scratch_);
  }
  return true;
}

bool JsonScanner::IsNamedNumber(std::string_view& digits) {
  constexpr std::array<std::string_view, 7> kNamed = {"NaN",  "Infinity", "-Infinity", "+Infinity",
                                                      "-INF", "+INF",     "INF"};
  for (const auto name : kNamed) {
    if (!text_.substr(at_).starts_with(name)) continue;
    digits = name;
    at_ += name.size();
    return true;
  }
  return false;
}

bool JsonScanner::Number(std::string_view& digits, bool& is_whole) {
  Next();
  is_whole = false;
  if (rules_ == JsonRules::kReader && IsNamedNumber(digits)) return true;
  const std::size_t begin = at_;
  const auto peek = [&] { return at_ < text_.size() ? text_[at_] : '\0'; };
  const auto take_digits = [&] {
    const std::size_t first = at_;
    while (IsDigit(peek())) ++at_;
    return at_ > first;
  };
  if (peek() == '-') ++at_;
  const bool begins_with_zero = peek() == '0';
  const std::size_t first = at_;
  if (!take_digits() || (begins_with_zero && at_ - first > 1)) return false;
  is_whole = true;
  if (peek() == '.') {
    ++at_;
    is_whole = false;
    if (!take_digits()) return false;
  }
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    is_whole = false;
    if (peek() == '+' || peek() == '-') ++at_;
    if (!take_digits()) return false;
  }
  digits = text_.substr(begin, at_ - begin);
  return true;
}

bool JsonScanner::Word(std::string_view word) {
  Next();
  if (!text_.substr(at_).starts_with(word)) return false;
  at_ += word.size();
  return true;
}

bool JsonScanner::Skip(int depth) {
  if (depth > kMaxJsonDepth) return false;
  std::string_view text;
  bool is_whole = false;
  switch (Next()) {
    case '{':
      ++at_;
      if (Take('}')) return true;
      do {
        if (!Text(text) || !Take(':') || !Skip(depth + 1)) return false;
      } while (Take(','));
      return Take('}');
    case '[':
      ++at_;
      if (Take(']')) return true;
      do {
        if (!Skip(depth + 1)) return false;
      } while (Take(','));
      return Take(']');
    case '"':
    case '\'':
      return Text(text);
    case 't':
      return Word("true");
    case 'f':
      return Word("false");
    case 'n':
      return Word("null");
    default:
      return Number(text, is_whole);
  }
}

bool JsonScanner::Copy(std::string& out, int depth) {
  if (depth > kMaxJsonDepth) return false;
  const char first = Next();
  std::string_view text;
  if (first == '{' || first == '[') {
    const char last = first == '{' ? '}' : ']';
    ++at_;
    out += first;
    if (!Take(last)) {
      while (true) {
        if (first == '{') {
          if (!Text(text) || !Take(':')) return false;
          AppendJsonText(text, out);
          out += ':';
        }
        if (!Copy(out, depth + 1)) return false;
        if (!Take(',')) break;
        out += ',';
      }
      if (!Take(last)) return false;
    }
    out += last;
    return true;
  }
  if (first == '"' || first == '\'') {
    if (!Text(text)) return false;
    AppendJsonText(text, out);
    return true;
  }
  for (const std::string_view word : {"true", "false", "null"}) {
    if (!Word(word)) continue;
    out += word;
    return true;
  }
  bool is_whole = false;
  if (!Number(text, is_whole)) return false;
  if (is_whole) {
    out += text == "-0" ? "0" : text;
    return true;
  }
  const auto number = DoubleOf(text);
  const std::string shown = number ? DoubleText(*number) : std::string(text);
  if (shown.find_first_of("NI") == std::string::npos) {
    out += shown;
  } else {
    AppendJsonText(shown, out);
  }
  return true;
}

std::optional<std::int32_t> JsonArrayLength(std::string_view text) {
  std::string scratch;
  JsonScanner scanner(text, scratch, JsonRules::kFunctions);
  if (!scanner.Take('[')) return std::nullopt;
  if (scanner.Take(']')) return 0;
  std::int32_t count = 0;
  do {
    if (!scanner.Skip()) return std::nullopt;
    ++count;
  } while (scanner.Take(','));
  return scanner.Take(']') ? std::optional(count) : std::nullopt;
}

std::optional<std::vector<std::string>> JsonObjectKeys(std::string_view text) {
  std::string scratch;
  JsonScanner scanner(text, scratch, JsonRules::kFunctions);
  if (!scanner.Take('{')) return std::nullopt;
  std::vector<std::string> names;
  if (scanner.Take('}')) return names;
  do {
    std::string_view name;
    if (!scanner.Text(name)) return std::nullopt;
    names.emplace_back(name);
    if (!scanner.Take(':') || !scanner.Skip()) return std::nullopt;
  } while (scanner.Take(','));
  return scanner.Take('}') ? std::optional(std::move(names)) : std::nullopt;
}

}  // namespace st::spark_values
