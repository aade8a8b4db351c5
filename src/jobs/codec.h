// Query jobs, their answers and errors as JSON; transform_codec.h has transform jobs. Decoding is
// total: a field that is missing or of another type takes its default.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "jobs/json.h"
#include "jobs/query_messages.h"

namespace st::jobs {

nlohmann::json ToJson(const QueryJob& job);
nlohmann::json ToJson(const std::vector<ResultColumn>& columns);
nlohmann::json ToJson(const std::vector<TableUse>& uses);
nlohmann::json ToJson(const QueryError& error);
nlohmann::json ToJson(const Error& error);

QueryJob QueryJobFrom(const nlohmann::json& json);
std::vector<ResultColumn> ResultColumnsFrom(const nlohmann::json& json);
std::vector<TableUse> TableUsesFrom(const nlohmann::json& json);
// The answer to table uses.
std::vector<std::vector<std::string>> FilesFrom(const nlohmann::json& json);
QueryError QueryErrorFrom(const nlohmann::json& json);
Error ErrorFrom(const nlohmann::json& json);

}  // namespace st::jobs
