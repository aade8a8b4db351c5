#include "cli/exit_code.h"

#include <cstdio>
#include <iterator>
#include <nlohmann/json.hpp>

namespace st::cli {

void PrintError(const Error& error) {
  std::fprintf(stderr, "steelthread: %s\n", error.message().c_str());
}

void PrintWarning(const std::string& warning) {
  std::fprintf(stderr, "steelthread: warning: %s\n", warning.c_str());
}

std::int64_t PrintWarnings(const nlohmann::json& answer) {
  const auto warnings = answer.value("warnings", nlohmann::json::array());
  for (const auto& warning : warnings) PrintWarning(warning.get<std::string>());
  return std::ssize(warnings);
}

int ExitFor(const Error& error) {
  PrintError(error);
  return error.code() == ErrorCode::kCorruption ? kExitDamage : kExitFailed;
}

int ExitForServer(const Error& error) {
  const int code = ExitFor(error);
  return error.code() == ErrorCode::kUnavailable ? kExitNoServer : code;
}

int RefuseUsage(const Error& error) {
  PrintError(error);
  return kExitUsage;
}

}  // namespace st::cli
