#include "api/events/http_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "idempotency/answer_record.h"

namespace st::api {

void SetHost(net::HttpHeaders& headers, const std::string& authority) {
  std::erase_if(headers, [](const auto& h) { return EqualsIgnoreCase(h.first, "Host"); });
  headers.emplace_back("Host", authority);
}

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

std::string TargetWithHost(const net::HttpRequest& request) {
  std::string rest = request.target;
  if (!rest.starts_with('/')) {
    const auto authority = rest.find("//");
    const auto end = authority == rest.npos ? rest.npos : rest.find_first_of("/?#", authority + 2);
    rest = end == rest.npos ? "" : rest.substr(end);
    if (!rest.starts_with('/')) rest.insert(0, "/");
  }
  for (const auto& [name, value] : request.headers) {
    if (EqualsIgnoreCase(name, "Host")) return fmt::format("//{}{}", value, rest);
  }
  return rest;
}

std::string AsSentence(std::string message) {
  if (message.empty()) return message;
  const auto word = std::string_view(message).substr(0, message.find(' '));
  const bool is_word = std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; });
  if (is_word) message[0] = static_cast<char>(message[0] - 'a' + 'A');
  if (std::string_view(".?!").find(message.back()) == std::string_view::npos) message += '.';
  return message;
}

net::HttpResponse ProblemOf(const event::Fault& fault) {
  return net::Problem(fault.status, fault.code, AsSentence(fault.detail), fault.parameter);
}

}  // namespace st::api
