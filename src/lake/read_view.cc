#include "lake/read_view.h"

#include "lake/names.h"
#include "lake/table_state.h"

namespace st::lake {

Result<std::shared_ptr<const View>> ReadView(os::FileSystem& fs, const std::string& warehouse,
                                             const TableName& name) {
  const Place place{.folder = os::JoinPath(os::JoinPath(warehouse, name.schema), name.name),
                    .location = {}};
  ST_TRY(auto version, NewestVersion(fs, place));
  while (true) {
    auto state = ReadTable(fs, name, place.folder);
    if (!state) {
      // What a version needs is removed once newer ones are there.
      ST_TRY(const auto newest, NewestVersion(fs, place));
      if (newest == version) return std::unexpected(state.error());
      version = newest;
    } else if (*state) {
      return std::move((*state)->view);
    } else {
      return Fail(ErrorCode::kNotFound, "there is no table {}.{}", name.schema, name.name);
    }
  }
}

Result<std::vector<TableName>> ListTables(os::FileSystem& fs, const std::string& warehouse) {
  std::vector<TableName> tables;
  for (const auto& schema : SchemaNames()) {
    const auto folders = fs.List(os::JoinPath(warehouse, schema));
    if (!folders && folders.error().code() == ErrorCode::kNotFound) continue;
    ST_TRY_STATUS(folders);
    for (const auto& folder : *folders) {
      TableName name{schema, folder};
      if (CheckName(name)) tables.push_back(std::move(name));
    }
  }
  return tables;
}

}  // namespace st::lake
