#include "dialect/spark/parser.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <span>

#include "base/text.h"
#include "dialect/spark/column_list.h"
#include "dialect/spark/layout.h"
#include "dialect/spark/lexer.h"
#include "dialect/spark/limits.h"
#include "dialect/spark/query_parser.h"
#include "dialect/spark/token_cursor.h"

namespace st::dialect::spark {
namespace {

using Words = std::span<const std::string>;

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

class StatementParser {
 public:
  StatementParser(const SourceText& source, std::vector<Token> tokens)
      : cursor_(source, std::move(tokens)) {}

  Statements Run() {
    Statements all;
    while (true) {
      while (cursor_.TakeSymbol(";")) {
      }
      if (cursor_.Peek().kind == TokenKind::kEnd) return all;
      if (all.tables.size() + all.views.size() + all.mistakes.size() == kMaxStatements) {
        all.mistakes.push_back(
            cursor_
                .Wrong(cursor_.Peek().position,
                       fmt::format("a file has at most {} statements", kMaxStatements))
                .error());
        return all;
      }
      if (const auto read = One(all); !read) {
        all.mistakes.push_back(read.error());
        SkipStatement();
      }
    }
  }

 private:
  Status One(Statements& all) {
    if (BeginsView()) {
      ST_TRY(auto view, View());
      ST_TRY_STATUS(End());
      all.views.push_back(std::move(view));
      return {};
    }
    ST_TRY(auto table, Statement());
    ST_TRY_STATUS(End());
    all.tables.push_back(std::move(table));
    return {};
  }

  Status End() const {
    if (cursor_.Peek().kind == TokenKind::kEnd || cursor_.Peek().IsSymbol(";")) return {};
    return AfterQuery();
  }

  void SkipStatement() {
    cursor_.nesting() = {};
    while (cursor_.Peek().kind != TokenKind::kEnd && !cursor_.Peek().IsSymbol(";")) cursor_.Take();
  }

  bool BeginsView() const {
    return cursor_.Peek().IsWord("create") &&
           (cursor_.Peek(1).IsWord("temporary") || cursor_.Peek(1).IsWord("temp")) &&
           cursor_.Peek(2).IsWord("view");
  }

  // CREATE TEMPORARY VIEW [IF NOT EXISTS] name [(column, …)] [COMMENT 'text'] AS query
  Result<NamedQuery> View() {
    for (int i = 0; i < 3; ++i) cursor_.Take();
    ST_TRY_STATUS(IfNotExists());
    NamedQuery view;
    view.position = cursor_.Peek().position;
    ST_TRY(view.name, cursor_.ExpectName("the view's name"));
    ST_TRY(view.columns, ParseNames(cursor_));
    if (cursor_.TakeWord("comment")) {
      if (cursor_.Peek().kind != TokenKind::kString) return cursor_.Unexpected("a string");
      cursor_.Take();
    }
    ST_TRY_STATUS(cursor_.ExpectWord("as", "behind the view's name"));
    ST_TRY(auto query, ParseQuery(cursor_));
    view.query = std::make_shared<const Query>(std::move(query));
    return view;
  }

  Status IfNotExists() {
    if (!cursor_.TakeWord("if")) return {};
    ST_TRY_STATUS(cursor_.ExpectWord("not", "in IF NOT EXISTS"));
    return cursor_.ExpectWord("exists", "in IF NOT EXISTS");
  }

  Result<StreamingTable> Statement() {
    StreamingTable table;
    table.position = cursor_.Peek().position;
    ST_TRY_STATUS(Opening());
    ST_TRY_STATUS(IfNotExists());
    ST_TRY_STATUS(TableName(table));
    ST_TRY_STATUS(Clauses(table));
    ST_TRY(table.query, ParseQuery(cursor_));
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
    if (what.IsWord("view")) {
      return cursor_.Wrong(what.position,
                           "a view of pipelines is temporary: write CREATE TEMPORARY VIEW");
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
      ST_TRY(table.columns, ParseColumnList(cursor_));
    }
    return {};
  }

  Status Clauses(StreamingTable& table) {
    bool has_comment = false;
    while (!cursor_.TakeWord("as")) {
      const Token& token = cursor_.Peek();
      if (cursor_.TakeWord("using")) {
        ST_TRY_STATUS(Using());
      } else if (cursor_.TakeWord("comment")) {
        if (has_comment) {
          return cursor_.Wrong(token.position, "COMMENT is there twice; keep one");
        }
        has_comment = true;
        if (cursor_.Peek().kind != TokenKind::kString) return cursor_.Unexpected("a string");
        table.comment = cursor_.Take().text;
      } else if (cursor_.TakeWord("tblproperties")) {
        ST_TRY_STATUS(Properties(table));
      } else if (token.IsWord("partitioned") || token.IsWord("cluster")) {
        ST_TRY_STATUS(Layout(table));
      } else if (token.IsWord("clustered")) {
        return cursor_.Wrong(token.position,
                             "CLUSTERED BY … INTO BUCKETS is not offered, as in Spark's pipelines; "
                             "write PARTITIONED BY (bucket(n, column))");
      } else if (token.IsSymbol(";") || token.kind == TokenKind::kEnd) {
        return cursor_.Wrong(token.position,
                             "a table without AS SELECT is filled by a CREATE FLOW, which is not "
                             "supported yet; write AS SELECT … FROM STREAM(topic)");
      } else {
        static const std::vector<std::string> clauses = {"using",       "comment", "tblproperties",
                                                         "partitioned", "cluster", "as"};
        return cursor_.Wrong(
            token.position,
            fmt::format("unexpected '{}'{}; here may stand USING, COMMENT, PARTITIONED BY, CLUSTER "
                        "BY, TBLPROPERTIES, AS",
                        token.text, NearestKeyword(token.text, clauses)));
      }
    }
    return {};
  }

  // PARTITIONED BY or CLUSTER BY. Spark's SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED.
  Status Layout(StreamingTable& table) {
    const Token word = cursor_.Take();
    const bool is_partition = word.IsWord("partitioned");
    const std::string name = is_partition ? "PARTITIONED BY" : "CLUSTER BY";
    ST_TRY_STATUS(cursor_.ExpectWord("by", is_partition ? "behind PARTITIONED" : "behind CLUSTER"));
    if (is_partition ? !table.partition.empty() : !table.cluster.empty()) {
      return cursor_.Wrong(word.position, fmt::format("{} is there twice; keep one", name));
    }
    if (is_partition ? !table.cluster.empty() : !table.partition.empty()) {
      return cursor_.Wrong(word.position,
                           "PARTITIONED BY and CLUSTER BY cannot be together, as in Spark; the "
                           "order of rows in partitions is the property 'sort-order'");
    }
    if (is_partition) {
      ST_TRY(table.partition, ParsePartitionFields(cursor_));
      return {};
    }
    table.cluster_position = word.position;
    ST_TRY(table.cluster, ParseClusterColumns(cursor_));
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

  std::unexpected<Error> AfterQuery() const {
    const Token& token = cursor_.Peek();
    if (const auto refused = RefuseClause(cursor_); !refused)
      return std::unexpected(refused.error());
    static const std::vector<std::string> words = {"where"};
    return cursor_.Wrong(token.position,
                         fmt::format("unexpected '{}'{}; {}", token.text,
                                     NearestKeyword(token.text, words), kSupportedQuery));
  }

  TokenCursor cursor_;
};

}  // namespace

Result<Statements> ParseStatements(const SourceText& source) {
  ST_TRY(auto tokens, Tokenize(source));
  return StatementParser(source, std::move(tokens)).Run();
}

}  // namespace st::dialect::spark
