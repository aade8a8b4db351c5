// Jobs and answers as JSON. Decoding is total: a field that is missing or of another type takes
// its default.
#pragma once

#include <string_view>

#include <nlohmann/json.hpp>

#include "jobs/messages.h"
#include "jobs/query_messages.h"

namespace st::jobs {

nlohmann::json ToJson(const TransformJob& job);
nlohmann::json ToJson(const TransformResult& result);
nlohmann::json ToJson(const FailingRecords& failing);
nlohmann::json ToJson(const std::vector<ColumnInfo>& columns);
nlohmann::json ToJson(const QueryJob& job);
nlohmann::json ToJson(const std::vector<ResultColumn>& columns);
nlohmann::json ToJson(const QueryError& error);
nlohmann::json ToJson(const Error& error);

TransformJob TransformJobFrom(const nlohmann::json& json);
TransformResult TransformResultFrom(const nlohmann::json& json);
FailingRecords FailingRecordsFrom(const nlohmann::json& json);
std::vector<ColumnInfo> ColumnInfosFrom(const nlohmann::json& json);
QueryJob QueryJobFrom(const nlohmann::json& json);
std::vector<ResultColumn> ResultColumnsFrom(const nlohmann::json& json);
QueryError QueryErrorFrom(const nlohmann::json& json);
Error ErrorFrom(const nlohmann::json& json);

std::string StringAt(const nlohmann::json& json, std::string_view key);
std::int64_t IntegerAt(const nlohmann::json& json, std::string_view key,
                       std::int64_t otherwise = 0);
bool BoolAt(const nlohmann::json& json, std::string_view key, bool otherwise = false);
// The value, or an empty one of its own kind.
const nlohmann::json& ValueAt(const nlohmann::json& json, std::string_view key);

}  // namespace st::jobs
