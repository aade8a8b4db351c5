#include "stream/table_job.h"

namespace st::stream {

jobs::TransformJob TableJob(const dialect::spark::Definition& definition, const lake::View& table) {
  jobs::TransformJob job{.sql = dialect::spark::TableSql(definition),
                         .sources = {},
                         .is_json = definition.is_json,
                         .require = definition.require,
                         .event_rules = definition.event_rules,
                         .output_path = {},
                         .layout = table.layout,
                         .bad_output_path = {},
                         .pipeline = definition.name,
                         .flow = definition.name,
                         .columns = {},
                         .dead = {},
                         .state_in = {},
                         .state_out = {}};
  // Those of the SELECT, with the ids that the table gave them.
  for (const auto& column : table.columns) {
    job.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
  }
  return job;
}

}  // namespace st::stream
