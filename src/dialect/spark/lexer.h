// Spark SQL's tokens, with their places. Pure; total on hostile input.
//
// Limits: kMaxPipelineFileBytes (limits.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/source_text.h"

namespace st::dialect::spark {

enum class TokenKind {
  kWord,    // identifier or keyword; `text` as written
  kQuoted,  // `identifier` in backticks; `text` without them
  kString,  // 'x' or "x"; `text` is its value
  kNumber,  // `text` as written: 1, 1.5, 1e3, 10L, 1.5D
  kSymbol,  // one of ( ) , . ; * + - / % = == <> != < <= > >= <=> || [ ] : ?
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;
  std::size_t position = 0;  // byte in the file
  std::size_t end = 0;       // behind its last byte

  // Keywords are case-insensitive; a quoted identifier is never one.
  bool IsWord(std::string_view lower_case) const;
  bool IsSymbol(std::string_view symbol) const;
};

// Comments (-- and /* */) are left out; the last token is kEnd. kInvalidArgument with the place.
Result<std::vector<Token>> Tokenize(const SourceText& source);

// The value of a Spark string literal's inside: backslash escapes as Spark 4 reads them (\% and \_
// keep their backslash, for LIKE).
std::string UnescapeString(std::string_view inside);

}  // namespace st::dialect::spark
