#include "api/events/http_parts.h"

#include <optional>

#include "api/http/problems.h"
#include "base/text.h"
#include "idempotency/answer_record.h"

namespace st::api {

std::expected<std::string, event::Fault> TakeIdempotencyKey(net::HttpHeaders& headers) {
  const auto wrong = [](const std::string& detail) {
    return std::unexpected(event::Fault{.status = 400,
                                        .code = "invalid_parameter",
                                        .parameter = "Idempotency-Key",
                                        .detail = detail});
  };
  std::optional<std::string> field;
  bool is_twice = false;
  std::erase_if(headers, [&](const auto& header) {
    if (!EqualsIgnoreCase(header.first, "Idempotency-Key")) return false;
    is_twice = field.has_value();
    field = header.second;
    return true;
  });
  if (!field) return "";
  if (is_twice) return wrong("Idempotency-Key is sent more than once; send one");
  auto key = idempotency::ParseIdempotencyKey(*field);
  if (!key) return wrong(key.error().message());
  return std::move(*key);
}

void AddPosition(const TopicPosition& position, net::HttpResponse& response) {
  response.headers.emplace_back("Steelthread-Position", position.ToString());
}

net::HttpResponse ProblemOf(const event::Fault& fault) {
  return net::Problem(fault.status, fault.code, http::AsSentence(fault.detail), fault.parameter);
}

}  // namespace st::api
