#include "net/http_guard.h"

#include <fmt/format.h>

#include "base/text.h"

namespace st::net {
namespace {

// The charset parameter of "text/plain; charset=UTF-8", or "".
std::string_view CharsetOf(std::string_view content_type) {
  for (auto rest = content_type; rest.contains(';');) {
    rest.remove_prefix(rest.find(';') + 1);
    const auto parameter = Trim(rest.substr(0, rest.find(';')));
    const auto equals = parameter.find('=');
    if (equals == parameter.npos) continue;
    if (!EqualsIgnoreCase(Trim(parameter.substr(0, equals)), "charset")) continue;
    auto value = Trim(parameter.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

bool IsUtf8Charset(std::string_view name) {
  return name.empty() || EqualsIgnoreCase(name, "utf-8") || EqualsIgnoreCase(name, "utf8") ||
         EqualsIgnoreCase(name, "us-ascii");
}

// True if each coding in the list is "identity".
bool IsIdentity(std::string_view codings) {
  for (const auto part : Split(codings, ',')) {
    if (!Trim(part).empty() && !EqualsIgnoreCase(Trim(part), "identity")) return false;
  }
  return true;
}

HttpResponse Encoded(std::string_view coding) {
  auto refusal = Problem(
      415, "unsupported_media_type",
      fmt::format("Content-Encoding {} is not supported; send the body without an encoding.",
                  coding));
  refusal.headers.emplace_back("Accept-Encoding", "identity");
  return refusal;
}

bool ChangesNothing(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// Whether the field is a condition with which a request of this method must not be performed.
bool Forbids(std::string_view name, std::string_view value, std::string_view method) {
  if (method == "OPTIONS") return false;  // RFC 9110, 13.2.1
  if (EqualsIgnoreCase(name, "If-Match")) return true;
  if (EqualsIgnoreCase(name, "If-None-Match")) return !ChangesNothing(method) || Trim(value) == "*";
  return EqualsIgnoreCase(name, "If-Unmodified-Since") && !ChangesNothing(method);
}

}  // namespace

std::optional<HttpResponse> RefuseContent(const HttpRequest& request) {
  std::string_view type;
  for (const auto& [name, value] : request.headers) {
    // The first letter tells that most headers are of no interest here.
    const char first = name.empty() ? '\0' : static_cast<char>(name.front() | 0x20);
    if (first == 'i' && Forbids(name, value, request.method)) {
      return Problem(412, "precondition_failed",
                     fmt::format("{} cannot be met: nothing here has an entity tag or a date of "
                                 "change. Send it without, with an Idempotency-Key to act once.",
                                 name));
    }
    if (first != 'c') continue;
    if (EqualsIgnoreCase(name, "Content-Range") && !ChangesNothing(request.method)) {
      return Problem(400, "malformed_request",
                     "Content-Range is not supported; send the whole body.");
    }
    if (request.body.empty()) continue;
    if (EqualsIgnoreCase(name, "Content-Encoding") && !IsIdentity(value)) return Encoded(value);
    if (!EqualsIgnoreCase(name, "Content-Type")) continue;
    if (!type.empty() && type != value) {
      return Problem(400, "malformed_request", "The body has two Content-Types.");
    }
    type = value;
    if (const auto charset = CharsetOf(value); !IsUtf8Charset(charset)) {
      return Problem(
          415, "unsupported_media_type",
          fmt::format("The charset {} is not supported; send the body in UTF-8.", charset));
    }
  }
  return std::nullopt;
}

HttpHandler Guarded(HttpGuard guard, HttpHandler inner) {
  return [guard = std::move(guard), inner = std::move(inner)](HttpRequest request, auto responder) {
    if (auto refusal = guard(request)) return responder->Send(std::move(*refusal));
    inner(std::move(request), std::move(responder));
  };
}

}  // namespace st::net
