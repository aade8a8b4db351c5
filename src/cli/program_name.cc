#include "cli/program_name.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "base/quote.h"
#include "base/text.h"
#include "os/environment.h"
#include "os/paths.h"
#include "os/process.h"

namespace st::cli {

std::string ProgramName() {
  const auto own = os::ExecutablePath();
  if (!own) return "steelthread";
  const char* path = os::FindVariable("PATH");
  for (const auto folder : Split(path == nullptr ? "" : path, ':')) {
    const auto found = (std::filesystem::path(folder) / "steelthread").string();
    if (!os::IsExecutable(found)) continue;
    if (os::IsSameFile(found, *own)) return "steelthread";
    break;
  }
  const auto here = os::WorkingDir();
  if (!here) return *own;
  const auto near = std::filesystem::path(*own).lexically_relative(*here).string();
  if (near.empty() || near.starts_with("..")) return *own;
  return near.contains('/') ? near : "./" + near;
}

std::string UpCommand(const app::Config& config) {
  const auto own = std::filesystem::path(config.project) / ".steelthread";
  const bool is_own = own.lexically_normal() == std::filesystem::path(config.data_dir);
  return fmt::format("steelthread up -C {}{}", ShellWord(config.project),
                     is_own ? "" : " --data " + ShellWord(config.data_dir));
}

}  // namespace st::cli
