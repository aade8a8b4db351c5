#include "stream/flow_tables.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/column_type.h"
#include "base/record_columns.h"
#include "stream/progress.h"
#include "stream/standing.h"
#include "stream/table_columns.h"

namespace st::stream {
namespace {

std::vector<lake::Column> BadColumns() {
  std::vector<lake::Column> columns;
  for (const auto& column : kDeadColumns) {
    columns.push_back({.id = static_cast<int>(columns.size()) + 1,
                       .name = std::string(column.name),
                       .type = IcebergName({.kind = column.kind})});
  }
  return columns;
}

struct NewTable {
  lake::TableName name;
  std::vector<lake::Column> columns;
  Progress progress;
  std::map<std::string, std::string> properties;
  TableLayout layout = {};
};

Result<std::shared_ptr<const lake::View>> Open(const Dependencies& to, NewTable table) {
  table.properties[kOffsetsProperty] = EncodeProgress(table.progress);
  constexpr int kTries = 2;
  for (int i = 0; i < kTries; ++i) {
    auto view = to.lake.LoadForCommit(table.name);
    if (view || view.error().code() != ErrorCode::kNotFound) return view;
    view = to.lake.Create(table.name, table.columns, table.properties, table.layout);
    if (view) return view;
    const ErrorCode code = view.error().code();  // another thread may have created it
    if (code != ErrorCode::kAlreadyExists && code != ErrorCode::kOutcomeUnknown) return view;
  }
  return to.lake.LoadForCommit(table.name);
}

// bad.rows has a position of the flow: a table of its name was dropped.
bool HadTable(const Dependencies& to, const std::string& flow) {
  const auto bad = to.lake.LoadForCommit(kBadRows);
  if (!bad) return false;
  const auto property = (*bad)->properties.find(kOffsetsProperty);
  if (property == (*bad)->properties.end()) return false;
  const auto progress = DecodeProgress(property->second);
  return progress && !FlowOf(*progress, flow).topics.empty();
}

}  // namespace

lake::TableName TableOf(const dialect::spark::Definition& definition) {
  return {.schema = "default", .name = definition.name};
}

Result<std::shared_ptr<const lake::View>> OpenTable(const Dependencies& to,
                                                    const dialect::spark::Definition& definition) {
  auto view = to.lake.LoadForCommit(TableOf(definition));
  if (view || view.error().code() != ErrorCode::kNotFound) return view;
  NewTable table{.name = TableOf(definition),
                 .columns = TableColumns(definition),
                 .progress = {.log_id = to.log.id(), .flows = {{definition.name, {}}}},
                 .properties = definition.properties,
                 .layout = definition.layout};
  table.properties[kDefinitionsProperty] = "[]";
  // The dead letters of the dropped table are taken out before the first record is moved again.
  if (HadTable(to, definition.name)) {
    table.properties[kRedoProperty] = EncodeProgress(table.progress);
  }
  return Open(to, std::move(table));
}

Result<std::shared_ptr<const lake::View>> OpenBadRows(const Dependencies& to) {
  return Open(to, {.name = kBadRows,
                   .columns = BadColumns(),
                   .progress = {.log_id = to.log.id(), .flows = {}},
                   .properties = {{"comment", "records that no pipeline could take"}}});
}

}  // namespace st::stream
