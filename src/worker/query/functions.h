// The functions that a statement from the network may call, and macros for those that DuckDB lacks.
//
// An allow-list: any other function of DuckDB does not exist for a statement. No function on it
// reads a file, a setting, the environment, the catalog or the network, sleeps, or
// changes anything. docs/sql.md lists them for users.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

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

// CREATE MACRO statements for the macros among `names` and the macros that they use, to be run in
// schema memory.main. Creating all macros takes longer than most statements.
std::vector<std::string_view> MacrosFor(const std::set<std::string>& names);

}  // namespace st::worker::query
