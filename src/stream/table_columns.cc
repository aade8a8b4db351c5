#include "stream/table_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace st::stream {

std::vector<lake::Column> TableColumns(const dialect::spark::Definition& definition) {
  std::vector<lake::Column> columns;
  for (const auto& column : definition.columns) {
    columns.push_back({.id = static_cast<int>(columns.size()) + 1,
                       .name = column.name,
                       .type = column.iceberg_type,
                       .doc = column.comment});
  }
  return columns;
}

namespace {

constexpr const char* kComment = "comment";

// The name of a column of the table once it has `columns`; "": it goes.
std::string NameWith(const std::vector<lake::Column>& columns, const lake::View& view,
                     const std::string& name) {
  const auto was = std::ranges::find(view.columns, name, &lake::Column::name);
  if (was == view.columns.end()) return "";
  const auto now = std::ranges::find(columns, was->id, &lake::Column::id);
  return now == columns.end() ? "" : now->name;
}

// The table's layout once it has `columns`.
TableLayout LayoutWith(const std::vector<lake::Column>& columns, const lake::View& view) {
  auto layout = view.layout;
  for (auto& field : layout.partition) field.column = NameWith(columns, view, field.column);
  for (auto& field : layout.sort) field.column = NameWith(columns, view, field.column);
  std::erase_if(layout.partition, [](const auto& field) { return field.column.empty(); });
  std::erase_if(layout.sort, [](const auto& field) { return field.column.empty(); });
  return layout;
}

}  // namespace

Result<lake::Evolution> EvolutionOf(const dialect::spark::Definition& definition,
                                    const lake::View& view) {
  const auto columns = TableColumns(definition);
  auto evolution = lake::PlanEvolution(view, columns,
                                       {.renames = definition.renames, .drops = definition.drops});
  if (evolution.obstacles.empty()) return evolution;
  const auto reset = fmt::format(
      ", or have the table emptied and filled again from the beginning of the log (`steelthread "
      "pipeline pause {0}`, `steelthread reload`, `steelthread pipeline reset {0} --yes`)",
      definition.name);
  return Fail(ErrorCode::kInvalidArgument,
              "{}: table {}.{} has the columns ({}), and the SELECT makes ({}): {}; either change "
              "the SELECT{}, or give the pipeline a new name, under which it is filled so",
              definition.place, view.name.schema, view.name.name, lake::ColumnList(view.columns),
              lake::ColumnList(columns), fmt::join(evolution.obstacles, "; "),
              evolution.is_cured_by_reset ? reset : "");
}

std::string LayoutChange(const dialect::spark::Definition& definition, const lake::View& view,
                         const std::vector<lake::Column>& columns) {
  const auto& layout = definition.layout;
  if (layout == LayoutWith(columns, view)) return "";
  const auto by = [](const char* how, const std::string& fields) {
    return fields.empty() ? fmt::format("not {}", how) : fmt::format("{} by {}", how, fields);
  };
  return fmt::format("new files are {}, {}; the others stay as they are",
                     by("partitioned", Describe(layout.partition)),
                     by("sorted", Describe(layout.sort)));
}

PropertyChange PropertyChangeOf(const dialect::spark::Definition& definition,
                                const lake::View& view) {
  PropertyChange change;
  for (const auto& [key, value] : definition.properties) {
    const auto has = view.properties.find(key);
    if (has != view.properties.end() && has->second == value) continue;
    change.set[key] = value;
    change.texts.push_back(key == kComment ? "changes the comment of the table"
                                           : fmt::format("sets property {} to '{}'", key, value));
  }
  if (view.properties.contains(kComment) && !definition.properties.contains(kComment)) {
    change.removed.emplace_back(kComment);
    change.texts.emplace_back("removes the comment of the table");
  }
  return change;
}

}  // namespace st::stream
