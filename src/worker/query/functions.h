// The functions that a statement from the network may call, and DuckDB's names for them.
//
// An allow-list: any other function of DuckDB does not exist for a statement. No function on it
// reads a file, a setting, the environment, the catalog or the network, sleeps, or
// changes anything. docs/sql.md lists them for users.
#pragma once

#include <string>
#include <string_view>

namespace st::worker::query {

// Scalar, aggregate and window functions and operators under DuckDB's or our macros' names.
// Requires: `name` in lower case.
bool IsAllowedFunction(std::string_view name);
// unnest, generate_series, range.
bool IsAllowedTableFunction(std::string_view name);
// "json_extract_scalar" for "json_extract_scaler"; "" when nothing is near.
std::string NearestFunction(std::string_view name);

// DuckDB's name of a function under Trino's name, "" when it is the same or a macro.
// Requires: `name` in lower case.
std::string_view DuckFunctionName(std::string_view name);

}  // namespace st::worker::query
