#include "api/events/request_path.h"

#include <fmt/format.h>

#include "base/text.h"

namespace st::api {
namespace {

std::string Decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_escape = text[i] == '%' && i + 2 < text.size();
    const auto byte = is_escape ? HexDecode(text.substr(i + 1, 2)) : std::nullopt;
    if (byte) {
      out += *byte;
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

}  // namespace

RequestPath ParseTarget(std::string_view target) {
  RequestPath out;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!EqualsIgnoreCase(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto end = std::min(target.find_first_of("/?#"), target.size());
    out.authority = target.substr(0, end);
    target.remove_prefix(end);
    break;
  }
  target = target.substr(0, target.find_first_of("?#"));
  target.remove_prefix(std::min(target.find_first_not_of('/'), target.size()));
  out.path = "/" + Decode(target);
  return out;
}

std::string MergeSlashes(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c != '/' || !out.ends_with('/')) out += c;
  }
  return out;
}

std::string EncodePath(std::string_view path) {
  std::string out;
  for (const char c : path) {
    if (c == '/' || IsUnreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace st::api
