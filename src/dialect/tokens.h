// Splits a statement into words, strings, numbers and signs, as DuckDB's lexer does.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace st::dialect {

struct Token {
  enum class Kind {
    kWord,    // select, x, _a1
    kQuoted,  // "a name"
    kString,  // 'text', e'text', $$text$$; an x or u& before it is a word of its own
    kNumber,
    kSign,  // one character
    kEnd,   // after the last one, empty
  };
  Kind kind = Kind::kEnd;
  std::size_t offset = 0;
  std::string_view text;

  // A word that is not quoted, in any case. Requires: `lower` is in lower case.
  bool IsWord(std::string_view lower) const;
  bool IsSign(char sign) const { return kind == Kind::kSign && text[0] == sign; }
};

// All tokens and a kEnd; comments and spaces are dropped. Total: an unterminated string or comment
// goes to the end of the text. The tokens point into `sql`.
std::vector<Token> Tokenize(std::string_view sql);

}  // namespace st::dialect
