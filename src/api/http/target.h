// The target of a request: the one place where its path and single parameters are decoded; those of
// an event or a command are event/parameters.h's. net has split it into path and
// query, and has taken scheme and authority off (net/http.h). Pure; total on hostile input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace st::api::http {

// How the listener's protocol reads a path.
enum class PathForm {
  // As Flask's development server: decoded whole, so that an encoded slash divides; slashes at the
  // start count as one; a "%" without two hex digits stays as it is.
  kWhole,
  // Segment by segment: an encoded slash stays encoded, empty segments do not count, and a bad
  // escape makes the path malformed.
  kSegments,
};

// "/a/b", decoded; nullopt: malformed.
std::optional<std::string> DecodePath(std::string_view path, PathForm form);

// The value of a parameter of the query, decoded but for "+"; "" if it is missing or has a bad
// escape. The first one counts.
std::string QueryParameter(const net::HttpRequest& request, std::string_view name);

// "/a//b" -> "/a/b".
std::string MergeSlashes(std::string_view path);

// The target without scheme and authority, "/path?query", not decoded.
std::string OriginForm(const net::HttpRequest& request);

// "//host/path?query" of a request whose Host says who acts, however the target was written.
std::string TargetWithHost(const net::HttpRequest& request);

}  // namespace st::api::http
