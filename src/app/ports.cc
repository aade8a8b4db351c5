#include "app/ports.h"

#include <fmt/ranges.h>

#include <map>
#include <optional>

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

Status CheckListeners(const Config& config) {
  std::map<std::string, std::string> seen;
  for (const auto& [key, address] : ListenersOf(config)) {
    if (address.ends_with(":0")) continue;
    const auto [at, is_new] = seen.emplace(address, key);
    if (is_new) continue;
    return Fail(ErrorCode::kInvalidArgument, "{} and {} are both {} (from: {}); set another",
                at->second, key, address, config.Origin(key));
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

}  // namespace

Error ListenFault(const Config& config, const std::string& key, const std::string& address,
                  const Error& error) {
  const auto holder = HolderOf(address, error);
  return Error(error.code(),
               fmt::format("{}: {}{} (from: {})", key, error.message(),
                           holder ? ", held by " + holder->ToString() : "", config.Origin(key)));
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
