#include "dialect/lexical.h"

namespace st::dialect {
namespace {

// Returns the position behind the comment that opens at `at` with /*; nullopt if it is not closed.
std::optional<std::size_t> CommentEnd(std::string_view text, std::size_t at, bool nests) {
  int depth = 1;
  at += 2;
  while (at + 1 < text.size()) {
    const std::string_view two = text.substr(at, 2);
    if (two == "*/") {
      at += 2;
      if (--depth == 0) return at;
    } else if (nests && two == "/*") {
      ++depth;
      at += 2;
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

}  // namespace

Blanks BlanksAt(std::string_view text, std::size_t at, const BlankRules& rules) {
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (rules.spaces.contains(rest.front())) {
      ++at;
    } else if (rest.starts_with("--")) {
      const auto line_end = rest.find('\n');
      at = line_end == std::string_view::npos ? text.size() : at + line_end;
    } else if (rest.starts_with("/*")) {
      const auto end = CommentEnd(text, at, rules.comments_nest);
      if (!end) return {.end = text.size(), .open_comment = at};
      at = *end;
    } else {
      break;
    }
  }
  return {.end = at, .open_comment = std::nullopt};
}

std::optional<std::size_t> QuoteEnd(std::string_view text, std::size_t open,
                                    const QuoteRules& rules) {
  const char quote = text[open];
  std::size_t at = open + 1;
  while (at < text.size()) {
    if (rules.has_escapes && text[at] == '\\') {
      at += 2;
    } else if (text[at] != quote) {
      ++at;
    } else if (rules.is_doubled && at + 1 < text.size() && text[at + 1] == quote) {
      at += 2;
    } else {
      return at + 1;
    }
  }
  return std::nullopt;
}

}  // namespace st::dialect
