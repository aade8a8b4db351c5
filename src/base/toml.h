// toml++ with checks of its own text turned off: a "[" at a line's end trips one of them, which
// ends the process, or where NDEBUG is set is undefined; the code behind each reports the mistake
// anyway.
#pragma once

#include <toml++/impl/preprocessor.h>

#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expr) static_assert(true)

#include <toml++/toml.h>

#include <cstddef>
#include <optional>
#include <string_view>

namespace st {

struct TomlPosition {
  std::size_t line = 1;
  std::size_t column = 1;
};

// Where the first byte outside ASCII stands that is in no string and in no comment, or nullopt.
// TOML 1.0 allows none there, and toml++ 3.3 has undefined behaviour on some of them: ask before it
// parses.
inline std::optional<TomlPosition> FindStrayNonAscii(std::string_view text) {
  TomlPosition at;
  std::string_view quote;  // what ends the string that we are in: ", ', \"\"\", ''' or #
  for (std::size_t i = 0; i < text.size(); ++i, ++at.column) {
    const char c = text[i];
    if (c == '\n') {
      at = {at.line + 1, 0};
      if (quote.size() == 1) quote = {};
    } else if (quote.empty()) {
      if ((static_cast<unsigned char>(c) & 0x80) != 0) return at;
      if (c == '#') quote = text.substr(i, 1);
      if (c != '"' && c != '\'') continue;
      const std::string_view three = text.substr(i, 3);
      const bool is_long = three.size() == 3 && three[1] == c && three[2] == c;
      quote = is_long ? three : text.substr(i, 1);
      i += quote.size() - 1;
      at.column += quote.size() - 1;
    } else if (c == '\\' && quote.front() == '"') {
      ++i;
      ++at.column;
    } else if (quote.front() != '#' && text.substr(i).starts_with(quote)) {
      i += quote.size() - 1;
      at.column += quote.size() - 1;
      quote = {};
    }
  }
  return std::nullopt;
}

}  // namespace st
