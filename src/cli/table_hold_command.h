// `steelthread table hold|release`: snapshots that stay for a reader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "app/config.h"

namespace st::cli {

struct TableHoldOptions {
  std::string name;  // the table, as TableOptions
  std::string hold;  // its name
  std::optional<std::int64_t> snapshot;
  std::string as_of;            // a time; "": `snapshot`, or the current one
  std::string duration = "1d";  // as duration.h reads it
};

// Has the running server set or release a hold; the exit code of the command.
int HoldTable(const app::Config& config, const TableHoldOptions& options);
int ReleaseTable(const app::Config& config, const TableHoldOptions& options);

}  // namespace st::cli
