// `steelthread pipeline run|pause|resume|accept|reset NAME`: asks the running server.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "app/config.h"

namespace st::cli {

// Has the running server run the pipeline from its table's position to the log's end.
int RunPipelineOnce(const app::Config& config, const std::string& name);

// Has the pipeline stop at the end of the step that it is in, until ResumePipeline.
int PausePipeline(const app::Config& config, const std::string& name);
int ResumePipeline(const app::Config& config, const std::string& name);

// Has the pipeline go on behind records that a repair of the log says are lost.
int AcceptLosses(const app::Config& config, const std::string& name);

struct ResetOptions {
  std::string name;
  bool is_sure = false;  // --yes; else it says what it would do, and nothing is changed
  bool no_wait = false;
};
// Empties the pipeline's table and has it filled again from the log's beginning; waits for that.
int ResetPipeline(const app::Config& config, const ResetOptions& options);

// The result of a run for people: one line.
std::string RenderRun(const nlohmann::json& report);

}  // namespace st::cli
