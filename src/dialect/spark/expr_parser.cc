#include "dialect/spark/expr_parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "dialect/spark/aggregate_parser.h"
#include "dialect/spark/interval_parser.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/lookahead.h"
#include "dialect/spark/query_parser.h"
#include "dialect/spark/type_parser.h"

namespace st::dialect::spark {
namespace {

// Parses by Spark's precedence: OR, AND, NOT, predicates and comparisons, |, ^, &, << >> >>>,
// + - ||, * / % DIV, sign, primary.
class ExpressionParser {
 public:
  explicit ExpressionParser(TokenCursor& cursor) : cursor_(cursor) {}

  Result<Expr> Or() {
    ST_TRY_STATUS(Deeper());
    ST_TRY(Expr left, Chain(std::to_array<std::string_view>({"or"}), &ExpressionParser::And));
    --cursor_.nesting().expressions;
    return left;
  }

 private:
  Status Deeper() {
    if (++cursor_.nesting().expressions <= kMaxExprDepth) return {};
    return cursor_.Wrong(
        cursor_.Peek().position,
        fmt::format("this expression is nested deeper than {} levels", kMaxExprDepth));
  }

  // Counts an operator: a chain of n operators makes a tree n levels deep.
  Status Longer() {
    if (++cursor_.nesting().operators <= kMaxExprOperators) return {};
    return cursor_.Wrong(cursor_.Peek().position,
                         fmt::format("an expression has at most {} operators", kMaxExprOperators));
  }

  // A chain of operators that bind alike, from left to right.
  template <std::size_t kCount>
  Result<Expr> Chain(const std::array<std::string_view, kCount>& operators,
                     Result<Expr> (ExpressionParser::*operand)()) {
    ST_TRY(Expr left, (this->*operand)());
    while (std::ranges::any_of(operators, [this](std::string_view op) {
      return cursor_.Peek().IsSymbol(op) || cursor_.Peek().IsWord(op);
    })) {
      const Token op = cursor_.Take();
      ST_TRY(Expr right, (this->*operand)());
      std::string meant = op.text == "==" ? "=" : op.text == "!=" ? "<>" : AsciiLower(op.text);
      left = MakeBinary(std::move(meant), op.position, std::move(left), std::move(right));
      ST_TRY_STATUS(Longer());
    }
    return left;
  }

  Result<Expr> And() {
    return Chain(std::to_array<std::string_view>({"and"}), &ExpressionParser::Not);
  }

  Result<Expr> Not() {
    if (!cursor_.Peek().IsWord("not") && !cursor_.Peek().IsSymbol("!")) return Predicate();
    ST_TRY_STATUS(Deeper());
    Expr expr = Make(ExprKind::kUnary, cursor_.Take().position, "not");
    ST_TRY(Expr inner, Not());
    --cursor_.nesting().expressions;
    expr.args.push_back(std::move(inner));
    return expr;
  }

  Result<Expr> Predicate() {
    ST_TRY(Expr left, Comparison());
    while (true) {
      const bool is_negated = cursor_.Peek().IsWord("not");
      const Token& word = cursor_.Peek(is_negated ? 1 : 0);
      const auto position = word.position;
      Expr next;
      if (word.IsWord("between")) {
        next = Make(ExprKind::kBetween, position);
      } else if (word.IsWord("in")) {
        next = Make(ExprKind::kIn, position);
      } else if (word.IsWord("like") || word.IsWord("rlike") || word.IsWord("regexp")) {
        next = Make(ExprKind::kLike, position, word.IsWord("like") ? "like" : "rlike");
      } else if (word.IsWord("ilike")) {
        return cursor_.Wrong(position, "ILIKE is not supported yet; write lower(x) LIKE '…'");
      } else if (word.IsWord("is") && !is_negated) {
        next = Make(ExprKind::kIs, position);
      } else {
        return left;
      }
      if (is_negated) cursor_.Take();
      cursor_.Take();
      next.is_negated = is_negated;
      next.args.push_back(std::move(left));
      ST_TRY_STATUS(Tail(next));
      ST_TRY_STATUS(Longer());
      left = std::move(next);
    }
  }

  Status Tail(Expr& expr) {
    switch (expr.kind) {
      case ExprKind::kBetween:
        return BetweenTail(expr);
      case ExprKind::kIn:
        return InTail(expr);
      case ExprKind::kLike:
        return LikeTail(expr);
      default:
        return IsTail(expr);
    }
  }

  Status BetweenTail(Expr& expr) {
    ST_TRY(Expr low, Comparison());
    ST_TRY_STATUS(cursor_.ExpectWord("and", "of BETWEEN … AND …"));
    ST_TRY(Expr high, Comparison());
    expr.args.push_back(std::move(low));
    expr.args.push_back(std::move(high));
    return {};
  }

  // (SELECT …) as a value, or behind EXISTS.
  Result<Expr> Subquery(ExprKind kind, std::size_t position) {
    Expr expr = Make(kind, position);
    ST_TRY(expr.query, ParseSubquery(cursor_));
    return expr;
  }

  Status InTail(Expr& expr) {
    if (cursor_.Peek().IsSymbol("(") && BeginsQuery(cursor_, 1)) {
      ST_TRY(expr.query, ParseSubquery(cursor_));
      return {};
    }
    ST_TRY_STATUS(cursor_.ExpectSymbol("(", "behind IN"));
    do {
      ST_TRY(Expr value, Or());
      expr.args.push_back(std::move(value));
    } while (cursor_.TakeSymbol(","));
    return cursor_.ExpectSymbol(")", "at the end of IN (…)");
  }

  Status LikeTail(Expr& expr) {
    for (const auto* word : {"any", "some", "all"}) {
      if (cursor_.Peek().IsWord(word) && cursor_.Peek(1).IsSymbol("(")) {
        return cursor_.Wrong(cursor_.Peek().position,
                             "LIKE ANY, SOME and ALL are not supported yet; write OR or AND");
      }
    }
    ST_TRY(Expr pattern, Comparison());
    expr.args.push_back(std::move(pattern));
    if (cursor_.Peek().IsWord("escape")) {
      return cursor_.Wrong(cursor_.Peek().position,
                           "ESCAPE is not supported yet; the escape is the backslash");
    }
    return {};
  }

  Status IsTail(Expr& expr) {
    expr.is_negated = cursor_.TakeWord("not");
    for (const auto* word : {"null", "true", "false"}) {
      if (cursor_.TakeWord(word)) {
        expr.text = word;
        return {};
      }
    }
    if (cursor_.TakeWord("distinct")) {
      ST_TRY_STATUS(cursor_.ExpectWord("from", "of IS DISTINCT FROM"));
      ST_TRY(Expr right, Comparison());
      expr.text = "distinct";
      expr.args.push_back(std::move(right));
      return {};
    }
    return cursor_.Unexpected("NULL, TRUE, FALSE or DISTINCT FROM");
  }

  Result<Expr> Comparison() {
    return Chain(
        std::to_array<std::string_view>({"=", "==", "<>", "!=", "<", "<=", ">", ">=", "<=>"}),
        &ExpressionParser::Bits);
  }

  Result<Expr> Bits() {
    return Chain(std::to_array<std::string_view>({"|"}), &ExpressionParser::Xor);
  }
  Result<Expr> Xor() {
    return Chain(std::to_array<std::string_view>({"^"}), &ExpressionParser::BitAnd);
  }
  Result<Expr> BitAnd() {
    return Chain(std::to_array<std::string_view>({"&"}), &ExpressionParser::Shift);
  }

  Result<Expr> Shift() {
    ST_TRY(Expr left, Sum());
    while (true) {
      const std::size_t less = CountTogether(cursor_, "<");
      const std::size_t greater = CountTogether(cursor_, ">");
      const std::string_view function = less == 2      ? "shiftleft"
                                        : greater == 2 ? "shiftright"
                                        : greater == 3 ? "shiftrightunsigned"
                                                       : "";
      if (function.empty()) return left;
      Expr call = Make(ExprKind::kCall, cursor_.Peek().position, std::string(function));
      for (std::size_t i = 0; i < less + greater; ++i) cursor_.Take();
      ST_TRY(Expr right, Sum());
      call.args.push_back(std::move(left));
      call.args.push_back(std::move(right));
      left = std::move(call);
      ST_TRY_STATUS(Longer());
    }
  }

  Result<Expr> Sum() {
    return Chain(std::to_array<std::string_view>({"+", "-", "||"}), &ExpressionParser::Product);
  }
  Result<Expr> Product() {
    return Chain(std::to_array<std::string_view>({"*", "/", "%", "div"}), &ExpressionParser::Sign);
  }

  Result<Expr> Sign() {
    const Token& sign = cursor_.Peek();
    if (!sign.IsSymbol("-") && !sign.IsSymbol("+") && !sign.IsSymbol("~")) return Primary();
    ST_TRY_STATUS(Deeper());
    const Token op = cursor_.Take();
    ST_TRY(Expr inner, Sign());
    --cursor_.nesting().expressions;
    Expr expr = Make(ExprKind::kUnary, op.position, op.text);
    expr.args.push_back(std::move(inner));
    return expr;
  }

  Result<Expr> Primary() {
    ST_TRY(Expr expr, Atom());
    while (true) {
      const Token& next = cursor_.Peek();
      if (expr.kind == ExprKind::kStar) return expr;
      if (next.IsSymbol(".") && cursor_.Peek(1).IsSymbol("*")) {
        Expr star = Make(ExprKind::kStar, cursor_.Take().position);
        cursor_.Take();
        star.args.push_back(std::move(expr));
        return star;
      }
      if (next.IsSymbol(".")) {
        ST_TRY_STATUS(Field(expr));
      } else if (next.IsSymbol("[")) {
        ST_TRY_STATUS(Item(expr));
      } else if (next.IsSymbol("::")) {
        ST_TRY_STATUS(ShortCast(expr));
      } else {
        break;
      }
      ST_TRY_STATUS(Longer());
    }
    const Token& next = cursor_.Peek();
    if (next.IsSymbol(":")) {
      return cursor_.Wrong(next.position,
                           "paths behind a colon are for VARIANT, which is not supported; take "
                           "fields with get_json_object(text, '$.name')");
    }
    if (expr.kind == ExprKind::kCall) ST_TRY_STATUS(RefuseAggregate(cursor_, expr));
    return expr;
  }

  Status Field(Expr& expr) {
    Expr field = Make(ExprKind::kField, cursor_.Take().position);
    ST_TRY(field.text, cursor_.ExpectName("a field's name behind the dot"));
    field.args.push_back(std::move(expr));
    expr = std::move(field);
    return {};
  }

  Status Item(Expr& expr) {
    Expr item = Make(ExprKind::kItem, cursor_.Take().position);
    ST_TRY(Expr index, Or());
    ST_TRY_STATUS(cursor_.ExpectSymbol("]", "behind the element's number or key"));
    item.args.push_back(std::move(expr));
    item.args.push_back(std::move(index));
    expr = std::move(item);
    return {};
  }

  // Reads x::type.
  Status ShortCast(Expr& expr) {
    Expr cast = Make(ExprKind::kCast, cursor_.Take().position);
    ST_TRY(cast.type, ParseTypeName(cursor_));
    cast.args.push_back(std::move(expr));
    expr = std::move(cast);
    return {};
  }

  Result<Expr> Atom() {
    const Token& token = cursor_.Peek();
    switch (token.kind) {
      case TokenKind::kString:
        return StringLiteral();
      case TokenKind::kNumber: {
        const Token& number = cursor_.Take();
        return Make(ExprKind::kNumber, number.position, number.text);
      }
      case TokenKind::kSymbol:
        return Parenthesis();
      case TokenKind::kEnd:
        return cursor_.Unexpected("an expression");
      case TokenKind::kQuoted:
        return Name();
      case TokenKind::kWord:
        break;
    }
    if (token.IsWord("null")) return Make(ExprKind::kNull, cursor_.Take().position);
    if (token.IsWord("true")) return Make(ExprKind::kTrue, cursor_.Take().position);
    if (token.IsWord("false")) return Make(ExprKind::kFalse, cursor_.Take().position);
    if (token.IsWord("case")) return Case();
    const bool is_call = cursor_.Peek(1).IsSymbol("(");
    if (is_call && (token.IsWord("cast") || token.IsWord("try_cast"))) return Cast();
    if (BeginsTyped(cursor_)) {
      Expr expr = Make(ExprKind::kTyped, token.position, AsciiLower(token.text));
      cursor_.Take();
      ST_TRY(Expr text, StringLiteral());
      expr.args.push_back(std::move(text));
      return expr;
    }
    if (BeginsInterval(cursor_)) return ParseInterval(cursor_);
    if (is_call && token.IsWord("extract")) return Extract();
    if (is_call && token.IsWord("exists") && BeginsQuery(cursor_, 2)) {
      return Subquery(ExprKind::kExists, cursor_.Take().position);
    }
    if (token.IsWord("select") || token.IsWord("from") || token.IsWord("where")) {
      return cursor_.Unexpected("an expression");
    }
    if (is_call) return Call();
    return Name();
  }

  // extract(field FROM time) is date_part('field', time).
  Result<Expr> Extract() {
    Expr call = Make(ExprKind::kCall, cursor_.Take().position, "date_part");
    cursor_.Take();
    Expr field = Make(ExprKind::kString, cursor_.Peek().position);
    ST_TRY(field.text, cursor_.ExpectName("a field, as in extract(YEAR FROM time)"));
    ST_TRY_STATUS(cursor_.ExpectWord("from", "of extract(field FROM time)"));
    ST_TRY(Expr value, Or());
    ST_TRY_STATUS(cursor_.ExpectSymbol(")", "at the end of extract(field FROM time)"));
    call.args.push_back(std::move(field));
    call.args.push_back(std::move(value));
    return call;
  }

  // Joins adjacent literals into one string.
  Result<Expr> StringLiteral() {
    Expr expr = Make(ExprKind::kString, cursor_.Peek().position);
    while (cursor_.Peek().kind == TokenKind::kString) expr.text += cursor_.Take().text;
    return expr;
  }

  Result<Expr> Parenthesis() {
    const Token& open = cursor_.Peek();
    if (!open.IsSymbol("(")) return cursor_.Unexpected("an expression");
    if (BeginsQuery(cursor_, 1)) return Subquery(ExprKind::kSubquery, open.position);
    const std::size_t position = cursor_.Take().position;
    ST_TRY(Expr inner, Or());
    if (cursor_.Peek().IsSymbol(",")) {
      Expr row = Make(ExprKind::kRow, position);
      row.args.push_back(std::move(inner));
      while (cursor_.TakeSymbol(",")) {
        ST_TRY(Expr value, Or());
        row.args.push_back(std::move(value));
      }
      inner = std::move(row);
    }
    ST_TRY_STATUS(cursor_.ExpectSymbol(")", "to close the parenthesis"));
    return inner;
  }

  Result<Expr> Name() {
    Expr expr = Make(ExprKind::kColumn, cursor_.Peek().position);
    ST_TRY(expr.text, cursor_.ExpectName("an expression"));
    if (cursor_.Peek().IsSymbol(".")) {
      cursor_.Take();
      expr.qualifier = std::exchange(expr.text, {});
      if (cursor_.TakeSymbol("*")) {
        expr.kind = ExprKind::kStar;
        return expr;
      }
      ST_TRY(expr.text, cursor_.ExpectName("a column's name behind the dot"));
    }
    return expr;
  }

  Result<Expr> Call() {
    Expr expr = Make(ExprKind::kCall, cursor_.Peek().position, AsciiLower(cursor_.Peek().text));
    cursor_.Take();
    cursor_.Take();
    if (cursor_.TakeSymbol(")")) return expr;
    if (BeginsQuery(cursor_)) {
      return cursor_.Wrong(cursor_.Peek().position,
                           fmt::format("{} takes no query; one that is an argument stands in "
                                       "brackets of its own, as in {}((SELECT …))",
                                       expr.text, expr.text));
    }
    const std::size_t position = cursor_.Peek().position;
    const bool is_distinct = cursor_.TakeWord("distinct");
    do {
      if (cursor_.Peek().IsSymbol("*")) {
        expr.args.push_back(Make(ExprKind::kStar, cursor_.Take().position));
        continue;
      }
      ST_TRY(Expr argument, Argument(expr.text == "struct"));
      expr.args.push_back(std::move(argument));
    } while (cursor_.TakeSymbol(","));
    ST_TRY_STATUS(
        cursor_.ExpectSymbol(")", fmt::format("at the end of {}(…), or a comma", expr.text)));
    if (is_distinct) {
      return cursor_.Wrong(position, NeedsWindow(fmt::format("{}(DISTINCT …)", expr.text)));
    }
    return expr;
  }

  // An expression, a lambda, or "expression AS name" where arguments have names.
  Result<Expr> Argument(bool may_have_name) {
    if (BeginsLambda(cursor_)) return Lambda();
    ST_TRY(Expr value, Or());
    if (!may_have_name || !cursor_.Peek().IsWord("as")) return value;
    Expr named = Make(ExprKind::kNamed, cursor_.Take().position);
    ST_TRY(named.text, cursor_.ExpectName("a field's name behind AS"));
    named.args.push_back(std::move(value));
    return named;
  }

  Result<Expr> Lambda() {
    Expr lambda = Make(ExprKind::kLambda, cursor_.Peek().position);
    const bool has_brackets = cursor_.TakeSymbol("(");
    do {
      ST_TRY(auto name, cursor_.ExpectName("a parameter"));
      lambda.names.push_back(std::move(name));
    } while (cursor_.TakeSymbol(","));
    if (has_brackets) cursor_.TakeSymbol(")");
    ST_TRY_STATUS(cursor_.ExpectSymbol("->", "behind the parameters"));
    ST_TRY(Expr body, Or());
    lambda.args.push_back(std::move(body));
    return lambda;
  }

  Result<Expr> Cast() {
    Expr expr = Make(ExprKind::kCast, cursor_.Peek().position);
    expr.is_try = cursor_.Take().IsWord("try_cast");
    cursor_.Take();
    ST_TRY(Expr inner, Or());
    expr.args.push_back(std::move(inner));
    ST_TRY_STATUS(cursor_.ExpectWord("as", "of CAST(x AS type)"));
    ST_TRY(expr.type, ParseTypeName(cursor_));
    ST_TRY_STATUS(cursor_.ExpectSymbol(")", "at the end of CAST(x AS type)"));
    return expr;
  }

  Result<Expr> Case() {
    Expr expr = Make(ExprKind::kCase, cursor_.Take().position);
    if (!cursor_.Peek().IsWord("when")) {
      expr.has_operand = true;
      ST_TRY(Expr operand, Or());
      expr.args.push_back(std::move(operand));
    }
    do {
      ST_TRY_STATUS(cursor_.ExpectWord("when", "of CASE"));
      ST_TRY(Expr when, Or());
      ST_TRY_STATUS(cursor_.ExpectWord("then", "behind WHEN …"));
      ST_TRY(Expr then, Or());
      expr.args.push_back(std::move(when));
      expr.args.push_back(std::move(then));
    } while (cursor_.Peek().IsWord("when"));
    if (cursor_.TakeWord("else")) {
      expr.has_else = true;
      ST_TRY(Expr otherwise, Or());
      expr.args.push_back(std::move(otherwise));
    }
    ST_TRY_STATUS(cursor_.ExpectWord("end", "at the end of CASE"));
    return expr;
  }

  TokenCursor& cursor_;
};

}  // namespace

Result<Expr> ParseExpression(TokenCursor& cursor) {
  if (cursor.nesting().expressions == 0) cursor.nesting().operators = 0;
  return ExpressionParser(cursor).Or();
}

}  // namespace st::dialect::spark
