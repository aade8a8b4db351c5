// Trino's functions that DuckDB lacks, as macros: the statements of macros.sql.
//
// Threads: pure functions.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace st::worker::query {

// The text of macros.sql; the build writes the definition.
std::string_view MacroText();

// CREATE MACRO statements for the macros among `names` and those that they use, in the order in
// which schema memory.main takes them. Creating all macros takes longer than most statements.
std::vector<std::string_view> MacrosFor(const std::set<std::string>& names);

}  // namespace st::worker::query
