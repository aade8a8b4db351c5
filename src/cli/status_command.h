// `steelthread status`: shows the contents of the running server and the position of each part.
#pragma once

#include <string>

#include "app/config.h"

namespace st::cli {

struct StatusOptions {
  std::string format = "table";  // or "json": the status document as it is
  bool all = false;              // every topic, pipeline and table
  double watch_seconds = 0;      // 0: once
};
int ShowStatus(const app::Config& config, const StatusOptions& options);

}  // namespace st::cli
