// Rows of JSON values that a command prints in the format that its user names.
//
// Threads: pure functions, but that PrintRows writes to stdout.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "format/statement/query_results.h"

namespace st::cli {

// Rows with the names and Trino types of their columns.
struct Rows {
  std::vector<statement::Column> columns;
  nlohmann::json rows = nlohmann::json::array();
};

// Columns by name and Trino type.
std::vector<statement::Column> Columns(
    std::initializer_list<std::pair<const char*, const char*>> columns);
// A time as text, in UTC; null for 0.
nlohmann::json TimeOf(std::int64_t time_ms);

// Prints the rows as `format` says, one that ParseRowFormat knows; the exit code of the command.
int PrintRows(const Rows& rows, const std::string& format);

}  // namespace st::cli
