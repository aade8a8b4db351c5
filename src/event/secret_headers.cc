#include "event/secret_headers.h"

#include <algorithm>

#include "base/text.h"

namespace st::event {
namespace {

constexpr std::string_view kNames[] = {"authorization",
                                       "authentication-info",
                                       "proxy-authorization",
                                       "proxy-authentication-info",
                                       "cookie",
                                       "cookie2",
                                       "set-cookie",
                                       "set-cookie2",
                                       "x-api-key",
                                       "api-key",
                                       "apikey",
                                       "x-auth-key",
                                       "x-session-id",
                                       "x-goog-iap-jwt-assertion",
                                       "cf-access-jwt-assertion",
                                       "x-amzn-oidc-data",
                                       "x-forwarded-authorization",
                                       "x-original-authorization"};
constexpr std::string_view kEndings[] = {"-token", "-secret", "-password", "-api-key"};

bool EndsWith(std::string_view name, std::string_view ending) {
  return name.size() >= ending.size() &&
         EqualsIgnoreCase(name.substr(name.size() - ending.size()), ending);
}

}  // namespace

bool IsSecretHeader(std::string_view name) {
  const auto is_name = [&](std::string_view secret) { return EqualsIgnoreCase(name, secret); };
  const auto is_ending = [&](std::string_view ending) { return EndsWith(name, ending); };
  return std::ranges::any_of(kNames, is_name) || std::ranges::any_of(kEndings, is_ending) ||
         EqualsIgnoreCase(name, "token");
}

bool HasSecretHeader(const Headers& headers) {
  return std::ranges::any_of(headers, [](const auto& one) { return IsSecretHeader(one.first); });
}

Headers WithoutSecretHeaders(const Headers& headers) {
  Headers out;
  for (const auto& header : headers) {
    if (!IsSecretHeader(header.first)) out.push_back(header);
  }
  return out;
}

}  // namespace st::event
