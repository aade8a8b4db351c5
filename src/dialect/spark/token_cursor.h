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

// What is open where the cursor stands, of all its parsers together: it bounds the stack.
struct Nesting {
  int expressions = 0;      // brackets, signs and NOTs in each other, those of subqueries counted
  int operators = 0;        // so far, of the outermost expression
  int queries = 0;          // in each other
  std::size_t selects = 0;  // so far, of the outermost query
};

class TokenCursor {
 public:
  TokenCursor(const SourceText& source, std::vector<Token> tokens)
      : source_(source), tokens_(std::move(tokens)) {}

  // Requires: `tokens` ends with kEnd; `source` outlives the cursor.
  // The end stays the next token however far the cursor is moved.
  const Token& Peek(std::size_t ahead = 0) const;
  const Token& Take();
  // Whoever goes on behind an error sets it back.
  Nesting& nesting() { return nesting_; }
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
  Nesting nesting_;
};

}  // namespace st::dialect::spark
