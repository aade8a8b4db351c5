#include "api/kafka/alter_client_quotas_handler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/kafka/alter_client_quotas.h"

namespace st::api {

using kafka::AlteredQuota;
using kafka::ErrorCode;

namespace {

using Entity = std::map<std::string_view, std::optional<std::string_view>>;  // names by type

// What is wrong with an entity; "": nothing.
std::string CheckEntity(const Entity& entity) {
  if (entity.empty()) return "Invalid empty client quota entity";
  for (const auto& [type, name] : entity) {
    if (type != "user" && type != "client-id" && type != "ip") {
      return fmt::format("Unhandled client quota entity type: {}", type);
    }
    if (name && name->empty()) return fmt::format("Empty {} not supported", type);
  }
  if (entity.contains("ip") && entity.size() > 1) {
    return "Invalid quota entity combination, IP entity shouldnot be combined with User or "
           "ClientId";
  }
  return "";
}

std::string Shown(const Entity& entity) {
  std::vector<std::string> parts;
  for (const auto& [type, name] : entity) {
    parts.push_back(fmt::format("{}={}", type, name.value_or("null")));
  }
  return fmt::format("ClientQuotaEntity(entries={{{}}})", fmt::join(parts, ", "));
}

void Answer(AlteredQuota& quota, const Entity& entity) {
  quota.message = CheckEntity(entity);
  if (!quota.message.empty()) {
    quota.error = ErrorCode::kInvalidRequest;
  } else if (quota.set_key) {
    quota.error = ErrorCode::kUnsupportedVersion;
    quota.message = fmt::format(
        "this server has no quotas that can be set, such as {}: its limits of a client are fixed",
        *quota.set_key);
  }
}

}  // namespace

bool AlterClientQuotasHandler::Handle(const net::FrameSession& /*session*/,
                                      const std::shared_ptr<Request>& request,
                                      const Responder& responder) {
  const auto asked = kafka::DecodeAlterClientQuotas(request->header);
  if (!asked) return false;
  std::map<Entity, std::size_t> seen;
  std::vector<AlteredQuota> answer;
  for (const auto& quota : *asked) {
    Entity entity;
    for (const auto& part : quota.entity) entity[part.type] = part.name;  // the last of a type
    const auto [first, is_new] = seen.try_emplace(entity, answer.size());
    if (is_new) {
      auto& one = answer.emplace_back(AlteredQuota{.entity = {}, .set_key = quota.set_key});
      for (const auto& [type, name] : entity) one.entity.push_back({.type = type, .name = name});
      Answer(one, entity);
    }
    // As Kafka: what comes again is refused, be it an entity or one of its keys, and answered once.
    if (!is_new || quota.repeats_a_key) {
      answer[first->second].error = ErrorCode::kInvalidRequest;
      answer[first->second].message = "Ignoring duplicate entity " + Shown(entity);
    }
  }
  responder->Send(kafka::EncodeAlterClientQuotas(request->header, answer));
  return true;
}

}  // namespace st::api
