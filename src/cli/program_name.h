// How a user starts this program: for messages that name a command.
#pragma once

#include <string>

#include "app/config.h"

namespace st::cli {

// What starts this program from the current folder: "steelthread" where PATH finds it, else its
// path.
std::string ProgramName();

// "steelthread up -C PROJECT", with --data where the data folder is not the project's own.
std::string UpCommand(const app::Config& config);

}  // namespace st::cli
