#include "cli/program_name.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "base/text.h"

namespace st::cli {

std::string ProgramName() {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return "steelthread";
  const char* path = std::getenv("PATH");
  for (const auto folder : Split(path == nullptr ? "" : path, ':')) {
    const auto found = std::filesystem::path(folder) / "steelthread";
    if (::access(found.c_str(), X_OK) != 0) continue;
    if (std::filesystem::equivalent(found, own, error)) return "steelthread";
    break;
  }
  const auto here = std::filesystem::current_path(error);
  const auto near = own.lexically_relative(here).string();
  return error || near.empty() || near.starts_with("..") ? own.string()
         : near.contains('/')                            ? near
                                                         : "./" + near;
}

std::string UpCommand(const app::Config& config) {
  const auto own = std::filesystem::path(config.project) / ".steelthread";
  const bool is_own = own.lexically_normal() == std::filesystem::path(config.data_dir);
  return fmt::format("steelthread up -C {}{}", config.project,
                     is_own ? "" : " --data " + config.data_dir);
}

}  // namespace st::cli
