// The parts of the status document, one a store, and the problems of stores and pipelines.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/record_keeping.h"
#include "base/metrics.h"
#include "idempotency/key_store.h"
#include "jobs/damaged_file.h"
#include "jobs/worker_starts.h"
#include "lake/lake.h"
#include "log/local_log.h"
#include "stream/runner.h"
#include "upkeep/upkeep.h"

namespace st::app {

// {"segment", "position"}: the durable end of the log, for readers of its files.
nlohmann::json LogStatus(const log::LocalLog& log);
// [{"name", "partitions": [{"partition", "start_offset", "end_offset"}]}], by name.
nlohmann::json TopicsStatus(const log::Log& log);
// What was removed, and the holds that keep records, with the bytes of all that they keep and, by
// topic, of what its retention would remove.
nlohmann::json RetentionStatus(log::LocalLog& log, const RecordKeeping& keeping);
// {"keys", "window_seconds", "files", "last_error"} of the idempotency keys.
nlohmann::json KeysStatus(const idempotency::KeyStore& store);
// [{"schema", "name", "rows", "snapshots", "holds", "files", "bytes", "last_commit_ms"}], by name,
// with the holds as TableHoldsStatus (table_holds.h), and what
// upkeep, unless it is null, knows of each: "small_files", "rewrites", "upkeep_error".
nlohmann::json TablesStatus(const lake::Lake& lake, const upkeep::Upkeep* upkeep);

// A present problem, in a sentence that names the object.
struct Trouble {
  std::string text;
  // Events cannot be stored, a table that was filled is no longer, or bad.rows cannot be read:
  // /readyz reports it.
  bool is_unready = false;
};
// The problems of the stores and the pipelines.
std::vector<Trouble> TroublesOf(const log::LocalLog& log, const idempotency::KeyStore& keys,
                                const lake::Lake& lake, const stream::Runner& runner);
// Why retention fails, and the holds that keep records of a log whose disk is full.
std::vector<Trouble> HoldTroubles(const log::LocalLog& log, const RecordKeeping& keeping);
// Tables whose small files upkeep cannot put together, or of which it has too many.
std::vector<Trouble> UpkeepTroubles(const upkeep::Upkeep& upkeep);
// That the worker's program is missing, or that it did not start when it was needed last.
std::optional<Trouble> WorkerTrouble(const jobs::WorkerStarts& starts);
// Whether the pipeline is in trouble that does not pass by itself, and so among the problems.
bool IsInTrouble(const stream::PipelineStatus& status);
// Registers a gauge of each table that cannot be read or committed to. `lake` must outlive the last
// time that it is read.
void CollectTables(const lake::Lake& lake, MetricRegistry& metrics);
// The tables whose metadata is damaged: of each the file that was met first, with the sentence that
// names it in place of its location.
std::vector<jobs::DamagedFile> DamagedMetadata(const lake::Lake& lake);
// Registers a gauge of the damaged files of each table that has any. Two readers may have
// found the same file.
void CollectDamage(std::function<std::vector<jobs::DamagedFile>()> found, MetricRegistry& metrics);

}  // namespace st::app
