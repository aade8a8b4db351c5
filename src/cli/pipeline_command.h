// `steelthread pipeline run NAME --once`.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "app/config.h"

namespace st::cli {

// Has the running server run the pipeline from its table's position to the log's end.
int RunPipelineOnce(const app::Config& config, const std::string& name);

// The result of a run for people: one line.
std::string RenderRun(const nlohmann::json& report);

}  // namespace st::cli
