#include "dialect/spark/interval_parser.h"

#include <string>
#include <utility>

#include "spark_values/interval.h"

namespace st::dialect::spark {
namespace {

bool IsValue(const Token& token) {
  return token.kind == TokenKind::kString || token.kind == TokenKind::kNumber;
}
bool IsSign(const Token& token) { return token.IsSymbol("-") || token.IsSymbol("+"); }
bool IsUnit(const Token& token) {
  return token.kind == TokenKind::kWord && spark_values::IsIntervalUnit(token.text);
}

// A further number and unit of an interval, perhaps with a sign.
bool BeginsUnits(const TokenCursor& cursor) {
  const std::size_t at = IsSign(cursor.Peek()) ? 1 : 0;
  return IsValue(cursor.Peek(at)) && IsUnit(cursor.Peek(at + 1));
}

// The number at the cursor with its sign.
Result<std::string> Number(TokenCursor& cursor) {
  const bool is_negative = cursor.Peek().IsSymbol("-");
  if (IsSign(cursor.Peek())) cursor.Take();
  if (!IsValue(cursor.Peek())) return cursor.Unexpected("a number of the interval's unit");
  std::string number = cursor.Take().text;
  if (!is_negative) return number;
  return number.starts_with('-') ? number.substr(1) : "-" + number;
}

}  // namespace

bool BeginsInterval(const TokenCursor& cursor) {
  return cursor.Peek().IsWord("interval") && IsValue(cursor.Peek(IsSign(cursor.Peek(1)) ? 2 : 1));
}

Result<Expr> ParseInterval(TokenCursor& cursor) {
  Expr expr;
  expr.kind = ExprKind::kInterval;
  expr.position = cursor.Take().position;
  ST_TRY(auto number, Number(cursor));
  const bool is_text = cursor.Previous().kind == TokenKind::kString;
  expr.names.push_back(std::move(number));
  if (is_text && !IsUnit(cursor.Peek())) {
    expr.text = "text";
    return expr;
  }
  if (!IsUnit(cursor.Peek())) return cursor.Unexpected("a unit, as DAY or HOURS");
  expr.names.push_back(cursor.Take().text);
  if (is_text && cursor.TakeWord("to")) {
    expr.text = "range";
    ST_TRY(auto last, cursor.ExpectName("the last unit"));
    expr.names.push_back(std::move(last));
    return expr;
  }
  expr.text = "units";
  while (BeginsUnits(cursor)) {
    ST_TRY(auto more, Number(cursor));
    expr.names.push_back(std::move(more));
    expr.names.push_back(cursor.Take().text);
  }
  return expr;
}

}  // namespace st::dialect::spark
