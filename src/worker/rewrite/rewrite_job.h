// Rewrite jobs: the rows of a table's data files into one new file, in the order of the files.
#pragma once

#include <memory>

#include "base/result.h"
#include "base/written_file.h"
#include "jobs/rewrite_messages.h"
#include "os/file_system.h"
#include "worker/engine/job_control.h"
#include "worker/engine/settings.h"

namespace st::worker::rewrite {

// Threads: one thread.
// Durable: file and name, when Rewrite answers.
// Errors:  kInvalidArgument, no columns or no rows; kAlreadyExists, the output; kCorruption, an
//          input that DuckDB cannot read; kUnavailable, out of memory; kShutdown, kDeadline:
//          stopped; kIo. No file is left behind after an error.
class RewriteHandler {
 public:
  virtual ~RewriteHandler() = default;
  virtual Result<WrittenFile> Rewrite(const jobs::RewriteJob& job, engine::JobControl& control) = 0;
  // As TransformHandler::is_broken.
  virtual bool is_broken() const = 0;
};

// `fs` must outlive it.
std::unique_ptr<RewriteHandler> MakeRewriteHandler(const engine::WorkerSettings& settings,
                                                   os::FileSystem& fs);

}  // namespace st::worker::rewrite
