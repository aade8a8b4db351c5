#include "api/kafka/describe_client_quotas_handler.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "format/kafka/describe_client_quotas.h"

namespace st::api {

using kafka::ErrorCode;
using kafka::QuotaFilter;

namespace {

using Refusal = std::pair<ErrorCode, std::string>;

Refusal CheckMatch(const QuotaFilter& filter) {
  const auto refuse = [](std::string text) {
    return Refusal{ErrorCode::kInvalidRequest, std::move(text)};
  };
  switch (filter.match) {
    case kafka::kExactMatch:
      if (filter.name) break;
      return refuse("Request specified MATCH_TYPE_EXACT, but set match string to null.");
    case kafka::kDefaultMatch:
      if (!filter.name) break;
      return refuse("Request specified MATCH_TYPE_DEFAULT, but also specified a match string.");
    case kafka::kAnyMatch:
      if (!filter.name) break;
      return refuse("Request specified MATCH_TYPE_SPECIFIED, but also specified a match string.");
    default:
      return refuse(fmt::format("Unknown match type {}", filter.match));
  }
  return {ErrorCode::kNone, ""};
}

Refusal Check(const std::vector<QuotaFilter>& filters) {
  std::set<std::string_view> seen;
  for (const auto& filter : filters) {
    const auto entity = filter.entity;
    if (entity.empty()) return {ErrorCode::kInvalidRequest, "Invalid empty entity type."};
    if (!seen.insert(entity).second) {
      return {ErrorCode::kInvalidRequest,
              fmt::format("Entity type {} cannot appear more than once in the filter.", entity)};
    }
    if (auto refusal = CheckMatch(filter); refusal.first != ErrorCode::kNone) return refusal;
  }
  for (const auto entity : seen) {
    if (entity != "user" && entity != "client-id" && entity != "ip") {
      return {ErrorCode::kUnsupportedVersion, fmt::format("Unsupported entity type {}", entity)};
    }
  }
  if (seen.contains("ip") && seen.size() > 1) {
    return {ErrorCode::kInvalidRequest,
            "Invalid entity filter component combination. IP filter component should not be used "
            "with user or clientId filter component."};
  }
  return {ErrorCode::kNone, ""};
}

}  // namespace

bool DescribeClientQuotasHandler::Handle(const net::FrameSession& /*session*/,
                                         const std::shared_ptr<Request>& request,
                                         const Responder& responder) {
  const auto filters = kafka::DecodeDescribeClientQuotas(request->header);
  if (!filters) return false;
  const auto [error, message] = Check(*filters);
  responder->Send(kafka::EncodeDescribeClientQuotas(request->header, error, message));
  return true;
}

}  // namespace st::api
