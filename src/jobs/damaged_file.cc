#include "jobs/damaged_file.h"

#include <fmt/format.h>

#include "base/remedy.h"

namespace st::jobs {

std::string DamagedTableRemedy(std::string_view schema, std::string_view table) {
  // Dead letters come from many pipelines; no reset makes them all again.
  if (schema != "default") return std::string(kRestoreRemedy);
  return fmt::format(
      "`steelthread pipeline reset {}` fills it again from the log, if a pipeline or an event "
      "fills it; else {}",
      table, kRestoreRemedy);
}

std::string DamagedFileMessage(std::string_view schema, std::string_view table,
                               std::string_view location) {
  return fmt::format(
      "table {}.{}: its data file data/{} is missing or damaged; {} (`steelthread doctor` lists "
      "what is damaged)",
      schema, table, location.substr(location.rfind('/') + 1), DamagedTableRemedy(schema, table));
}

}  // namespace st::jobs
