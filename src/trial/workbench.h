// Runs pipelines with the code and the workers of a server, in a temporary folder: what they make
// is seen, and no table of a data folder changes.
//
// Threads:  one thread, whose death ends the workers; Cancel from any.
// Owner:    what `env` names must outlive it, and it the logs and lakes that it made.
// Durable:  nothing: the destructor removes the folder.
// Limits:   limits.h.
// Errors:   kInvalidArgument a SELECT that is wrong, or has too many rows; kShutdown after Cancel;
//           else those of log, lake and workers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "jobs/worker_client.h"
#include "lake/lake.h"
#include "log/local_log.h"
#include "os/env.h"
#include "stream/limits.h"
#include "stream/transformer.h"

namespace st::trial {

struct WorkbenchOptions {
  std::string worker_program = {};  // "": `steelthread-sql` beside this executable
  // Absolute, of a data folder whose log is read; "": logs are those of NewLog.
  std::string warehouse = {};
  std::int64_t memory_limit_bytes = 1LL << 30;
  std::int64_t job_timeout_us = stream::kJobTimeoutUs;  // of one transform
};

// The rows of a table or a statement, as `steelthread sql --format ndjson` prints them, with the
// names of the fields of structs.
struct Rows {
  std::vector<std::string> columns;
  std::vector<std::string> types;  // Trino's
  // A list of values each, in the order of the columns.
  std::vector<nlohmann::ordered_json> values;
};

// How many records a pipeline took, and what became of them.
struct Taken {
  std::int64_t records = 0;
  std::int64_t rows = 0;
  std::int64_t dead_letters = 0;
};

class Workbench {
 public:
  static Result<std::unique_ptr<Workbench>> Open(const os::Env& env, WorkbenchOptions options);
  ~Workbench();
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  // Without topics, in a folder of its own.
  Result<std::unique_ptr<log::LocalLog>> NewLog();
  // Without tables, in a folder of its own.
  Result<std::unique_ptr<lake::Lake>> NewLake();
  // Steps of the pipeline, up to the log's end.
  Result<Taken> Run(log::LocalLog& log, lake::Lake& lake,
                    const dialect::spark::Definition& definition);
  // All rows of a table: of its commits, or of `files` instead, in their order.
  Result<Rows> RowsOf(const lake::View& table);
  Result<Rows> RowsOf(const lake::View& table, std::vector<std::string> files);
  // The rows of one SELECT over the tables of the lake.
  Result<Rows> Select(const lake::Lake& lake, const std::string& sql);

  const std::string& folder() const { return folder_; }  // all files are below it
  stream::Transformer& transformer() { return *transformer_; }
  // Ends what runs, and all that follows.
  void Cancel();
  // For a program that ends at once; from any thread.
  void RemoveFolder();

 private:
  Workbench(const os::Env& env, WorkbenchOptions options, std::string folder);
  // A path in the folder that no other call gives.
  std::string NewPath(std::string_view kind);
  Result<Rows> Query(jobs::QueryJob job);

  const os::Env env_;
  const WorkbenchOptions options_;
  const std::string folder_;
  const std::string lakes_;
  std::int64_t next_ = 0;
  std::unique_ptr<stream::Transformer> transformer_;
  std::unique_ptr<jobs::WorkerClient> reader_;
};

}  // namespace st::trial
