#include "dialect/spark/aggregate_parser.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "dialect/spark/expr_parser.h"

namespace st::dialect::spark {
namespace {

class AggregateParser {
 public:
  explicit AggregateParser(TokenCursor& cursor) : cursor_(cursor) {}

  // The first clause behind the call, if there is one; all are read.
  Result<std::optional<Token>> Clauses() {
    std::optional<Token> first;
    const auto begins = [&] {
      if (!first) first = cursor_.Peek();
      cursor_.Take();
    };
    if (cursor_.Peek().IsWord("within") && cursor_.Peek(1).IsWord("group")) {
      begins();
      cursor_.Take();
      ST_TRY_STATUS(cursor_.ExpectSymbol("(", "behind WITHIN GROUP"));
      ST_TRY_STATUS(cursor_.ExpectWord("order", "in WITHIN GROUP (ORDER BY …)"));
      ST_TRY_STATUS(SortKeys());
      ST_TRY_STATUS(cursor_.ExpectSymbol(")", "at the end of WITHIN GROUP (…)"));
    }
    if (cursor_.Peek().IsWord("filter") && cursor_.Peek(1).IsSymbol("(")) {
      begins();
      cursor_.Take();
      ST_TRY_STATUS(cursor_.ExpectWord("where", "in FILTER (WHERE …)"));
      ST_TRY_STATUS(One());
      ST_TRY_STATUS(cursor_.ExpectSymbol(")", "at the end of FILTER (…)"));
    }
    const bool is_ignored = cursor_.Peek().IsWord("ignore") || cursor_.Peek().IsWord("respect");
    if (is_ignored && cursor_.Peek(1).IsWord("nulls")) {
      begins();
      cursor_.Take();
    }
    const Token& behind = cursor_.Peek(1);
    const bool is_name = behind.kind == TokenKind::kQuoted ||
                         (behind.kind == TokenKind::kWord && !behind.IsWord("from"));
    if (cursor_.Peek().IsWord("over") && (behind.IsSymbol("(") || is_name)) {
      begins();
      ST_TRY_STATUS(Window());
    }
    return first;
  }

 private:
  Status One() {
    ST_TRY([[maybe_unused]] const auto read, ParseExpression(cursor_));
    return {};
  }

  // BY expression, …
  Status Listed() {
    ST_TRY_STATUS(cursor_.ExpectWord("by", "of a window"));
    do {
      ST_TRY_STATUS(One());
    } while (cursor_.TakeSymbol(","));
    return {};
  }

  // BY expression [ASC | DESC] [NULLS FIRST | NULLS LAST], …
  Status SortKeys() {
    ST_TRY_STATUS(cursor_.ExpectWord("by", "behind ORDER"));
    do {
      ST_TRY_STATUS(One());
      if (!cursor_.TakeWord("asc")) cursor_.TakeWord("desc");
      if (!cursor_.TakeWord("nulls")) continue;
      if (cursor_.TakeWord("first") || cursor_.TakeWord("last")) continue;
      return cursor_.Unexpected("FIRST or LAST behind NULLS");
    } while (cursor_.TakeSymbol(","));
    return {};
  }

  // A window's name, or (what parts it, its order and its frame).
  Status Window() {
    if (!cursor_.TakeSymbol("(")) {
      cursor_.Take();
      return {};
    }
    const bool has_name = cursor_.Peek(1).IsSymbol(")");
    if (has_name) cursor_.Take();
    if (cursor_.TakeWord("partition") || cursor_.TakeWord("distribute") ||
        cursor_.TakeWord("cluster")) {
      ST_TRY_STATUS(Listed());
    }
    if (cursor_.TakeWord("order") || cursor_.TakeWord("sort")) ST_TRY_STATUS(SortKeys());
    if (cursor_.TakeWord("rows") || cursor_.TakeWord("range")) ST_TRY_STATUS(Frame());
    return cursor_.ExpectSymbol(")", "at the end of OVER (…)");
  }

  // bound, or BETWEEN bound AND bound
  Status Frame() {
    const bool has_two = cursor_.TakeWord("between");
    ST_TRY_STATUS(Bound());
    if (!has_two) return {};
    ST_TRY_STATUS(cursor_.ExpectWord("and", "of BETWEEN … AND …"));
    return Bound();
  }

  Status Bound() {
    if (cursor_.TakeWord("current")) return cursor_.ExpectWord("row", "behind CURRENT");
    if (!cursor_.TakeWord("unbounded")) ST_TRY_STATUS(One());
    if (cursor_.TakeWord("preceding") || cursor_.TakeWord("following")) return {};
    return cursor_.Unexpected("PRECEDING or FOLLOWING");
  }

  TokenCursor& cursor_;
};

std::string Upper(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

}  // namespace

Status RefuseAggregate(TokenCursor& cursor, const Expr& call) {
  ST_TRY(const auto clause, AggregateParser(cursor).Clauses());
  if (!clause) return {};
  return cursor.Wrong(clause->position,
                      NeedsWindow(fmt::format("{}(…) {} …", call.text, Upper(clause->text))));
}

std::string NeedsWindow(std::string_view what) {
  return fmt::format(
      "{} looks at more than one record, so it needs a window, which is not supported yet", what);
}

}  // namespace st::dialect::spark
