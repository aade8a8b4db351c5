#include "base/toml.h"

#include <fmt/format.h>

namespace st {
namespace {

// Walks a text once before toml++ does, which takes keys of any depth and characters outside ASCII
// where TOML 1.0 allows none, and which recurses. Knows only what is a string and what a comment.
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
      // Up to two quotes more before a long string's end are its last characters.
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
  std::string_view quote_;    // what ends the string or comment around `next_`
  std::size_t dots_ = 0;      // of the key around `next_`
  std::size_t brackets_ = 0;  // that are open
};

// toml++'s description of a mistake; for a text without quotes, the correct spelling.
std::string Reason(std::string_view description) {
  const bool is_bare = description.contains("could not determine value type") ||
                       description.contains("parsing boolean") ||
                       description.contains("parsing floating-point");
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
                Reason(error.description()));
  }
}

}  // namespace st
