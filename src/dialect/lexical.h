// What the SQL of every engine has in common before there are tokens: blanks, comments and quotes.
// Pure; total on hostile input.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace st::dialect {

struct BlankRules {
  std::string_view spaces;
  bool comments_nest = false;  // /* /* */ */ is one comment
};

struct Blanks {
  std::size_t end = 0;                      // of the spaces and comments (-- and /* */)
  std::optional<std::size_t> open_comment;  // where the last one begins, if it is not closed
};
// The blanks that begin at `at`; a comment that is not closed goes to the end of the text.
Blanks BlanksAt(std::string_view text, std::size_t at, const BlankRules& rules);

struct QuoteRules {
  bool has_escapes = false;  // a backslash takes the next character with it
  bool is_doubled = true;    // a quote twice is one quote of the contents
};
// Behind the closing quote of what opens at `open`; nullopt: it is not closed.
std::optional<std::size_t> QuoteEnd(std::string_view text, std::size_t open,
                                    const QuoteRules& rules);

}  // namespace st::dialect
