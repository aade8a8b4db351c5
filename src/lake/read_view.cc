#include "lake/read_view.h"

#include <utility>

#include "lake/names.h"
#include "lake/table_state.h"

namespace st::lake {

Result<std::shared_ptr<const View>> ReadView(Storage& storage, const TableName& name) {
  const auto folder = FolderOf(storage, name);
  ST_TRY(auto version, NewestVersion(storage, folder));
  while (true) {
    auto state = ReadTable(storage, name);
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
