// Percent-encoding of URIs and forms (RFC 3986, 2.1). Pure; total on hostile input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace st {

// How the places that percent-encoding leaves open are read.
struct PercentRules {
  bool keeps_bad_escapes = false;  // a "%" without two hex digits stays; otherwise nullopt
  bool plus_is_space = false;      // as in forms
};

// `text` with each escape replaced by its byte; a decoded byte is not decoded again.
std::optional<std::string> PercentDecode(std::string_view text, PercentRules rules = {});

// RFC 3986's unreserved characters and "/" as they are, every other byte as %XX.
std::string PercentEncodePath(std::string_view path);

}  // namespace st
