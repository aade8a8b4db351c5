#include "cli/place.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "os/file_system.h"

namespace st::cli {

void Complain(const Error& error) {
  std::fprintf(stderr, "steelthread: %s\n", error.message().c_str());
}

int ExitFor(const Error& error) {
  Complain(error);
  return error.code() == ErrorCode::kCorruption ? kExitDamage : kExitFailed;
}

Result<std::string> Endpoint(const app::Config& config, const std::string& name) {
  const auto fs = os::MakePosixFileSystem();
  const std::string path = config.data_dir + "/run/endpoints.json";
  const auto text = os::ReadWholeFile(*fs, path, 1 << 16);
  if (!text) {
    return Fail(ErrorCode::kUnavailable,
                "no server runs on {}: start one with `steelthread up -C {}`", config.data_dir,
                config.project);
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

int NoServer(const Error& error) {
  Complain(error);
  return error.code() == ErrorCode::kUnavailable ? kExitNoServer : kExitFailed;
}

}  // namespace st::cli
