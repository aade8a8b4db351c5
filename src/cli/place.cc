#include "cli/place.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "os/file_system.h"

namespace st::cli {
namespace {

std::unexpected<Error> NoneRuns(const app::Config& config) {
  return Fail(ErrorCode::kUnavailable, "no server runs on {}: start one with `{}`", config.data_dir,
              UpCommand(config));
}

}  // namespace

void Complain(const Error& error) {
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
  Complain(error);
  return error.code() == ErrorCode::kCorruption ? kExitDamage : kExitFailed;
}

int RefuseUsage(const Error& error) {
  Complain(error);
  return kExitUsage;
}

int NoServer(const Error& error) {
  Complain(error);
  return error.code() == ErrorCode::kUnavailable ? kExitNoServer : kExitFailed;
}

std::string ProgramWord() {
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

Status CheckMayUse(const app::Config& config) {
  std::error_code unread;
  // What is no folder is the command's own to complain of.
  if (!std::filesystem::is_directory(config.data_dir, unread)) return {};
  const auto owner = os::FindOwner(config.data_dir);
  if (!owner || ::access(config.data_dir.c_str(), R_OK | W_OK | X_OK) == 0) return {};
  const auto& name = owner->name;
  return Fail(ErrorCode::kInvalidArgument,
              "{} belongs to {}: only {} may use it; run the command as {}, such as `sudo -u {} "
              "steelthread …`",
              config.data_dir, name, name == "root" ? name : name + " and root", name, name);
}

Result<os::ProcessInfo> FindServer(const app::Config& config) {
  ST_TRY_STATUS(CheckMayUse(config));
  if (const auto holder = os::FindLockHolder(config.data_dir)) return *holder;
  const auto fs = os::MakePosixFileSystem();
  // A holder that /proc/locks does not show, such as one of another container, wrote its number.
  const auto text = os::ReadWholeFile(*fs, config.data_dir + "/run/pid", 100);
  if (!text || fs->Lock(config.data_dir)) return NoneRuns(config);
  return os::ProcessInfo{static_cast<pid_t>(ParseInt64(Trim(*text)).value_or(0)), ""};
}

Result<std::string> Endpoint(const app::Config& config, const std::string& name) {
  ST_TRY(const auto process, FindServer(config));
  const auto fs = os::MakePosixFileSystem();
  const std::string path = config.data_dir + "/run/endpoints.json";
  const auto text = os::ReadWholeFile(*fs, path, 1 << 16);
  if (!text && !fs->Exists(config.data_dir + "/run/pid").value_or(true)) {
    return Fail(
        ErrorCode::kUnavailable,
        "{} has {} open and its folder run/ was deleted, so that no command reaches it: end "
        "it with `kill {}` and start it again",
        process.ToString(), config.data_dir, process.pid);
  }
  if (!text) {
    return Fail(ErrorCode::kUnavailable,
                "{} has {} open and answers no command now: it starts, stops or is no server; try "
                "again",
                process.ToString(), config.data_dir);
  }
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !json.contains(name) || !json[name].is_string()) {
    return Fail(ErrorCode::kIo, "{} names no {} address", path, name);
  }
  return json[name].get<std::string>();
}

Result<KafkaClient> ConnectKafka(const app::Config& config) {
  ST_TRY(const auto address, Endpoint(config, "kafka"));
  return KafkaClient::Connect(address);
}

}  // namespace st::cli
