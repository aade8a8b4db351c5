// Rewrite jobs: rows of a table's data files into one new file, in the order of the files. Row
// groups that are large enough are copied, others are written again (row_group_copy.h).
#pragma once

#include <memory>
#include <optional>

#include "base/result.h"
#include "base/written_file.h"
#include "jobs/rewrite_messages.h"
#include "os/file_system.h"
#include "worker/engine/job_control.h"
#include "worker/engine/settings.h"

namespace st::worker::rewrite {

// Threads: one thread.
// Durable: file and name, when Rewrite answers.
// Errors:  kInvalidArgument, no columns, no rows without a `keep`, or a `keep` that is no condition
//          or fails on a row; kAlreadyExists, the output or the scratch file; kCorruption, an input
//          that DuckDB cannot read; kUnavailable, out of memory; kShutdown, kDeadline: stopped;
//          kIo. No file is left behind after an error.
class RewriteHandler {
 public:
  virtual ~RewriteHandler() = default;
  // nullopt: the job's `keep` left no row, and there is no file.
  virtual Result<std::optional<WrittenFile>> Rewrite(const jobs::RewriteJob& job,
                                                     engine::JobControl& control) = 0;
  // As TransformHandler::is_broken.
  virtual bool is_broken() const = 0;
};

// `fs` must outlive it.
std::unique_ptr<RewriteHandler> MakeRewriteHandler(const engine::WorkerSettings& settings,
                                                   os::FileSystem& fs);

}  // namespace st::worker::rewrite
