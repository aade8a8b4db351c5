#include "dialect/spark/token_cursor.h"

#include <algorithm>

namespace st::dialect::spark {

const Token& TokenCursor::Peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

const Token& TokenCursor::Take() {
  const Token& token = Peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}

bool TokenCursor::TakeWord(std::string_view lower_case) {
  if (!Peek().IsWord(lower_case)) return false;
  Take();
  return true;
}

bool TokenCursor::TakeSymbol(std::string_view symbol) {
  if (!Peek().IsSymbol(symbol)) return false;
  Take();
  return true;
}

std::unexpected<Error> TokenCursor::Unexpected(std::string_view expected) const {
  const Token& token = Peek();
  const std::string found =
      token.kind == TokenKind::kEnd ? "the end of the file" : fmt::format("'{}'", token.text);
  return Wrong(token.position, fmt::format("expected {}, found {}", expected, found));
}

Status TokenCursor::ExpectWord(std::string_view lower_case, std::string_view why) {
  if (TakeWord(lower_case)) return {};
  std::string upper(lower_case);
  for (char& c : upper) c = static_cast<char>(c - ('a' - 'A'));
  return Unexpected(fmt::format("{} {}", upper, why));
}

Status TokenCursor::ExpectSymbol(std::string_view symbol, std::string_view why) {
  if (TakeSymbol(symbol)) return {};
  return Unexpected(fmt::format("'{}' {}", symbol, why));
}

Result<std::string> TokenCursor::ExpectName(std::string_view what) {
  const Token& token = Peek();
  if (token.kind != TokenKind::kWord && token.kind != TokenKind::kQuoted) return Unexpected(what);
  return Take().text;
}

}  // namespace st::dialect::spark
