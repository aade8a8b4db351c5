#include "stream/table_columns.h"

#include <fmt/format.h>

#include <algorithm>

namespace st::stream {
namespace {

bool IsSame(const lake::Column& a, const lake::Column& b) {
  return a.name == b.name && a.type == b.type;
}

std::string ColumnList(const std::vector<lake::Column>& columns) {
  std::string out;
  for (const auto& column : columns) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", column.name, column.type);
  }
  return out;
}

}  // namespace

std::vector<lake::Column> TableColumns(const dialect::spark::Definition& definition) {
  std::vector<lake::Column> columns;
  for (const auto& column : definition.columns) {
    columns.push_back({.id = static_cast<int>(columns.size()) + 1,
                       .name = column.name,
                       .type = column.iceberg_type});
  }
  return columns;
}

bool MayGrow(const dialect::spark::Definition& definition, const lake::View& view) {
  const auto columns = TableColumns(definition);
  return !definition.identity.empty() && view.columns.size() < columns.size() &&
         std::equal(view.columns.begin(), view.columns.end(), columns.begin(), IsSame);
}

Status CheckTableColumns(const dialect::spark::Definition& definition, const lake::View& view) {
  const auto columns = TableColumns(definition);
  if (std::ranges::equal(view.columns, columns, IsSame)) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "{}: table {}.{} has the columns ({}), and the SELECT makes ({}); either put the "
              "SELECT back, or have the table emptied and filled again from the beginning of the "
              "log (`steelthread pipeline pause {}`, `steelthread reload`, `steelthread pipeline "
              "reset {} --yes`), or give the pipeline a new name, under which it is filled so",
              definition.place, view.name.schema, view.name.name, ColumnList(view.columns),
              ColumnList(columns), definition.name, definition.name);
}

}  // namespace st::stream
