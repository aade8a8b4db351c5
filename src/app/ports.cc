#include "app/ports.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.h"
#include "net/address.h"
#include "os/proc.h"

namespace st::app {

std::vector<std::pair<std::string, std::string>> ListenersOf(const Config& config) {
  return {{"http.listen", config.http_listen},
          {"kafka.listen", config.kafka_listen},
          {"sql.listen", config.sql_listen},
          {"catalog.listen", config.catalog_listen}};
}

namespace {

// Whether a socket on one of the addresses keeps another off the other: "0.0.0.0:1" has the port of
// every IPv4 address, and "[::]:1" of every address.
bool Overlap(const std::string& a, const std::string& b) {
  const auto one = net::ParseAddress(a);
  const auto other = net::ParseAddress(b);
  if (!one || !other) return false;
  const auto split = [](const std::string& text) {
    const auto colon = text.rfind(':');
    return std::pair(text.substr(0, colon), text.substr(colon + 1));
  };
  const auto [host, port] = split(net::ToString(*one));
  const auto [other_host, other_port] = split(net::ToString(*other));
  if (port != other_port || port == "0") return false;
  const auto has = [](const std::string& all, const std::string& of) {
    return all == "[::]" || (all == "0.0.0.0" && !of.starts_with('['));
  };
  return host == other_host || has(host, other_host) || has(other_host, host);
}

}  // namespace

Status CheckListeners(const Config& config) {
  const auto listeners = ListenersOf(config);
  for (auto one = listeners.begin(); one != listeners.end(); ++one) {
    const auto& [key, address] = *one;
    const auto other = std::find_if(listeners.begin(), one, [&](const auto& before) {
      return Overlap(before.second, address);
    });
    if (other == one) continue;
    const auto& [other_key, other_address] = *other;
    if (other_address == address) {
      return Fail(ErrorCode::kInvalidArgument,
                  "{} (from: {}) and {} (from: {}) are both {}; set another", other_key,
                  config.Origin(other_key), key, config.Origin(key), address);
    }
    return Fail(ErrorCode::kInvalidArgument,
                "{} is {} (from: {}) and {} is {} (from: {}), which have one port; set another",
                other_key, other_address, config.Origin(other_key), key, address,
                config.Origin(key));
  }
  return {};
}

namespace {

// Finds the process that listens on the address. Returns nullopt if none does, or if it is not
// visible to us.
std::optional<os::ProcessInfo> HolderOf(const std::string& address, const Error& error) {
  const auto port = ParseInt64(address.substr(address.rfind(':') + 1));
  if (error.code() != ErrorCode::kUnavailable || !port) return std::nullopt;
  return os::FindListener(static_cast<std::uint16_t>(*port));
}

// ", held by process 7 (steelthread up)", with the data folder of a server that lost it.
std::string HeldBy(const os::ProcessInfo& holder) {
  for (const auto& locked : os::FindLockedFolders()) {
    if (locked.process.pid != holder.pid || !locked.is_removed) continue;
    return fmt::format(", held by {}, whose data folder was removed from {}: `kill {}` ends it",
                       holder.ToString(), locked.path, holder.pid);
  }
  return ", held by " + holder.ToString();
}

}  // namespace

Error ListenFault(const Config& config, const std::string& key, const std::string& address,
                  const Error& error) {
  const auto holder = HolderOf(address, error);
  return Error(error.code(), fmt::format("{}: {}{} (from: {})", key, error.message(),
                                         holder ? HeldBy(*holder) : "", config.Origin(key)));
}

Error ListenError(const Config& config, const std::string& key, const std::string& address,
                  const Error& error) {
  const auto fault = ListenFault(config, key, address, error);
  return Error(fault.code(),
               fmt::format("{}; set another with --set {}=HOST:PORT", fault.message(), key));
}

Status CheckPortsFree(const Config& config) {
  if (os::FindLockHolder(config.data_dir)) return {};
  std::optional<ErrorCode> code;
  std::vector<std::string> faults;
  for (const auto& [key, address] : ListenersOf(config)) {
    const auto listened = net::Listen(address);
    if (listened) continue;
    code = code.value_or(listened.error().code());
    faults.push_back(ListenError(config, key, address, listened.error()).message());
  }
  if (!code) return {};
  constexpr std::string_view kNext = "`steelthread doctor` shows all that a start needs";
  if (faults.size() == 1) return Fail(*code, "{}; {}", faults[0], kNext);
  return Fail(*code, "{} addresses cannot be listened on:\n  {}\n{}", faults.size(),
              fmt::join(faults, "\n  "), kNext);
}

std::string TrustWarning(const std::string& http_address) {
  return fmt::format(
      "the ports do not authenticate: anyone who can connect to {} can act as any player; let "
      "only those reach it whom you trust",
      http_address);
}

}  // namespace st::app
