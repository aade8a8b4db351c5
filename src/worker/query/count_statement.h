// Recognises a statement that asks for nothing but the number of rows of a table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace st::worker::query {

// The names of the columns of SELECT count(*), count(1) AS n FROM t, a node of DuckDB's tree; none
// for every other statement. A column without a name has DuckDB's.
std::vector<std::string> CountsOf(const nlohmann::json& node);

// The statement whose row has `count` in each of these columns.
std::string CountText(const std::vector<std::string>& names, std::int64_t count);

}  // namespace st::worker::query
