// `steelthread sql`: statements to the running server, or over the stopped folder itself.
#pragma once

#include <string>

#include "app/config.h"

namespace st::cli {

struct SqlOptions {
  std::string text;              // statements, separated by semicolons
  std::string file;              // -f: read from there; "-", or neither: stdin
  std::string format = "table";  // table json ndjson csv markdown
  std::string schema = "default";
};

// Prints rows to stdout, and counts and errors to stderr. Stops at the first statement that fails:
// 1; kExitNoServer: neither server nor data; kExitInterrupted after Ctrl-C, which cancels.
int RunSql(const app::Config& config, const SqlOptions& options);

}  // namespace st::cli
