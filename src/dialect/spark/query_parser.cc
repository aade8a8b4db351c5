#include "dialect/spark/query_parser.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/text.h"
#include "dialect/spark/aggregate_parser.h"
#include "dialect/spark/expr_parser.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/lookahead.h"

namespace st::dialect::spark {
namespace {

// Clauses of Spark's SELECT that the parser knows only to refuse them by name.
struct Unsupported {
  std::string_view word;
  std::string_view what;
  bool needs_window = false;
};
constexpr std::array<Unsupported, 26> kUnsupportedClauses = {{
    {"group", "GROUP BY", true},
    {"having", "HAVING", true},
    {"order", "ORDER BY", true},
    {"sort", "SORT BY", true},
    {"cluster", "CLUSTER BY", true},
    {"distribute", "DISTRIBUTE BY", true},
    {"limit", "LIMIT", true},
    {"offset", "OFFSET", true},
    {"window", "WINDOW", true},
    {"qualify", "QUALIFY", true},
    {"intersect", "INTERSECT", true},
    {"except", "EXCEPT", true},
    {"minus", "MINUS", true},
    {"join", "JOIN", true},
    {"inner", "JOIN", true},
    {"left", "JOIN", true},
    {"right", "JOIN", true},
    {"full", "JOIN", true},
    {"cross", "JOIN", true},
    {"natural", "JOIN", true},
    {"semi", "JOIN", true},
    {"anti", "JOIN", true},
    {"pivot", "PIVOT", true},
    {"unpivot", "UNPIVOT", false},
    {"tablesample", "TABLESAMPLE", false},
    {"watermark", "WATERMARK", false},
}};

const Unsupported* UnsupportedClause(const Token& token) {
  for (const auto& clause : kUnsupportedClauses) {
    if (token.IsWord(clause.word)) return &clause;
  }
  return nullptr;
}

std::unexpected<Error> Refused(const TokenCursor& cursor, std::string_view what,
                               bool needs_window) {
  const std::size_t position = cursor.Peek().position;
  if (needs_window) {
    return cursor.Wrong(position, fmt::format("{}; {}", NeedsWindow(what), kSupportedQuery));
  }
  return cursor.Wrong(position, fmt::format("{} is not supported yet; {}", what, kSupportedQuery));
}

bool EndsItem(const Token& token) {
  return token.kind == TokenKind::kEnd || token.IsSymbol(",") || token.IsSymbol(";") ||
         token.IsSymbol(")") || token.IsWord("from") || token.IsWord("where") ||
         token.IsWord("union") || token.IsWord("lateral") || UnsupportedClause(token) != nullptr;
}

// Everything of the source.
SelectStatement AllOf(Source from) {
  SelectStatement all;
  all.position = from.position;
  SelectItem star;
  star.expr = Make(ExprKind::kStar, from.position);
  all.items.push_back(std::move(star));
  all.from = std::move(from);
  return all;
}

class QueryParser {
 public:
  explicit QueryParser(TokenCursor& cursor) : cursor_(cursor) {}

  Result<Query> Run() {
    Nesting& nesting = cursor_.nesting();
    if (nesting.queries == 0) nesting.selects = 0;
    if (++nesting.queries > kMaxQueryDepth) {
      return cursor_.Wrong(cursor_.Peek().position,
                           fmt::format("queries are nested deeper than {} levels", kMaxQueryDepth));
    }
    Query query;
    query.begin = cursor_.Peek().position;
    if (cursor_.TakeWord("with")) ST_TRY_STATUS(With(query));
    ST_TRY_STATUS(RefuseClause(cursor_));
    ST_TRY_STATUS(Part(query));
    while (cursor_.Peek().IsWord("union")) {
      if (!cursor_.Peek(1).IsWord("all")) return Refused(cursor_, "UNION without ALL", true);
      cursor_.Take();
      cursor_.Take();
      if (cursor_.Peek().IsWord("by")) return Refused(cursor_, "UNION ALL BY NAME", false);
      ST_TRY_STATUS(Part(query));
    }
    query.end = cursor_.Previous().end;
    --nesting.queries;
    return query;
  }

  Result<std::shared_ptr<const Query>> InBrackets() {
    ST_TRY_STATUS(cursor_.ExpectSymbol("(", "before the query"));
    ST_TRY(auto inner, Run());
    ST_TRY_STATUS(RefuseClause(cursor_));
    ST_TRY_STATUS(cursor_.ExpectSymbol(")", "behind the query"));
    return std::make_shared<const Query>(std::move(inner));
  }

 private:
  Status With(Query& query) {
    if (cursor_.Peek().IsWord("recursive")) return Refused(cursor_, "WITH RECURSIVE", false);
    do {
      NamedQuery named;
      named.position = cursor_.Peek().position;
      ST_TRY(named.name, cursor_.ExpectName("the query's name"));
      ST_TRY(named.columns, ParseNames(cursor_));
      ST_TRY_STATUS(cursor_.ExpectWord("as", "behind the query's name"));
      ST_TRY(named.query, InBrackets());
      query.with.push_back(std::move(named));
    } while (cursor_.TakeSymbol(","));
    return {};
  }

  // One side of UNION ALL: a SELECT, or a query in brackets.
  Status Part(Query& query) {
    if (++cursor_.nesting().selects > kMaxSelects) {
      return cursor_.Wrong(cursor_.Peek().position,
                           fmt::format("a query has at most {} SELECTs", kMaxSelects));
    }
    Source from;
    from.position = cursor_.Peek().position;
    if (cursor_.Peek().IsSymbol("(")) {
      from.kind = Source::Kind::kQuery;
      ST_TRY(from.query, InBrackets());
      query.selects.push_back(AllOf(std::move(from)));
      return {};
    }
    if (BeginsQuery(cursor_) && cursor_.TakeWord("values")) {
      ST_TRY_STATUS(Values(from));
      query.selects.push_back(AllOf(std::move(from)));
      return {};
    }
    ST_TRY(auto select, OneSelect());
    query.selects.push_back(std::move(select));
    return {};
  }

  Result<SelectStatement> OneSelect() {
    SelectStatement select;
    select.position = cursor_.Peek().position;
    ST_TRY_STATUS(cursor_.ExpectWord("select", "behind AS"));
    if (cursor_.Peek().IsWord("distinct")) return Refused(cursor_, "DISTINCT", true);
    cursor_.TakeWord("all");
    do {
      ST_TRY(auto item, Item());
      select.items.push_back(std::move(item));
    } while (cursor_.TakeSymbol(","));
    ST_TRY_STATUS(RefuseClause(cursor_));
    if (EndsSelect(cursor_.Peek())) {
      select.from.kind = Source::Kind::kNone;
      select.from.position = select.position;
    } else {
      ST_TRY_STATUS(cursor_.ExpectWord("from", "behind the SELECT's columns"));
      ST_TRY(select.from, From());
      ST_TRY_STATUS(Joins(select));
    }
    while (cursor_.Peek().IsWord("lateral")) {
      ST_TRY(auto view, Lateral());
      select.views.push_back(std::move(view));
    }
    if (cursor_.TakeWord("where")) {
      ST_TRY(select.where, ParseExpression(cursor_));
    }
    return select;
  }

  static bool EndsSelect(const Token& token) {
    return token.kind == TokenKind::kEnd || token.IsSymbol(";") || token.IsSymbol(")") ||
           token.IsWord("where") || token.IsWord("lateral") || token.IsWord("union");
  }

  Result<SelectItem> Item() {
    SelectItem item;
    if (cursor_.Peek().IsSymbol("*")) {
      item.expr.kind = ExprKind::kStar;
      item.expr.position = cursor_.Take().position;
      if (cursor_.Peek().IsWord("except") && cursor_.Peek(1).IsSymbol("(")) {
        return cursor_.Wrong(cursor_.Peek().position,
                             "* EXCEPT (…) is not supported yet; name the columns");
      }
      return item;
    }
    ST_TRY(item.expr, ParseExpression(cursor_));
    if (cursor_.TakeWord("as")) {
      if (cursor_.Peek().IsSymbol("(")) {
        ST_TRY(item.aliases, ParseNames(cursor_));
        return item;
      }
      ST_TRY(item.alias, cursor_.ExpectName("a column's name behind AS"));
      return item;
    }
    const Token& next = cursor_.Peek();
    if (!EndsItem(next) && (next.kind == TokenKind::kWord || next.kind == TokenKind::kQuoted)) {
      item.alias = cursor_.Take().text;
    }
    return item;
  }

  Result<Source> From() {
    Source source;
    source.position = cursor_.Peek().position;
    if (cursor_.Peek().IsSymbol("(")) {
      source.kind = Source::Kind::kQuery;
      ST_TRY(source.query, InBrackets());
    } else if (cursor_.Peek().IsWord("stream") && cursor_.Peek(1).IsSymbol("(")) {
      ST_TRY_STATUS(Stream(source));
    } else if (BeginsQuery(cursor_) && cursor_.TakeWord("values")) {
      ST_TRY_STATUS(Values(source));
    } else if (cursor_.Peek().kind == TokenKind::kWord && cursor_.Peek(1).IsSymbol("(")) {
      source.kind = Source::Kind::kCall;
      ST_TRY(source.call, ParseExpression(cursor_));
    } else {
      ST_TRY_STATUS(RefuseClause(cursor_));
      source.kind = Source::Kind::kName;
      ST_TRY(source.name, cursor_.ExpectName("STREAM(topic) or a query"));
    }
    const bool has_as = cursor_.TakeWord("as");
    const Token& next = cursor_.Peek();
    if (has_as || (!EndsItem(next) && next.kind != TokenKind::kSymbol && !next.IsWord("on"))) {
      ST_TRY(source.alias, cursor_.ExpectName("a name for what is read"));
      ST_TRY(source.columns, ParseNames(cursor_));
    }
    return source;
  }

  // The rest of STREAM(name).
  Status Stream(Source& source) {
    cursor_.Take();
    cursor_.Take();
    source.position = cursor_.Peek().position;
    ST_TRY(source.name, cursor_.ExpectName("a topic's name"));
    if (cursor_.Peek().IsSymbol(".") || cursor_.Peek().IsSymbol("-")) {
      return cursor_.Wrong(source.position,
                           "a topic's name with . or - stands in backticks: STREAM(`a.b`)");
    }
    return cursor_.ExpectSymbol(")", "behind the topic's name");
  }

  // The rows behind VALUES.
  Status Values(Source& source) {
    source.kind = Source::Kind::kValues;
    do {
      if (source.rows.size() == kMaxValuesRows) {
        return cursor_.Wrong(cursor_.Peek().position,
                             fmt::format("VALUES has at most {} rows", kMaxValuesRows));
      }
      ST_TRY(auto row, ParseExpression(cursor_));
      if (row.kind == ExprKind::kRow) {
        source.rows.push_back(std::move(row.args));
      } else {
        source.rows.push_back({});
        source.rows.back().push_back(std::move(row));
      }
    } while (!cursor_.Peek(1).IsWord("lateral") && cursor_.TakeSymbol(","));
    return {};
  }

  // Lateral joins; others are refused.
  Status Joins(SelectStatement& select) {
    while (true) {
      LateralJoin join;
      const bool has_side = cursor_.Peek().IsWord("inner") || cursor_.Peek().IsWord("cross") ||
                            cursor_.Peek().IsWord("left");
      join.is_left = cursor_.Peek().IsWord("left");
      std::size_t words = has_side ? 1 : 0;
      if (join.is_left && cursor_.Peek(1).IsWord("outer")) ++words;
      const bool is_join = cursor_.Peek(words).IsWord("join");
      if (is_join
              ? !cursor_.Peek(words + 1).IsWord("lateral")
              : has_side || !cursor_.Peek().IsSymbol(",") || !cursor_.Peek(1).IsWord("lateral")) {
        break;
      }
      for (std::size_t i = 0; i < words + 2; ++i) cursor_.Take();
      ST_TRY(join.source, From());
      if (is_join && cursor_.TakeWord("on")) {
        ST_TRY(join.on, ParseExpression(cursor_));
      }
      select.joins.push_back(std::move(join));
    }
    if (cursor_.Peek().IsSymbol(",")) return Refused(cursor_, "JOIN", true);
    return {};
  }

  Result<LateralView> Lateral() {
    LateralView view;
    cursor_.Take();
    ST_TRY_STATUS(cursor_.ExpectWord("view", "behind LATERAL"));
    view.is_outer = cursor_.TakeWord("outer");
    ST_TRY(view.call, ParseExpression(cursor_));
    if (view.call.kind != ExprKind::kCall) {
      return cursor_.Wrong(view.call.position,
                           "LATERAL VIEW takes a generator, as in explode(array)");
    }
    ST_TRY(view.table, cursor_.ExpectName("a name for the lateral view"));
    if (EndsItem(cursor_.Peek()) || cursor_.Peek().IsSymbol(")")) return view;
    cursor_.TakeWord("as");
    do {
      ST_TRY(auto name, cursor_.ExpectName("a column's name"));
      view.columns.push_back(std::move(name));
    } while (cursor_.TakeSymbol(","));
    return view;
  }

  TokenCursor& cursor_;
};

}  // namespace

Result<Query> ParseQuery(TokenCursor& cursor) { return QueryParser(cursor).Run(); }

Result<std::shared_ptr<const Query>> ParseSubquery(TokenCursor& cursor) {
  return QueryParser(cursor).InBrackets();
}

Result<std::vector<std::string>> ParseNames(TokenCursor& cursor) {
  std::vector<std::string> names;
  if (!cursor.TakeSymbol("(")) return names;
  do {
    ST_TRY(auto name, cursor.ExpectName("a column's name"));
    names.push_back(std::move(name));
  } while (cursor.TakeSymbol(","));
  ST_TRY_STATUS(cursor.ExpectSymbol(")", "behind the columns' names"));
  return names;
}

Status RefuseClause(const TokenCursor& cursor) {
  const auto* clause = UnsupportedClause(cursor.Peek());
  if (clause == nullptr) return {};
  return Refused(cursor, clause->what, clause->needs_window);
}

}  // namespace st::dialect::spark
