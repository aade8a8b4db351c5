// Iceberg's single-value serialization of column bounds, and how long bounds are truncated.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace st::lake {

// A value as DuckDB prints it in COPY … RETURN_STATS, in Iceberg's single-value serialization
// (spec, Appendix D): little endian numbers, big endian decimals and UUIDs, raw text.
//
// Errors: kInvalidArgument when the text has no such value: infinity, NaN, years before 0 (a
//         caller then leaves the bound out; it is only a hint).
Result<std::string> BoundFromText(std::string_view iceberg_type, std::string_view duckdb_text);

// The first `characters` code points of well-formed UTF-8.
std::string Utf8Prefix(std::string_view text, std::size_t characters);
// The smallest text, of at most as many code points, that sorts after every text with the prefix
// `text`; nullopt if there is none.
std::optional<std::string> Utf8Successor(std::string_view text);
std::optional<std::string> BytesSuccessor(std::string_view bytes);

}  // namespace st::lake
