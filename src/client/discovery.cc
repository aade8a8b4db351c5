#include "client/discovery.h"

#include <nlohmann/json.hpp>

#include "net/address.h"
#include "net/http_client.h"

namespace st::client {
namespace {

constexpr std::int64_t kAskTimeoutUs = 10'000'000;

std::string TextOf(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

Result<std::string> AddressOf(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme)) {
    return Fail(ErrorCode::kInvalidArgument, "want http://HOST:PORT, not \"{}\"", url);
  }
  auto host = url.substr(kScheme.size());
  if (host.ends_with('/')) host.pop_back();
  if (host.find('/') != std::string::npos) {
    return Fail(ErrorCode::kInvalidArgument, "\"{}\" has a path; want http://HOST:PORT", url);
  }
  const bool has_port = host.rfind(':') != std::string::npos && !host.ends_with(']');
  return net::ResolveAddress(has_port ? host : host + ":80");
}

void ReadDocument(const nlohmann::json& json, ServerDescription& target) {
  target.is_steelthread = true;
  target.has_game = json.value("game", false);
  for (const auto& [name, address] : json["endpoints"].items()) {
    if (address.is_string()) target.endpoints[name] = address.get<std::string>();
  }
  for (const auto& event : json["events"]) {
    if (!event.is_object()) continue;
    const auto table = TextOf(event, "table");
    target.events[TextOf(event, "name")] = {TextOf(event, "topic"), table};
    if (const auto type = TextOf(event, "event_type"); !type.empty()) {
      target.tables_by_type[type] = table;
    }
    if (!table.empty()) target.topic_of_table[table] = TextOf(event, "topic");
  }
}

}  // namespace

Result<ServerDescription> DiscoverServer(const std::string& url) {
  ServerDescription target{.url = url};
  ST_TRY(target.address, AddressOf(url));
  const auto reply = net::Fetch(target.address, {.target = "/.well-known/steelthread"},
                                {.timeout_us = kAskTimeoutUs});
  if (!reply) {
    if (reply.error().code() == ErrorCode::kUnavailable) return std::unexpected(reply.error());
    return target;  // something answers, if oddly
  }
  const auto json = nlohmann::json::parse(reply->body, nullptr, false);
  const bool is_ours = reply->status == 200 && json.is_object() &&
                       TextOf(json, "product") == "steelthread" && json.contains("endpoints") &&
                       json["endpoints"].is_object() && json.contains("events") &&
                       json["events"].is_array();
  if (is_ours) ReadDocument(json, target);
  return target;
}

}  // namespace st::client
