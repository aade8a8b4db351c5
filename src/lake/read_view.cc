#include "lake/read_view.h"

#include "lake/table_state.h"

namespace st::lake {

Result<std::shared_ptr<const View>> ReadView(os::FileSystem& fs, const std::string& warehouse,
                                             const TableName& name) {
  const auto folder = os::JoinPath(os::JoinPath(warehouse, name.schema), name.name);
  ST_TRY(const bool exists, fs.Exists(folder));
  std::optional<TableState> state;
  if (exists) {
    ST_TRY(state, ReadTable(fs, name, folder));
  }
  if (state) return std::move(state->view);
  return Fail(ErrorCode::kNotFound, "there is no table {}.{}", name.schema, name.name);
}

}  // namespace st::lake
