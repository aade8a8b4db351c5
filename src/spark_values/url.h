// Parts of URLs, as Spark's parse_url takes them with Java's java.net.URI. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace st::spark_values {

// `part`: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY, USERINFO; nullopt for another one and
// for what the URL has not.
// Errors: kInvalidArgument: no URL.
Result<std::optional<std::string>> ParseUrl(std::string_view url, std::string_view part);
// The value of `key` in the query.
Result<std::optional<std::string>> ParseUrlQuery(std::string_view url, std::string_view part,
                                                 std::string_view key);

}  // namespace st::spark_values
