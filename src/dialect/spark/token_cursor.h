// Walks a list of tokens; the statement and the expression parser share one. Pure.
//
// Errors: kInvalidArgument with place, line and caret.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dialect/source_text.h"
#include "dialect/spark/lexer.h"

namespace st::dialect::spark {

class TokenCursor {
 public:
  TokenCursor(const SourceText& source, std::vector<Token> tokens)
      : source_(source), tokens_(std::move(tokens)) {}

  // Requires: `tokens` ends with kEnd; `source` outlives the cursor.
  // The end stays the next token however far the cursor is moved.
  const Token& Peek(std::size_t ahead = 0) const;
  const Token& Take();
  const Token& Previous() const { return tokens_[at_ - 1]; }
  bool TakeWord(std::string_view lower_case);
  bool TakeSymbol(std::string_view symbol);
  Status ExpectWord(std::string_view lower_case, std::string_view why);
  Status ExpectSymbol(std::string_view symbol, std::string_view why);
  // A word or a quoted identifier.
  Result<std::string> ExpectName(std::string_view what);

  std::unexpected<Error> Wrong(std::size_t position, std::string_view message) const {
    return std::unexpected(source_.At(position, message));
  }
  // "…, found 'x'" at the next token.
  std::unexpected<Error> Unexpected(std::string_view expected) const;

 private:
  const SourceText& source_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace st::dialect::spark
