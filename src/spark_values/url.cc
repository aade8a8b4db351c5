#include "spark_values/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "base/text.h"
#include "spark_values/utf8.h"

namespace st::spark_values {
namespace {

using Part = std::optional<std::string_view>;

struct Url {
  Part scheme;
  Part authority;
  Part user_info;
  Part host;
  Part path;
  Part query;
  Part fragment;
};

constexpr std::string_view kPath = "-_.!~*'():@&=+$,;/";
constexpr std::string_view kAny = "-_.!~*'();/?:@&=+$,[]";
constexpr std::string_view kUserInfo = "-_.!~*'();:&=+$,";
constexpr std::string_view kServer = "-_.!~*'();:&=+$,@[]";
constexpr std::string_view kRegistry = "-_.!~*'()$,;:@&=+";

bool IsAlnum(char c) { return IsDigit(c) || IsLetter(c); }

// Java's Character.isSpaceChar and isISOControl beyond ASCII.
bool IsSpaceOrControl(char32_t c) {
  return (c >= 0x80 && c < 0xA1) || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Letters, digits, escapes, characters beyond ASCII, and those of `marks`.
bool Has(std::string_view text, std::string_view marks) {
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '%') {
      if (at + 2 >= text.size() || !IsHexDigit(text[at + 1]) || !IsHexDigit(text[at + 2]))
        return false;
      at += 3;
      continue;
    }
    const char32_t character = NextCharacter(text, at);
    const bool is_fine =
        character < 0x80 ? IsAlnum(c) || marks.contains(c) : !IsSpaceOrControl(character);
    if (!is_fine) return false;
  }
  return true;
}

bool IsIp4(std::string_view host) {
  const auto bytes = Split(host, '.');
  return bytes.size() == 4 && std::ranges::all_of(bytes, [](std::string_view byte) {
           const auto value = ParseInt64(byte);
           return !byte.empty() && std::ranges::all_of(byte, IsDigit) && value && *value <= 255;
         });
}

bool IsHostName(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  const auto labels = Split(host, '.');
  for (const auto label : labels) {
    if (label.empty() || !IsAlnum(label.front()) || !IsAlnum(label.back())) return false;
    if (!std::ranges::all_of(label, [](char c) { return IsAlnum(c) || c == '-'; })) return false;
  }
  return labels.size() == 1 || IsLetter(labels.back().front());
}

bool IsIp6(std::string_view host) {
  const std::string_view address = host.substr(1, host.size() - 2);
  const std::string plain(address.substr(0, address.find('%')));
  in6_addr parsed{};
  return ::inet_pton(AF_INET6, plain.c_str(), &parsed) == 1;
}

// [user@]host[:port]; false if it is none.
bool ParseServer(std::string_view authority, Url& url) {
  const auto at = authority.find('@');
  Part user;
  if (at != std::string_view::npos) {
    user = authority.substr(0, at);
    if (!Has(*user, kUserInfo)) return false;
    authority.remove_prefix(at + 1);
  }
  std::size_t end = authority.find(':');
  if (authority.starts_with('[')) {
    end = authority.find(']');
    if (end == std::string_view::npos || !IsIp6(authority.substr(0, end + 1))) return false;
    ++end;
  }
  const std::string_view host = authority.substr(0, end);
  if (!authority.starts_with('[') && !IsIp4(host) && !IsHostName(host)) return false;
  const std::string_view port = authority.substr(std::min(end, authority.size()));
  if (!port.empty()) {
    const std::string_view digits = port.substr(1);
    if (port[0] != ':' || !std::ranges::all_of(digits, IsDigit)) return false;
    const auto number = ParseInt64(digits);
    if (!digits.empty() && (!number || *number > INT32_MAX)) return false;
  }
  url.user_info = user;
  url.host = host;
  return true;
}

bool ParseAuthority(std::string_view authority, Url& url) {
  const bool is_registry = Has(authority, kRegistry);
  if (Has(authority, kServer) && ParseServer(authority, url)) {
    url.authority = authority;
    return true;
  }
  if (is_registry) url.authority = authority;
  return is_registry;
}

bool ParseHierarchy(std::string_view rest, Url& url) {
  if (rest.starts_with("//")) {
    const auto end = std::min(rest.find_first_of("/?#", 2), rest.size());
    const std::string_view authority = rest.substr(2, end - 2);
    if (authority.empty() && end == rest.size()) return false;
    if (!authority.empty() && !ParseAuthority(authority, url)) return false;
    rest.remove_prefix(end);
  }
  const auto end = std::min(rest.find_first_of("?#"), rest.size());
  url.path = rest.substr(0, end);
  rest.remove_prefix(end);
  if (rest.starts_with('?')) {
    const auto query_end = std::min(rest.find('#'), rest.size());
    url.query = rest.substr(1, query_end - 1);
    rest.remove_prefix(query_end);
  }
  if (rest.starts_with('#')) url.fragment = rest.substr(1);
  return Has(*url.path, kPath) && Has(url.query.value_or(""), kAny) &&
         Has(url.fragment.value_or(""), kAny);
}

std::optional<Url> Parse(std::string_view text) {
  Url url;
  const auto colon = text.find_first_of(":/?#");
  if (colon == std::string_view::npos || text[colon] != ':') {
    return ParseHierarchy(text, url) ? std::optional(url) : std::nullopt;
  }
  const std::string_view scheme = text.substr(0, colon);
  const bool is_scheme =
      !scheme.empty() && IsLetter(scheme[0]) && std::ranges::all_of(scheme, [](char c) {
        return IsAlnum(c) || c == '+' || c == '-' || c == '.';
      });
  if (!is_scheme) return std::nullopt;
  url.scheme = scheme;
  std::string_view rest = text.substr(colon + 1);
  if (rest.starts_with('/')) return ParseHierarchy(rest, url) ? std::optional(url) : std::nullopt;
  const auto end = std::min(rest.find('#'), rest.size());
  if (end == 0 || !Has(rest.substr(0, end), kAny)) return std::nullopt;
  if (end < rest.size()) url.fragment = rest.substr(end + 1);
  return Has(url.fragment.value_or(""), kAny) ? std::optional(url) : std::nullopt;
}

Result<Url> ParseOrFail(std::string_view text) {
  const auto url = Parse(text);
  if (url) return *url;
  return Fail(ErrorCode::kInvalidArgument, "[INVALID_URL] '{}' is no URL", text.substr(0, 100));
}

std::optional<std::string> Owned(Part part) {
  return part ? std::optional<std::string>(*part) : std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> ParseUrl(std::string_view url, std::string_view part) {
  ST_TRY(const auto parsed, ParseOrFail(url));
  if (part == "FILE") {
    auto file = Owned(parsed.path);
    if (file && parsed.query) *file += fmt::format("?{}", *parsed.query);
    return file;
  }
  const std::array<std::pair<std::string_view, Part>, 7> parts = {{{"HOST", parsed.host},
                                                                   {"PATH", parsed.path},
                                                                   {"QUERY", parsed.query},
                                                                   {"REF", parsed.fragment},
                                                                   {"PROTOCOL", parsed.scheme},
                                                                   {"AUTHORITY", parsed.authority},
                                                                   {"USERINFO", parsed.user_info}}};
  const auto* const found =
      std::ranges::find(parts, part, &std::pair<std::string_view, Part>::first);
  return found == parts.end() ? std::nullopt : Owned(found->second);
}

Result<std::optional<std::string>> ParseUrlQuery(std::string_view url, std::string_view part,
                                                 std::string_view key) {
  if (part != "QUERY") return std::nullopt;
  ST_TRY(const auto query, ParseUrl(url, part));
  if (!query) return std::nullopt;
  for (const auto pair : Split(*query, '&')) {
    if (pair.size() > key.size() && pair.starts_with(key) && pair[key.size()] == '=') {
      return std::string(pair.substr(key.size() + 1));
    }
  }
  return std::nullopt;
}

}  // namespace st::spark_values
