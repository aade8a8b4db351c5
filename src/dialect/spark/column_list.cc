#include "dialect/spark/column_list.h"

#include <fmt/format.h>

#include "base/text.h"
#include "dialect/spark/type_parser.h"
#include "dialect/spark/types.h"

namespace st::dialect::spark {
namespace {

Result<ListedColumn> ParseColumn(TokenCursor& cursor) {
  ListedColumn column;
  column.position = cursor.Peek().position;
  ST_TRY(column.name, cursor.ExpectName("a column's name"));
  if (cursor.Peek().IsWord("comment") || cursor.Peek().IsSymbol(",") ||
      cursor.Peek().IsSymbol(")")) {
    return cursor.Unexpected(
        fmt::format("the type of column '{}', as Spark wants it", column.name));
  }
  ST_TRY(column.type, ParseTypeName(cursor));
  if (cursor.TakeWord("comment")) {
    if (cursor.Peek().kind != TokenKind::kString) return cursor.Unexpected("a string");
    column.comment = cursor.Take().text;
  }
  if (!cursor.Peek().IsSymbol(",") && !cursor.Peek().IsSymbol(")")) {
    return cursor.Unexpected(
        "COMMENT, a comma or ) behind the column's type (NOT NULL, DEFAULT and constraints are not "
        "supported)");
  }
  return column;
}

}  // namespace

Result<std::vector<ListedColumn>> ParseColumnList(TokenCursor& cursor) {
  std::vector<ListedColumn> columns;
  cursor.Take();
  do {
    ST_TRY(auto column, ParseColumn(cursor));
    columns.push_back(std::move(column));
  } while (cursor.TakeSymbol(","));
  ST_TRY_STATUS(cursor.ExpectSymbol(")", "at the end of the list of columns"));
  return columns;
}

Result<std::vector<std::string>> CommentsOf(const SourceText& source, const StreamingTable& table,
                                            const std::vector<OutputColumn>& columns) {
  std::vector<std::string> comments(columns.size());
  if (table.columns.empty()) return comments;
  const auto wrong = [&](std::size_t position, std::string_view message) {
    return std::unexpected(source.At(position, message));
  };
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& listed = table.columns[i];
    if (i >= columns.size() || !EqualsIgnoreCase(listed.name, columns[i].name)) {
      return wrong(
          listed.position,
          fmt::format("column '{}' of the list is {}: the list repeats the columns of the "
                      "SELECT in their order",
                      listed.name,
                      i < columns.size() ? fmt::format("'{}' in the SELECT", columns[i].name)
                                         : std::string("not in the SELECT")));
    }
    const auto type = TypeFromName(listed.type);
    if (!type) {
      const auto& unknown = UnknownPart(listed.type);
      return wrong(unknown.position, fmt::format("type '{}' is not known", unknown.name));
    }
    if (*type != columns[i].type) {
      return wrong(listed.type.position,
                   fmt::format("column '{0}' is {1} in the list and {2} in the SELECT: write {2}, "
                               "or CAST(… AS {1}) in the SELECT",
                               listed.name, SparkName(*type), SparkName(columns[i].type)));
    }
    comments[i] = listed.comment;
  }
  if (table.columns.size() < columns.size()) {
    return wrong(table.columns.back().position,
                 fmt::format("column '{}' of the SELECT is missing in the list of columns",
                             columns[table.columns.size()].name));
  }
  return comments;
}

}  // namespace st::dialect::spark
