// What a load run sends and how often, by the words of its command.
#pragma once

#include <memory>

#include "app/config.h"
#include "base/result.h"
#include "cli/load_command.h"
#include "client/discovery.h"
#include "client/load/runner.h"
#include "client/load/script.h"

namespace st::cli {

struct LoadPlan {
  std::unique_ptr<client::load::Script> script;
  double rate = 0;  // requests a second of --rate declared; 0 without that
};

// The numbers of the command, but for --rate declared.
// Errors: kInvalidArgument names the option.
Result<client::load::RunOptions> ReadRunOptions(const LoadOptions& options);

// Reads the events and items of the project folder.
// Errors: kInvalidArgument nothing of it can be sent to the target, with the remedy.
Result<LoadPlan> MakeLoadPlan(const app::Config& config, const client::ServerDescription& target,
                              const LoadOptions& options);

}  // namespace st::cli
