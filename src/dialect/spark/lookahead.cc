#include "dialect/spark/lookahead.h"

#include <algorithm>
#include <array>

namespace st::dialect::spark {
namespace {

bool IsName(const Token& token) {
  return token.kind == TokenKind::kWord || token.kind == TokenKind::kQuoted;
}

}  // namespace

bool BeginsQuery(const TokenCursor& cursor, std::size_t ahead) {
  const Token& token = cursor.Peek(ahead);
  const Token& next = cursor.Peek(ahead + 1);
  if (token.IsWord("select")) return true;
  if (token.IsWord("with")) return IsName(next);
  const bool is_row = next.IsSymbol("(") || next.kind == TokenKind::kString ||
                      next.kind == TokenKind::kNumber || next.kind == TokenKind::kWord;
  return token.IsWord("values") && is_row;
}

bool BeginsLambda(const TokenCursor& cursor) {
  if (IsName(cursor.Peek())) return cursor.Peek(1).IsSymbol("->");
  if (!cursor.Peek().IsSymbol("(")) return false;
  std::size_t at = 1;
  while (IsName(cursor.Peek(at)) && cursor.Peek(at + 1).IsSymbol(",")) at += 2;
  return IsName(cursor.Peek(at)) && cursor.Peek(at + 1).IsSymbol(")") &&
         cursor.Peek(at + 2).IsSymbol("->");
}

bool BeginsTyped(const TokenCursor& cursor) {
  static constexpr std::array<std::string_view, 4> kTypes = {"date", "timestamp", "timestamp_ntz",
                                                             "timestamp_ltz"};
  return cursor.Peek(1).kind == TokenKind::kString &&
         std::ranges::any_of(kTypes,
                             [&](std::string_view type) { return cursor.Peek().IsWord(type); });
}

std::size_t CountTogether(const TokenCursor& cursor, std::string_view symbol) {
  std::size_t count = 0;
  while (cursor.Peek(count).IsSymbol(symbol) &&
         (count == 0 || cursor.Peek(count).position == cursor.Peek(count - 1).end)) {
    ++count;
  }
  return count;
}

}  // namespace st::dialect::spark
