#include "cli/server_locator.h"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/program_name.h"
#include "os/file_system.h"
#include "os/paths.h"

namespace st::cli {
namespace {

std::unexpected<Error> NoneRuns(const app::Config& config) {
  return Fail(ErrorCode::kUnavailable, "no server runs on {}: start one with `{}`", config.data_dir,
              UpCommand(config));
}

}  // namespace

Status CheckMayUse(const app::Config& config) {
  // The command itself reports a path that is no folder.
  if (os::KindOfPath(config.data_dir) != os::PathKind::kFolder) return {};
  const auto owner = os::FindOwner(config.data_dir);
  if (!owner || os::MayUseFolder(config.data_dir)) return {};
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
  // /proc/locks does not show a holder in another container, but the holder wrote its process id.
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

Result<client::KafkaClient> ConnectKafka(const app::Config& config, client::KafkaUse use) {
  ST_TRY(const auto address, Endpoint(config, "kafka"));
  return client::KafkaClient::Connect(address, use);
}

}  // namespace st::cli
