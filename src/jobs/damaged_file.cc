#include "jobs/damaged_file.h"

#include <fmt/format.h>

namespace st::jobs {

std::string DamagedTableRemedy(std::string_view schema, std::string_view table) {
  constexpr std::string_view kRestore =
      "stop the server and restore the data folder as a whole from a copy";
  // Dead letters come from many pipelines; no reset makes them all again.
  if (schema != "default") return std::string(kRestore);
  return fmt::format(
      "`steelthread pipeline reset {}` fills it again from the log, if a pipeline or an event "
      "fills it; else {}",
      table, kRestore);
}

std::string DamagedFileMessage(std::string_view schema, std::string_view table,
                               std::string_view location) {
  return fmt::format(
      "table {}.{}: its data file data/{} is missing or damaged; {} (`steelthread doctor` lists "
      "what is damaged)",
      schema, table, location.substr(location.rfind('/') + 1), DamagedTableRemedy(schema, table));
}

}  // namespace st::jobs
