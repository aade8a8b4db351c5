// `steelthread status`: shows the contents of the running server and the position of each part.
#pragma once

#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "app/config.h"
#include "base/result.h"
#include "log/end_mark.h"

namespace st::cli {

struct StatusOptions {
  std::string format = "table";  // or "json": the status document as it is
  bool all = false;              // every pipeline and table
  double watch_seconds = 0;      // 0: once
};
int ShowStatus(const app::Config& config, const StatusOptions& options);

// The status document of a server, for people.
// `all`: also the pipelines and tables that have neither rows nor trouble.
std::string RenderStatus(const nlohmann::json& status, bool all);

// One request to the running server's control socket; the parsed body of a 200. Otherwise the
// problem's detail. kUnavailable: no server runs.
Result<nlohmann::json> AskServer(const app::Config& config, const std::string& method,
                                 const std::string& target, std::int64_t timeout_us);

// How far the log is durable, as a status document says; nullopt: it does not.
std::optional<log::EndMark> DurableEnd(const nlohmann::json& status);
// The same of the server that runs on the folder; nullopt: none runs, or it does not answer.
std::optional<log::EndMark> AskDurableEnd(const app::Config& config);

}  // namespace st::cli
