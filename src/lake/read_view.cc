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

Result<std::optional<TableState>> ReadOnce(Storage& storage, const TableName& name,
                                           std::optional<SnapshotId> snapshot) {
  ST_TRY(auto state, ReadTable(storage, name));
  if (state && snapshot) ST_TRY_STATUS(TurnTo(storage, *snapshot, *state));
  return state;
}

}  // namespace

Result<std::shared_ptr<const View>> ReadView(Storage& storage, const TableName& name,
                                             std::optional<SnapshotId> snapshot) {
  const auto folder = FolderOf(storage, name);
  ST_TRY(auto version, NewestVersion(storage, folder));
  while (true) {
    auto state = ReadOnce(storage, name, snapshot);
    if (!state) {
      // A newer version may have appeared, and the files of this one may have been removed.
      ST_TRY(const auto newest, NewestVersion(storage, folder));
      if (newest == version) return std::unexpected(state.error());
      version = newest;
    } else if (*state) {
      return std::move((*state)->view);
    } else {
      return Fail(ErrorCode::kNotFound, "there is no table {}.{}", name.schema, name.name);
    }
  }
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
