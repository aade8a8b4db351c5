// Transform jobs and their answers as JSON.
//
// Decoding is total. A field that is missing or of another type takes its default, except what
// decides which records are read and which files are written: a worker that does not understand
// that refuses the job.
//
// Errors: kUnsupported: a source of an unknown kind, a malformed source, record or state file.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "jobs/messages.h"

namespace st::jobs {

nlohmann::json ToJson(const TransformJob& job);
nlohmann::json ToJson(const TransformResult& result);
nlohmann::json ToJson(const FailingRecords& failing);
nlohmann::json ToJson(const std::vector<ColumnInfo>& columns);

Result<TransformJob> TransformJobFrom(const nlohmann::json& json);
Result<TransformResult> TransformResultFrom(const nlohmann::json& json);
Result<FailingRecords> FailingRecordsFrom(const nlohmann::json& json);
std::vector<ColumnInfo> ColumnInfosFrom(const nlohmann::json& json);

}  // namespace st::jobs
