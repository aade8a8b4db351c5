#include "cli/control_client.h"

#include "api/control/control_api.h"
#include "app/data_dir.h"
#include "base/percent.h"
#include "cli/server_locator.h"
#include "net/http_client.h"

namespace st::cli {
namespace {

constexpr std::int64_t kStatusTimeoutUs = 10'000'000;

ServerRequest RequestFor(const std::string& path, const ServerAct& act) {
  return {.method = "POST",
          .target = path + PercentEncodePath(act.name) + "/" + act.verb,
          .body = act.arguments};
}

}  // namespace

Result<nlohmann::json> AskServer(const app::Config& config, const ServerRequest& request,
                                 std::int64_t timeout_us) {
  ST_TRY_STATUS(Endpoint(config, "http"));
  const auto reply = net::Fetch(
      "unix:" + app::DataDir::ControlPath(config.data_dir),
      {.method = request.method,
       .target = request.target,
       .headers = {},
       .body = request.body.is_null()
                   ? ""
                   : request.body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)},
      {.timeout_us = timeout_us});
  if (!reply) return std::unexpected(reply.error());
  auto json = nlohmann::json::parse(reply->body, nullptr, false);
  if (json.is_discarded()) return Fail(ErrorCode::kIo, "the server's answer is not JSON");
  if (reply->status == 200) return json;
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : "";
  };
  const auto code = text("code") == api::kDamageCode ? ErrorCode::kCorruption
                    : reply->status == 404           ? ErrorCode::kNotFound
                                                     : ErrorCode::kIo;
  return Fail(code, "{}", text("detail"));
}

Result<nlohmann::json> AskStatus(const app::Config& config) {
  return AskServer(config, {.target = "/status"}, kStatusTimeoutUs);
}

Result<nlohmann::json> ActOnPipeline(const app::Config& config, const ServerAct& act,
                                     std::int64_t timeout_us) {
  return AskServer(config, RequestFor("/pipelines/", act), timeout_us);
}

Result<nlohmann::json> ActOnTable(const app::Config& config, const ServerAct& act,
                                  std::int64_t timeout_us) {
  return AskServer(config, RequestFor("/tables/", act), timeout_us);
}

Result<nlohmann::json> ActOnGroup(const app::Config& config, const ServerAct& act,
                                  std::int64_t timeout_us) {
  return AskServer(config, RequestFor("/groups/", act), timeout_us);
}

Result<nlohmann::json> ActOnTopic(const app::Config& config, const ServerAct& act,
                                  std::int64_t timeout_us) {
  return AskServer(config, RequestFor("/topics/", act), timeout_us);
}

Result<std::vector<std::string>> AskTables(const app::Config& config, const std::string& name) {
  if (!name.empty()) return std::vector{name};
  ST_TRY(const auto status, AskStatus(config));
  std::vector<std::string> names;
  for (const auto& table : status.value("tables", nlohmann::json::array())) {
    names.push_back(table.value("schema", "") + "." + table.value("name", ""));
  }
  return names;
}

std::optional<log::EndMark> DurableEnd(const nlohmann::json& status) {
  const auto log = status.value("log", nlohmann::json::object());
  const log::EndMark end{log.value("segment", std::uint64_t{0}),
                         log.value("position", std::uint64_t{0})};
  return end.segment == 0 ? std::nullopt : std::optional(end);
}

std::optional<log::EndMark> AskDurableEnd(const app::Config& config) {
  const auto status = AskStatus(config);
  return status ? DurableEnd(*status) : std::nullopt;
}

}  // namespace st::cli
