#include "lake/read_view.h"

#include <optional>
#include <utility>

#include "lake/names.h"
#include "lake/table_state.h"

namespace st::lake {
namespace {

// Makes `snapshot` the current one of a table that is only read.
Status TurnTo(Storage& storage, SnapshotId id, TableState& state) {
  const auto* snapshot = state.metadata.FindSnapshot(id.value());
  if (snapshot == nullptr) {
    return Fail(ErrorCode::kNotFound,
                "{} has no snapshot {}, or has it no more: `steelthread table history {}` lists "
                "those that can be read",
                FullName(state.name), id.value(), FullName(state.name));
  }
  ST_TRY(state.manifests, ReadSnapshot(storage, state.folder, *snapshot));
  state.metadata.current_snapshot_id = snapshot->id;
  state.metadata.current_schema_id = snapshot->schema_id;
  PublishView(storage, state.view->metadata_json, state);
  return {};
}

}  // namespace

Result<std::shared_ptr<const View>> ReadView(Storage& storage, const TableName& name,
                                             std::optional<SnapshotId> snapshot) {
  auto state = ReadTableBesideOwner(storage, name, [&](TableState& read) -> Status {
    return snapshot ? TurnTo(storage, *snapshot, read) : Status();
  });
  if (!state) return std::unexpected(state.error());
  if (*state) return std::move((*state)->view);
  return Fail(ErrorCode::kNotFound, "there is no table {}.{}", name.schema, name.name);
}

Result<std::vector<TableName>> ListTables(Storage& storage) {
  std::vector<TableName> tables;
  for (const auto& schema : SchemaNames()) {
    ST_TRY(const auto folders, storage.List(JoinLocation(storage.root(), schema)));
    for (const auto& folder : folders) {
      TableName name{schema, folder};
      if (CheckName(name)) tables.push_back(std::move(name));
    }
  }
  return tables;
}

}  // namespace st::lake
