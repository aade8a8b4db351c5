// `steelthread pipeline preview`: the rows that a pipeline would make of the newest records.
#pragma once

#include <cstdint>
#include <string>

#include "app/config.h"

namespace st::cli {

struct PreviewOptions {
  std::string name;
  std::int64_t records = 10;
  std::string format = "table";
};
int PreviewPipeline(const app::Config& config, const PreviewOptions& options);

}  // namespace st::cli
