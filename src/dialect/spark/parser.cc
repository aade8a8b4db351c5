#include "dialect/spark/parser.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <span>

#include "base/text.h"
#include "dialect/spark/expr_parser.h"
#include "dialect/spark/lexer.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/token_cursor.h"

namespace st::dialect::spark {
namespace {

using Words = std::span<const std::string>;

// Clauses of Spark's SELECT that the parser knows only to refuse them by name.
struct Unsupported {
  std::string_view word;
  std::string_view what;
};
constexpr std::array<Unsupported, 29> kUnsupportedClauses = {{
    {"group", "GROUP BY"},      {"having", "HAVING"},      {"order", "ORDER BY"},
    {"sort", "SORT BY"},        {"cluster", "CLUSTER BY"}, {"distribute", "DISTRIBUTE BY"},
    {"limit", "LIMIT"},         {"offset", "OFFSET"},      {"window", "WINDOW"},
    {"qualify", "QUALIFY"},     {"union", "UNION"},        {"intersect", "INTERSECT"},
    {"except", "EXCEPT"},       {"minus", "MINUS"},        {"join", "JOIN"},
    {"inner", "JOIN"},          {"left", "JOIN"},          {"right", "JOIN"},
    {"full", "JOIN"},           {"cross", "JOIN"},         {"natural", "JOIN"},
    {"semi", "JOIN"},           {"anti", "JOIN"},          {"lateral", "LATERAL VIEW"},
    {"pivot", "PIVOT"},         {"unpivot", "UNPIVOT"},    {"tablesample", "TABLESAMPLE"},
    {"watermark", "WATERMARK"}, {"with", "WITH"},
}};
constexpr std::string_view kSupported =
    "supported is SELECT columns and expressions FROM STREAM(topic) [AS name] [WHERE condition]";

const Unsupported* UnsupportedClause(const Token& token) {
  for (const auto& clause : kUnsupportedClauses) {
    if (token.IsWord(clause.word)) return &clause;
  }
  return nullptr;
}

std::string Nearest(std::string_view word, Words candidates) {
  const auto nearest = NearestName(AsciiLower(word), candidates);
  return nearest ? fmt::format("; did you mean {}?", *nearest) : std::string();
}

// Like Nearest, for SQL keywords, which messages show in capitals.
std::string NearestKeyword(std::string_view word, Words candidates) {
  std::string text = Nearest(word, candidates);
  const auto colon = text.rfind(' ');
  if (colon == std::string::npos) return text;
  for (char& c : std::span(text).subspan(colon)) c = static_cast<char>(std::toupper(c));
  return text;
}

bool EndsItem(const Token& token) {
  return token.kind == TokenKind::kEnd || token.IsSymbol(",") || token.IsSymbol(";") ||
         token.IsWord("from") || token.IsWord("where") || UnsupportedClause(token) != nullptr;
}

class StatementParser {
 public:
  StatementParser(const SourceText& source, std::vector<Token> tokens)
      : cursor_(source, std::move(tokens)) {}

  Result<std::vector<StreamingTable>> Run() {
    std::vector<StreamingTable> tables;
    while (true) {
      while (cursor_.TakeSymbol(";")) {
      }
      if (cursor_.Peek().kind == TokenKind::kEnd) return tables;
      if (tables.size() == kMaxStatements) {
        return cursor_.Wrong(cursor_.Peek().position,
                             fmt::format("a file has at most {} statements", kMaxStatements));
      }
      ST_TRY(auto table, Statement());
      tables.push_back(std::move(table));
      if (cursor_.Peek().kind != TokenKind::kEnd && !cursor_.Peek().IsSymbol(";")) {
        return AfterQuery();
      }
    }
  }

 private:
  Result<StreamingTable> Statement() {
    StreamingTable table;
    table.position = cursor_.Peek().position;
    ST_TRY_STATUS(Opening());
    if (cursor_.TakeWord("if")) {
      ST_TRY_STATUS(cursor_.ExpectWord("not", "in IF NOT EXISTS"));
      ST_TRY_STATUS(cursor_.ExpectWord("exists", "in IF NOT EXISTS"));
    }
    ST_TRY_STATUS(TableName(table));
    ST_TRY_STATUS(Clauses(table));
    ST_TRY_STATUS(Select(table));
    return table;
  }

  // Reads CREATE STREAMING TABLE; the error for other text names what stands there.
  Status Opening() {
    static const std::vector<std::string> openings = {"create"};
    const Token& first = cursor_.Peek();
    if (!first.IsWord("create")) {
      if (first.IsWord("set") || first.IsWord("use") || first.IsWord("insert")) {
        return NotYet(first, AsciiUpper(first.text));
      }
      return cursor_.Wrong(first.position, fmt::format("expected CREATE STREAMING TABLE{}",
                                                       NearestKeyword(first.text, openings)));
    }
    cursor_.Take();
    const Token& what = cursor_.Peek();
    if (what.IsWord("materialized")) return NotYet(what, "CREATE MATERIALIZED VIEW");
    if (what.IsWord("flow")) return NotYet(what, "CREATE FLOW");
    if (what.IsWord("view") || what.IsWord("temporary") || what.IsWord("temp")) {
      return NotYet(what, "CREATE VIEW");
    }
    if (what.IsWord("or")) return NotYet(what, "CREATE OR …");
    if (what.IsWord("table")) {
      return cursor_.Wrong(what.position,
                           "a pipeline makes a STREAMING TABLE: write CREATE "
                           "STREAMING TABLE");
    }
    static const std::vector<std::string> kinds = {"streaming"};
    if (!cursor_.TakeWord("streaming")) {
      return cursor_.Wrong(what.position, fmt::format("expected STREAMING TABLE behind CREATE{}",
                                                      NearestKeyword(what.text, kinds)));
    }
    return cursor_.ExpectWord("table", "behind CREATE STREAMING");
  }

  static std::string AsciiUpper(std::string_view text) {
    std::string upper(text);
    for (char& c : upper) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return upper;
  }

  std::unexpected<Error> NotYet(const Token& token, std::string_view what) const {
    return cursor_.Wrong(
        token.position,
        fmt::format("{} is not supported yet; supported is CREATE STREAMING TABLE … AS SELECT …",
                    what));
  }

  Status TableName(StreamingTable& table) {
    table.name_position = cursor_.Peek().position;
    ST_TRY(table.name, cursor_.ExpectName("the table's name"));
    if (cursor_.TakeSymbol(".")) {
      if (!EqualsIgnoreCase(table.name, "default")) {
        return cursor_.Wrong(
            table.name_position,
            fmt::format("tables of pipelines are in schema default, not '{}'", table.name));
      }
      table.name_position = cursor_.Peek().position;
      ST_TRY(table.name, cursor_.ExpectName("the table's name"));
    }
    const std::string lower = AsciiLower(table.name);
    const bool is_plain = std::ranges::all_of(
        lower, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    if (!is_plain || lower.size() > kMaxTableNameBytes) {
      return cursor_.Wrong(table.name_position,
                           "a table's name has letters a-z, digits and _, at "
                           "most 128 of them");
    }
    table.name = lower;
    if (cursor_.Peek().IsSymbol("(")) {
      return cursor_.Wrong(cursor_.Peek().position,
                           "a list of columns is not supported yet; the SELECT names the columns");
    }
    return {};
  }

  Status Clauses(StreamingTable& table) {
    while (!cursor_.TakeWord("as")) {
      const Token& token = cursor_.Peek();
      if (cursor_.TakeWord("using")) {
        ST_TRY_STATUS(Using());
      } else if (cursor_.TakeWord("comment")) {
        if (cursor_.Peek().kind != TokenKind::kString) return cursor_.Unexpected("a string");
        table.comment = cursor_.Take().text;
      } else if (cursor_.TakeWord("tblproperties")) {
        ST_TRY_STATUS(Properties(table));
      } else if (token.IsWord("partitioned")) {
        return cursor_.Wrong(token.position, "PARTITIONED BY is not supported yet");
      } else if (token.IsWord("cluster") || token.IsWord("clustered")) {
        return cursor_.Wrong(token.position, "CLUSTER BY is not supported yet");
      } else if (token.IsSymbol(";") || token.kind == TokenKind::kEnd) {
        return cursor_.Wrong(token.position,
                             "a table without AS SELECT is filled by a CREATE FLOW, which is not "
                             "supported yet; write AS SELECT … FROM STREAM(topic)");
      } else {
        static const std::vector<std::string> clauses = {"using", "comment", "tblproperties", "as"};
        return cursor_.Wrong(
            token.position,
            fmt::format("unexpected '{}'{}; here may stand USING, COMMENT, TBLPROPERTIES, AS",
                        token.text, NearestKeyword(token.text, clauses)));
      }
    }
    return {};
  }

  Status Using() {
    static const std::vector<std::string> formats = {"iceberg", "parquet"};
    const Token& token = cursor_.Peek();
    ST_TRY(const auto format, cursor_.ExpectName("a table format"));
    if (std::ranges::find(formats, AsciiLower(format)) == formats.end()) {
      return cursor_.Wrong(token.position,
                           fmt::format("table format '{}' is not supported{}; iceberg and parquet "
                                       "are (both make an Iceberg table of Parquet files)",
                                       format, Nearest(format, formats)));
    }
    return {};
  }

  Status Properties(StreamingTable& table) {
    ST_TRY_STATUS(cursor_.ExpectSymbol("(", "behind TBLPROPERTIES"));
    do {
      TableProperty property;
      property.key_position = cursor_.Peek().position;
      if (cursor_.Peek().kind == TokenKind::kString) {
        property.key = cursor_.Take().text;
      } else {
        ST_TRY(property.key, cursor_.ExpectName("a property's name"));
        while (cursor_.TakeSymbol(".")) {
          ST_TRY(const auto part, cursor_.ExpectName("a property's name"));
          property.key += "." + part;
        }
      }
      cursor_.TakeSymbol("=");
      property.value_position = cursor_.Peek().position;
      const Token& value = cursor_.Peek();
      if (value.kind != TokenKind::kString && value.kind != TokenKind::kNumber &&
          !value.IsWord("true") && !value.IsWord("false")) {
        return cursor_.Unexpected("the property's value, a string");
      }
      property.value = cursor_.Take().text;
      table.properties.push_back(std::move(property));
    } while (cursor_.TakeSymbol(","));
    return cursor_.ExpectSymbol(")", "at the end of TBLPROPERTIES");
  }

  Status Select(StreamingTable& table) {
    table.select_begin = cursor_.Peek().position;
    if (const auto* clause = UnsupportedClause(cursor_.Peek())) return ClauseNotYet(*clause);
    ST_TRY_STATUS(cursor_.ExpectWord("select", "behind AS"));
    if (cursor_.Peek().IsWord("distinct")) {
      return cursor_.Wrong(cursor_.Peek().position,
                           fmt::format("DISTINCT is not supported yet; {}", kSupported));
    }
    cursor_.TakeWord("all");
    do {
      ST_TRY(auto item, Item());
      table.items.push_back(std::move(item));
    } while (cursor_.TakeSymbol(","));
    if (const auto* clause = UnsupportedClause(cursor_.Peek())) return ClauseNotYet(*clause);
    ST_TRY_STATUS(cursor_.ExpectWord("from", "behind the SELECT's columns"));
    ST_TRY_STATUS(From(table));
    if (cursor_.TakeWord("where")) {
      ST_TRY(table.where, ParseExpression(cursor_));
    }
    table.select_end = cursor_.Previous().end;
    return {};
  }

  Result<SelectItem> Item() {
    SelectItem item;
    if (cursor_.Peek().IsSymbol("*")) {
      item.expr.kind = ExprKind::kStar;
      item.expr.position = cursor_.Take().position;
      return item;
    }
    ST_TRY(item.expr, ParseExpression(cursor_));
    if (cursor_.TakeWord("as")) {
      ST_TRY(item.alias, cursor_.ExpectName("a column's name behind AS"));
      return item;
    }
    const Token& next = cursor_.Peek();
    if (!EndsItem(next) && (next.kind == TokenKind::kWord || next.kind == TokenKind::kQuoted)) {
      item.alias = cursor_.Take().text;
    }
    return item;
  }

  Status From(StreamingTable& table) {
    const Token& stream = cursor_.Peek();
    const bool has_topic = cursor_.Peek(1).IsSymbol("(");
    if (!stream.IsWord("stream") || !has_topic) {
      return cursor_.Wrong(stream.position,
                           "a streaming table reads a stream: write FROM STREAM(topic)");
    }
    cursor_.Take();
    cursor_.Take();
    table.topic_position = cursor_.Peek().position;
    ST_TRY(table.topic, cursor_.ExpectName("a topic's name"));
    if (cursor_.Peek().IsSymbol(".") || cursor_.Peek().IsSymbol("-")) {
      return cursor_.Wrong(table.topic_position,
                           "a topic's name with . or - stands in backticks: STREAM(`a.b`)");
    }
    ST_TRY_STATUS(cursor_.ExpectSymbol(")", "behind the topic's name"));
    if (cursor_.Peek().IsSymbol(",")) {
      return cursor_.Wrong(cursor_.Peek().position,
                           fmt::format("JOIN is not supported yet; {}", kSupported));
    }
    const bool has_as = cursor_.TakeWord("as");
    const Token& next = cursor_.Peek();
    if (has_as || (!EndsItem(next) && next.kind != TokenKind::kSymbol)) {
      ST_TRY(table.alias, cursor_.ExpectName("a name for the stream"));
    }
    return {};
  }

  std::unexpected<Error> ClauseNotYet(const Unsupported& clause) const {
    return cursor_.Wrong(cursor_.Peek().position,
                         fmt::format("{} is not supported yet; {}", clause.what, kSupported));
  }

  std::unexpected<Error> AfterQuery() const {
    const Token& token = cursor_.Peek();
    if (const auto* clause = UnsupportedClause(token)) return ClauseNotYet(*clause);
    static const std::vector<std::string> words = {"where"};
    return cursor_.Wrong(token.position,
                         fmt::format("unexpected '{}'{}; {}", token.text,
                                     NearestKeyword(token.text, words), kSupported));
  }

  TokenCursor cursor_;
};

}  // namespace

Result<std::vector<StreamingTable>> ParseStatements(const SourceText& source) {
  ST_TRY(auto tokens, Tokenize(source));
  return StatementParser(source, std::move(tokens)).Run();
}

}  // namespace st::dialect::spark
