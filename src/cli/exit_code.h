// The exit codes of the commands, and the errors and warnings that they print to stderr.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"

namespace st::cli {

inline constexpr int kExitFailed = 1;    // refused or failed
inline constexpr int kExitUsage = 2;     // the words of the command are wrong
inline constexpr int kExitNoServer = 3;  // no server answers
inline constexpr int kExitDamage = 5;    // damage was found
inline constexpr int kExitInterrupted = 130;

void PrintError(const Error& error);
void PrintWarning(const std::string& warning);
// The "warnings" of a server's answer; returns their number.
std::int64_t PrintWarnings(const nlohmann::json& answer);

// Each prints the error and returns the exit code for it.
int ExitFor(const Error& error);
// Where the error may be that no server runs.
int ExitForServer(const Error& error);
int RefuseUsage(const Error& error);

}  // namespace st::cli
