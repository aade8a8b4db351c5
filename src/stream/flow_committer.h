// Commits files to a table together with the position of one pipeline's flow, each once (I4, I6).
//
// Threads: owned by the pipeline's thread.
// Metrics: steelthread_pipeline_commits_total, steelthread_pipeline_commit_seconds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "dialect/spark/definition.h"
#include "lake/lake.h"
#include "stream/progress.h"
#include "stream/runner.h"

namespace st::stream {

class FlowCommitter {
 public:
  // All must outlive it.
  FlowCommitter(Dependencies dependencies, const dialect::spark::Definition& definition);

  // Files for `table`, which move the flow from `from` to `to`.
  struct Move {
    lake::TableName table;
    const FlowProgress* from = nullptr;
    const FlowProgress* to = nullptr;
    std::vector<lake::DataFile> files;
    // Live files that leave the table: `files` hold those of their rows that stay. Else empty.
    std::vector<std::string> replaced;
    std::map<std::string, std::string> properties;
    std::map<std::string, std::string> summary;
  };
  // One commit, tried until its outcome is known, at most kMaxCommitTries times.
  // Errors: kConflict: the flow is neither at `from` nor at `to`, or a replaced file is gone;
  //         kOutcomeUnknown: it may have happened, so the files stay; those of the lake.
  Status Commit(const Move& move);

 private:
  Status TryCommits(const Move& move);

  Dependencies to_;
  const dialect::spark::Definition& definition_;
  Metric* commits_ = nullptr;
  Histogram* commit_seconds_ = nullptr;
};

}  // namespace st::stream
