#include "net/http_text.h"

#include "base/problem.h"
#include "base/text.h"
#include "net/http_message.h"

namespace st::net {
std::string_view FindHeader(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoreCase(key, name)) return value;
  }
  return {};
}

HttpResponse Problem(int status, std::string_view code, std::string_view detail,
                     std::string_view parameter) {
  HttpResponse response;
  response.status = status;
  response.content_type = kProblemType;
  response.body =
      ProblemJson({.status = status, .code = code, .detail = detail, .parameter = parameter});
  return response;
}

std::string HttpDate(std::time_t when) {
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  char text[40];
  const std::size_t n = std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string(text, n);
}

bool HasContent(const HttpResponse& response, const ResponseStyle& style) {
  return response.status != 204 && response.status != 304 && !style.without_body;
}

std::string SerializeHead(const HttpResponse& response, const ResponseStyle& style) {
  std::string out;
  out.reserve(256);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nServer: steelthread\r\nDate: {}\r\n",
                 response.status, ReasonPhrase(response.status), style.date);
  const bool has_content = response.status != 204 && response.status != 304;
  if (has_content) {
    fmt::format_to(std::back_inserter(out), "Content-Type: {}\r\n", response.content_type);
    if (!response.source) {
      fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.content().size());
    } else if (!style.is_http10) {
      out += "Transfer-Encoding: chunked\r\n";
    }
  }
  for (const auto& [name, value] : response.headers) {
    // A value that contains a client's text must not smuggle in another header.
    if (!IsToken(name) || !IsFieldValue(value)) continue;
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
  }
  if (!style.keep_alive) {
    out += "Connection: close\r\n";
  } else if (style.is_http10) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  return out;
}

}  // namespace st::net
