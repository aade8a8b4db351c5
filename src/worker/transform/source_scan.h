// st_source() and st_dead(): a job's records as DuckDB's table functions.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "jobs/messages.h"
#include "os/file_system.h"
#include "sql/table_function.h"
#include "worker/engine/job_control.h"
#include "worker/transform/checked_records.h"
#include "worker/transform/failing_records.h"

namespace st::worker::transform {

inline constexpr std::string_view kSourceFunction = "st_source";
inline constexpr std::string_view kDeadFunction = "st_dead";

// One transform job and its results.
//
// Owner: job, fs and control must outlive it.
struct SourceRun {
  const jobs::TransformJob& job;
  os::FileSystem& fs;
  const engine::JobControl& control;
  // Of the first scan of st_source(): it counts the records and finds the dead ones.
  std::unique_ptr<CheckedRecords> first;
  bool has_begun = false;            // its scan was handed out
  std::optional<RecordedPart> part;  // st_source() gives these and nothing else
  std::optional<Error> failure;      // of reading, with its code, which DuckDB does not carry

  SourceRun(const jobs::TransformJob& the_job, os::FileSystem& the_fs,
            const engine::JobControl& the_control)
      : job(the_job),
        fs(the_fs),
        control(the_control),
        first(std::make_unique<CheckedRecords>(the_job, the_fs, the_control)) {}
};

// Registers both functions. Both read the run in `current`, which is null unless a job runs;
// st_source() gives the live records, st_dead() the dead ones as rows of bad.rows.
Status RegisterSource(sql::Connection& connection, SourceRun* const& current);

}  // namespace st::worker::transform
