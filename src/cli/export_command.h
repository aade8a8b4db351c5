// `steelthread table export`: the rows of a table as a file.
#pragma once

#include <cstdint>
#include <string>

#include "app/config.h"

namespace st::cli {

struct ExportOptions {
  std::string name;           // as TableOptions
  std::string to;             // a path; "-": stdout
  std::string format;         // parquet, csv or ndjson; "": by the suffix of `to`
  std::int64_t snapshot = 0;  // its id; 0: the current one
  bool may_replace = false;
};

// Writes the rows of a snapshot in the order of the table, with or without a running
// server. Each data file is compared with its commit first. The file has its name once it is whole.
// The exit code of the command; kExitDamage: a data file is damaged.
int ExportTable(const app::Config& config, const ExportOptions& options);

}  // namespace st::cli
