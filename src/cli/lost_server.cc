#include "cli/lost_server.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "app/ports.h"
#include "base/quote.h"
#include "base/text.h"
#include "cli/control_client.h"
#include "os/paths.h"

namespace st::cli {
namespace {

constexpr std::int64_t kAskTimeoutUs = 2'000'000;

// Where the server whose data folder lies at `folder` now was started; nullopt: it does not say so.
std::optional<std::string> StartedOn(const app::Config& config, const std::string& folder) {
  auto elsewhere = config;
  elsewhere.data_dir = folder;
  const auto status = AskServer(elsewhere, {.target = "/status"}, kAskTimeoutUs);
  if (!status || !status->is_object()) return std::nullopt;
  return status->value("data_dir", "");
}

// Whether it listens on a port of the settings.
bool HoldsPortOf(const app::Config& config, const LostServer& server) {
  return std::ranges::any_of(app::ListenersOf(config), [&](const auto& listener) {
    const auto& address = listener.second;
    const auto port = ParseInt64(address.substr(address.rfind(':') + 1));
    return port && std::ranges::any_of(server.ports, [&](auto held) { return held == *port; });
  });
}

}  // namespace

std::optional<LostServer> FindLostServer(const app::Config& config) {
  const auto canonical = os::CanonicalPath(config.data_dir);
  const auto& path = canonical ? *canonical : config.data_dir;
  std::optional<LostServer> holder;
  for (auto& locked : os::FindLockedFolders()) {
    if (!locked.process.command.starts_with("steelthread")) continue;
    LostServer server{.process = std::move(locked.process),
                      .folder = std::move(locked.path),
                      .is_removed = locked.is_removed};
    server.ports = os::ListeningPorts(server.process.pid);
    const auto started_on = server.is_removed ? server.folder : StartedOn(config, server.folder);
    server.is_ours = started_on == path || started_on == config.data_dir;
    if (server.is_ours) return server;
    // A server that says that it was started on another folder is well there.
    const bool may_be_lost = server.is_removed || !started_on;
    if (may_be_lost && HoldsPortOf(config, server)) holder = std::move(server);
  }
  return holder;
}

std::string DescribeLost(const app::Config& config, const LostServer& server) {
  std::string text = server.process.ToString();
  if (server.is_removed) {
    text += fmt::format(" runs on a data folder that was removed from {}", server.folder);
  } else if (server.is_ours) {
    text += fmt::format(" was started on {}, and its data folder lies at {} now", config.data_dir,
                        server.folder);
  } else {
    text += fmt::format(" has {} open and does not answer", server.folder);
  }
  if (!server.ports.empty()) {
    text += fmt::format(", and holds port{} {}", server.ports.size() == 1 ? "" : "s",
                        fmt::join(server.ports, ", "));
  }
  return text;
}

std::string RemedyOfLost(const app::Config& config, const LostServer& server) {
  const auto down = [](const std::string& folder) {
    return fmt::format("end it with `steelthread down --data {}`", ShellWord(folder));
  };
  if (server.is_ours) {
    return server.is_removed ? down(config.data_dir)
                             : "move the folder back, or " + down(config.data_dir);
  }
  if (!server.is_removed) return down(server.folder);
  return fmt::format("end it with `kill {}`", server.process.pid);
}

}  // namespace st::cli
