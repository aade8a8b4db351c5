#include "net/http_text.h"

#include "base/text.h"
#include "net/http_message.h"

namespace st::net {
namespace {

std::string JsonText(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

std::string_view FindHeader(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoreCase(key, name)) return value;
  }
  return {};
}

HttpResponse Problem(int status, std::string_view code, std::string_view detail) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  response.body =
      fmt::format(R"({{"type":"about:blank","title":{},"status":{},"detail":{},"code":{}}})",
                  JsonText(ReasonPhrase(status)), status, JsonText(detail), JsonText(code));
  response.body += '\n';
  return response;
}

std::string HttpDate(std::time_t when) {
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  char text[40];
  const std::size_t n = std::strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return std::string(text, n);
}

std::string_view ReasonPhrase(int status) {
  struct Phrase {
    int status;
    std::string_view text;
  };
  static constexpr Phrase kPhrases[] = {
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {411, "Length Required"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {428, "Precondition Required"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
      {507, "Insufficient Storage"},
  };
  for (const auto& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return "Status";
}

std::string SerializeResponse(const HttpResponse& response, const ResponseStyle& style) {
  std::string out;
  out.reserve(256 + response.body.size());
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nServer: steelthread\r\nDate: {}\r\n",
                 response.status, ReasonPhrase(response.status), style.date);
  const bool has_content = response.status != 204 && response.status != 304;
  if (has_content) {
    fmt::format_to(std::back_inserter(out), "Content-Type: {}\r\nContent-Length: {}\r\n",
                   response.content_type, response.body.size());
  }
  for (const auto& [name, value] : response.headers) {
    // A value that a client had a hand in must not become a header of its own.
    if (!IsToken(name) || !IsFieldValue(value)) continue;
    fmt::format_to(std::back_inserter(out), "{}: {}\r\n", name, value);
  }
  if (!style.keep_alive) {
    out += "Connection: close\r\n";
  } else if (style.is_http10) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
  if (has_content && !style.without_body) out += response.body;
  return out;
}

}  // namespace st::net
