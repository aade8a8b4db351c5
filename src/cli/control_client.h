// Asks the running server of a data folder over its control socket.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "log/end_mark.h"

namespace st::cli {

struct ServerRequest {
  std::string method = "GET";
  std::string target;
  nlohmann::json body = nullptr;  // null: none
};

// The parsed body of a 200.
// Errors: kUnavailable no server runs; kNotFound the server answers 404; kIo it answers otherwise.
//         The message is the problem's detail.
Result<nlohmann::json> AskServer(const app::Config& config, const ServerRequest& request,
                                 std::int64_t timeout_us);
// What the server does to a pipeline, table, consumer group or topic: POST /pipelines/NAME/VERB,
// and so on.
struct ServerAct {
  std::string verb;
  std::string name;
  nlohmann::json arguments = nullptr;  // null: none
};
Result<nlohmann::json> ActOnPipeline(const app::Config& config, const ServerAct& act,
                                     std::int64_t timeout_us);
Result<nlohmann::json> ActOnTable(const app::Config& config, const ServerAct& act,
                                  std::int64_t timeout_us);
Result<nlohmann::json> ActOnGroup(const app::Config& config, const ServerAct& act,
                                  std::int64_t timeout_us);
Result<nlohmann::json> ActOnTopic(const app::Config& config, const ServerAct& act,
                                  std::int64_t timeout_us);
// The status document.
Result<nlohmann::json> AskStatus(const app::Config& config);
// The full names of the tables that the server has; only `name` unless it is "".
Result<std::vector<std::string>> AskTables(const app::Config& config, const std::string& name);

// How far the log is durable, as a status document says; nullopt: it does not.
std::optional<log::EndMark> DurableEnd(const nlohmann::json& status);
// The same of the server that runs on the folder; nullopt: none runs, or it does not answer.
std::optional<log::EndMark> AskDurableEnd(const app::Config& config);

}  // namespace st::cli
