// `steelthread generate spark`: what Spark needs to run the project's pipelines.
#pragma once

#include <string>

#include "app/config.h"

namespace st::cli {

struct GenerateOptions {
  std::string to;  // "": the project's folder
  bool may_replace = false;
};
int GenerateSpark(const app::Config& config, const GenerateOptions& options);

}  // namespace st::cli
