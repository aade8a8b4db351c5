// Which functions a statement from the network may call, and those that Trino has and DuckDB lacks.
//
// An allow-list: a function that is not here does not exist for a statement, whatever DuckDB has.
// Nothing on it reads a file, a setting, the environment, the catalog or the network, sleeps, or
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

// CREATE MACRO statements for those of `names` that are macros and for what these use, to be run in
// schema memory.main. Making all of them takes longer than most statements.
std::vector<std::string_view> MacrosFor(const std::set<std::string>& names);

}  // namespace st::worker::query
