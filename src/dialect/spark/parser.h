// Recursive descent over the statements of a Spark declarative-pipeline file. Pure.
//
// Limits: kMaxExprDepth, kMaxStatements; Errors: kInvalidArgument with place, line and caret.
#pragma once

#include <vector>

#include "base/result.h"
#include "dialect/spark/ast.h"
#include "dialect/spark/lexer.h"
#include "dialect/spark/source_text.h"

namespace st::dialect::spark {

inline constexpr int kMaxExprDepth = 100;
inline constexpr std::size_t kMaxStatements = 1000;

Result<std::vector<StreamingTable>> ParseStatements(const SourceText& source);

// Walks a list of tokens; shared by the statement and the expression parser.
class TokenCursor {
 public:
  TokenCursor(const SourceText& source, std::vector<Token> tokens)
      : source_(source), tokens_(std::move(tokens)) {}

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

// One expression at the cursor, to the first token that does not belong to it.
Result<Expr> ParseExpression(TokenCursor& cursor);

}  // namespace st::dialect::spark
