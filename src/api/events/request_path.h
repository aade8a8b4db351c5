// The path of a request's target as Flask's development server reads it.
#pragma once

#include <string>
#include <string_view>

namespace st::api {

struct RequestPath {
  std::string path;       // percent-decoded, with one slash at its start: "/a/b"
  std::string authority;  // of a target in absolute form (RFC 9112, 3.2.2), else ""
};

// Takes "/a", "http://host:80/a" and what lies between; a query is cut off. A "%" without two hex
// digits behind it stays as it is.
RequestPath ParseTarget(std::string_view target);

// "/a//b" -> "/a/b".
std::string MergeSlashes(std::string_view path);

// The path as it stands in a Location header: RFC 3986's unreserved characters and "/", else %XX.
std::string EncodePath(std::string_view path);

}  // namespace st::api
