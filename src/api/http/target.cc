#include "api/http/target.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/percent.h"
#include "base/text.h"

namespace st::api::http {
namespace {

std::optional<std::string> DecodeSegments(std::string_view path) {
  std::string out;
  for (const auto segment : Split(path, '/')) {
    if (segment.empty()) continue;
    const auto decoded = PercentDecode(segment);
    if (!decoded) return std::nullopt;
    out += '/';
    for (const char c : *decoded) {
      if (c == '/') {
        out += "%2F";
      } else {
        out += c;
      }
    }
  }
  return out.empty() ? "/" : out;
}

}  // namespace

std::optional<std::string> DecodePath(std::string_view path, PathForm form) {
  if (form == PathForm::kSegments) return DecodeSegments(path);
  path = path.substr(0, path.find('#'));
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  std::string out = "/";
  if (path.contains('%')) {
    out += *PercentDecode(path, {.keeps_bad_escapes = true});
  } else {
    out += path;
  }
  return out;
}

std::string MergeSlashes(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || !out.ends_with('/')) out += c;
  }
  return out;
}

std::string QueryParameter(const net::HttpRequest& request, std::string_view name) {
  for (const auto part : Split(request.query, '&')) {
    const auto equals = part.find('=');
    if (part.substr(0, equals) != name || equals == std::string_view::npos) continue;
    return PercentDecode(part.substr(equals + 1)).value_or("");
  }
  return "";
}

std::string OriginForm(const net::HttpRequest& request) {
  const auto query = std::min(request.target.find('?'), request.target.size());
  return request.path + request.target.substr(query);
}

std::string TargetWithHost(const net::HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (EqualsIgnoreCase(name, "Host")) return fmt::format("//{}{}", value, OriginForm(request));
  }
  return OriginForm(request);
}

}  // namespace st::api::http
