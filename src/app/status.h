// The parts of the status document: the contents of a running server, the position of each part,
// and the problems.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "idempotency/key_store.h"
#include "lake/lake.h"
#include "log/local_log.h"
#include "stream/runner.h"

namespace st::app {

// {"segment", "position"}: how far the log is durable, for readers of its files.
nlohmann::json LogStatus(const log::LocalLog& log);
// [{"name", "partitions": [{"partition", "start_offset", "end_offset"}]}], by name.
nlohmann::json TopicsStatus(const log::Log& log);
// {"keys", "window_seconds", "files", "last_error"} of the idempotency keys.
nlohmann::json AnswersStatus(const idempotency::KeyStore& answers);
// [{"schema", "name", "rows", "snapshots", "files", "bytes", "last_commit_ms"}], by name.
nlohmann::json TablesStatus(const lake::Lake& lake);

// A present problem, in a sentence that names the object.
struct Trouble {
  std::string text;
  bool is_unready = false;  // events, or a table that was good, are stuck: /readyz says so
};
// The problems of the stores and the pipelines.
std::vector<Trouble> TroubleOf(const log::LocalLog& log, const idempotency::KeyStore& answers,
                               const lake::Lake& lake, const stream::Runner& runner);
// A gauge of each table that cannot be read or committed to. `lake` must outlive its reading.
void CollectTables(const lake::Lake& lake, MetricRegistry& metrics);

}  // namespace st::app
