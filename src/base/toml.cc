#include "base/toml.h"

#include <fmt/format.h>

#include <optional>
#include <vector>

#include "base/text.h"

namespace st {
namespace {

// Scans a text before toml++ does, because toml++ recurses, takes keys of any depth, and takes
// characters outside ASCII where TOML 1.0 allows none. The scanner only tells strings and comments
// from other text.
class Scanner {
 public:
  Scanner(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Status Run() {
    for (; next_ < text_.size(); ++next_, ++at_.column) {
      if (text_[next_] == '\n') {
        at_ = {at_.line + 1, 0};
        dots_ = 0;
        if (quote_.size() == 1) quote_ = {};
      } else if (quote_.empty()) {
        ST_TRY_STATUS(Outside());
      } else {
        Inside();
      }
    }
    return {};
  }

 private:
  std::unexpected<Error> Refuse(std::string_view why) const {
    return Fail(ErrorCode::kInvalidArgument, "{}: {}", TomlPlace(file_, at_), why);
  }

  Status Outside() {
    const char c = text_[next_];
    if ((static_cast<unsigned char>(c) & 0x80) != 0) {
      return Refuse("a character outside ASCII stands in quotes or in a comment only");
    }
    switch (c) {
      case '#':
        quote_ = text_.substr(next_, 1);
        break;
      case '"':
      case '\'':
        Open(c);
        break;
      case '.':
        if (++dots_ < kMaxTomlKeyParts) break;
        return Refuse(fmt::format("a key has at most {} parts", kMaxTomlKeyParts));
      case '[':
      case '{':
        dots_ = 0;
        if (++brackets_ <= kMaxTomlBrackets) break;
        return Refuse(fmt::format("values are nested at most {} deep", kMaxTomlBrackets));
      case ']':
      case '}':
        if (brackets_ > 0) --brackets_;
        [[fallthrough]];
      case '=':
      case ',':
        dots_ = 0;
        break;
      default:
        break;
    }
    return {};
  }

  void Open(char c) {
    const std::string_view three = text_.substr(next_, 3);
    const bool is_long = three.size() == 3 && three[1] == c && three[2] == c;
    quote_ = is_long ? three : text_.substr(next_, 1);
    Skip(quote_.size() - 1);
  }

  void Inside() {
    if (text_[next_] == '\\' && quote_.front() == '"') {
      if (!text_.substr(next_ + 1).starts_with('\n')) Skip(1);
    } else if (quote_.front() != '#' && text_.substr(next_).starts_with(quote_)) {
      // A long string may end with up to two quotes of its own before the closing three.
      std::size_t length = quote_.size();
      while (quote_.size() == 3 && length < 5 &&
             text_.substr(next_ + length).starts_with(quote_[0])) {
        ++length;
      }
      Skip(length - 1);
      quote_ = {};
    }
  }

  void Skip(std::size_t n) {
    next_ += n;
    at_.column += static_cast<toml::source_index>(n);
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t next_ = 0;
  toml::source_position at_{1, 1};
  std::string_view quote_;    // the delimiter of the string or comment around `next_`
  std::size_t dots_ = 0;      // dots in the key around `next_`
  std::size_t brackets_ = 0;  // brackets open at `next_`
};

// Returns the byte position in `text` of a place whose columns count characters.
std::size_t ByteAt(std::string_view text, toml::source_position at) {
  std::size_t line = 1;
  std::size_t column = 1;
  std::size_t i = 0;
  for (; i < text.size() && (line < at.line || (line == at.line && column < at.column)); ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
      ++column;
    }
  }
  return i;
}

// Returns the place of the innermost bracket that `text` leaves open, if it opens a list; nullopt
// if it opens a table or no bracket is open.
std::optional<toml::source_position> FindOpenList(std::string_view text) {
  struct Open {
    char bracket;
    toml::source_position at;
  };
  std::vector<Open> open;
  toml::source_position at{1, 1};
  bool is_value = false;  // the scan is behind the "=" of this line
  // The delimiter of the string around `i`, which may not span lines; '#' in a comment, 0
  // elsewhere.
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i, ++at.column) {
    const char c = text[i];
    if (c == '\n') {
      at = {at.line + 1, 0};
      quote = 0;
      is_value = !open.empty();
    } else if (quote != 0) {
      if (c == '\\' && quote == '"') ++i, ++at.column;
      if (c == quote && quote != '#') quote = 0;
    } else if (c == '"' || c == '\'' || c == '#') {
      quote = c;
    } else if (c == '=') {
      is_value = true;
    } else if (is_value && (c == '[' || c == '{')) {
      open.push_back({c, at});
    } else if (!open.empty() && (c == ']' || c == '}')) {
      open.pop_back();
    }
  }
  if (open.empty() || open.back().bracket != '[') return std::nullopt;
  return open.back().at;
}

// The line of the section's first header; 0 if there is no such header.
std::size_t LineOfSection(std::string_view text, std::string_view name) {
  std::size_t number = 0;
  for (const auto line : Split(text, '\n')) {
    ++number;
    const auto header = Trim(line);
    if (!header.starts_with('[') || header.starts_with("[[")) continue;
    if (Trim(header.substr(1, header.find(']') - 1)) == name) return number;
  }
  return 0;
}

// Names the key or section that stands twice, from toml++'s "cannot redefine existing table
// 'http'"; nullopt for other descriptions.
std::optional<std::string> TwiceReason(std::string_view description, std::string_view text) {
  constexpr std::string_view kTwice = "cannot redefine existing ";
  const auto found = description.find(kTwice);
  const auto quote = description.find('\'', found);
  if (found == description.npos || quote == description.npos) return std::nullopt;
  const auto rest = description.substr(quote + 1);
  const auto name = rest.substr(0, rest.find('\''));
  if (!description.contains("table header")) return fmt::format("\"{}\" stands twice", name);
  const auto line = LineOfSection(text, name);
  if (line == 0) return fmt::format("[{}] is declared already", name);
  return fmt::format("section [{0}] stands twice: put its keys under the [{0}] of line {1}", name,
                     line);
}

// Says what is wrong and what to write instead, from toml++'s description of the mistake.
std::string Reason(const toml::parse_error& error, std::string_view text) {
  const auto description = error.description();
  if (const auto twice = TwiceReason(description, text)) return *twice;
  const bool is_bare = description.contains("could not determine value type") ||
                       description.contains("parsing boolean") ||
                       description.contains("parsing floating-point");
  const auto list = FindOpenList(text.substr(0, ByteAt(text, error.source().begin)));
  if (list && (is_bare || description.contains("array"))) {
    return fmt::format(
        "this is no value of the list that opens at {}:{}: a list ends with ], and text needs "
        "quotes, as in key = [\"a\", \"b\"]",
        list->line, list->column);
  }
  if (!is_bare) return std::string(description);
  return "this is no number, true or false, and text needs quotes, as in key = \"text\"";
}

}  // namespace

std::string TomlPlace(const std::string& file, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", file, at.line, at.column);
}

Result<toml::table> ParseToml(std::string_view text, const std::string& file) {
  ST_TRY_STATUS(Scanner(text, file).Run());
  // toml++ reports by exception; this is its fence.
  try {
    return toml::parse(text, file);
  } catch (const toml::parse_error& error) {
    return Fail(ErrorCode::kInvalidArgument, "{}: {}", TomlPlace(file, error.source().begin),
                Reason(error, text));
  }
}

}  // namespace st
