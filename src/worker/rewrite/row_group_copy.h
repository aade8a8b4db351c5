// A rewrite that copies the row groups of its larger inputs, bytes as they are, and writes only the
// rows of the small ones again.
#pragma once

#include <optional>

#include "base/result.h"
#include "base/written_file.h"
#include "jobs/rewrite_messages.h"
#include "os/file_system.h"
#include "sql/database.h"
#include "worker/engine/job_control.h"

namespace st::worker::rewrite {

struct CopyContext {
  sql::Connection& connection;
  os::FileSystem& fs;
  engine::JobControl& control;
};

// nullopt: no row group can be copied, and there is no file; all rows must be written again. A file
// with another schema than it would have now, or one whose footer is not understood, is not copied.
// The result has no `columns`.
//
// Requires: `job` has a scratch_path, and neither keeps some rows alone nor sorts them.
// Durable:  file and name, when it returns one.
// Errors:   as RewriteHandler's. Files may be left at both paths.
Result<std::optional<WrittenFile>> CopyRowGroups(const CopyContext& context,
                                                 const jobs::RewriteJob& job);

}  // namespace st::worker::rewrite
