// The parts of the status document: what a running server holds and how far each part has come.
#pragma once

#include <nlohmann/json.hpp>

#include "collect/answers.h"
#include "lake/lake.h"
#include "log/log.h"

namespace st::app {

// [{"name", "partitions": [{"partition", "start_offset", "end_offset"}]}], by name.
nlohmann::json TopicsStatus(const log::Log& log);
// {"keys", "window_seconds", "files", "last_error"} of the idempotency keys.
nlohmann::json AnswersStatus(const collect::Answers& answers);
// [{"schema", "name", "rows", "snapshots", "files", "bytes", "last_commit_ms"}], by name.
nlohmann::json TablesStatus(const lake::Lake& lake);
// What each damaged table's error says.
nlohmann::json ProblemsStatus(const lake::Lake& lake);

}  // namespace st::app
