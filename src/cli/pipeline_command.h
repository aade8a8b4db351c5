// `steelthread pipeline run NAME --once`.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "app/config.h"

namespace st::cli {

// Has the running server take the pipeline from where its table stands to the log's end.
int RunPipelineOnce(const app::Config& config, const std::string& name);

// What a run did, for people: one line.
std::string RenderRun(const nlohmann::json& report);

}  // namespace st::cli
