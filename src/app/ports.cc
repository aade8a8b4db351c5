#include "app/ports.h"

#include <fmt/format.h>

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

Error ListenError(const Config& config, const std::string& key, const std::string& address,
                  const Error& error) {
  const auto port = ParseInt64(address.substr(address.rfind(':') + 1));
  const auto holder = error.code() == ErrorCode::kUnavailable && port
                          ? os::FindListener(static_cast<std::uint16_t>(*port))
                          : std::nullopt;
  return Error(
      error.code(),
      fmt::format("{}: {}{} (from: {}); set another with --set {}=HOST:PORT", key, error.message(),
                  holder ? ", held by " + holder->ToString() : "", config.Origin(key), key));
}

Status CheckPortsFree(const Config& config) {
  std::optional<ErrorCode> code;
  std::string faults;
  for (const auto& [key, address] : ListenersOf(config)) {
    const auto listened = net::Listen(address);
    if (listened) continue;
    code = code.value_or(listened.error().code());
    faults += ListenError(config, key, address, listened.error()).message() + "\n";
  }
  if (!code) return {};
  return Fail(*code, "{}`steelthread doctor` shows all that a start needs", faults);
}

}  // namespace st::app
