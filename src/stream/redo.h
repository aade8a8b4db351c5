// Takes the dead letters of a past that was taken back out of bad.rows.
//
// A reset or a rollback moves a table back in the log (stream/table_reset.h). bad.rows still has
// the dead letters of records that the table lacks now, and would get them a second time. So the
// commit that moves the table sets kRedoProperty, and until it is gone the pipeline moves no
// record:
//
//   1. The files of bad.rows that may hold such rows are replaced by files without them, and the
//      flow's position in bad.rows moves back to the property's, in one commit.
//   2. The property leaves the table.
//
// After a crash both are done again: step 1 finds the position where it belongs.
//
// Threads: the pipeline's, which owns the Transformer.
// Limits:  kMaxRedoBytes.
// Errors:  those of the lake and of Transformer::Rewrite; kConflict: the table was moved again
//          meanwhile.
// Format:  docs/formats/pipeline_progress.md
#pragma once

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "lake/lake.h"
#include "stream/flow_committer.h"
#include "stream/runner.h"
#include "stream/transformer.h"

namespace st::stream {

class Redo {
 public:
  // All must outlive it.
  Redo(Dependencies dependencies, const dialect::spark::Definition& definition,
       Transformer& transformer, FlowCommitter& committer)
      : to_(dependencies),
        definition_(definition),
        transformer_(transformer),
        committer_(committer) {}

  static bool IsDue(const lake::View& table);
  // Requires: IsDue(`table`), and `bad` is the newest version of bad.rows.
  Status Run(const lake::View& table, const lake::View& bad);

 private:
  struct Rewritten {
    std::vector<std::string> inputs;
    std::vector<lake::DataFile> outputs;
    std::int64_t removed_rows = 0;
  };
  Result<Rewritten> RewriteFiles(const lake::View& bad, const FlowProgress& from,
                                 const FlowProgress& to);
  Status RewriteSome(const lake::View& bad, const std::vector<lake::DataFile>& inputs,
                     const std::string& keep, Rewritten& out);
  Result<std::string> KeepCondition(const FlowProgress& to) const;
  void Discard(const Rewritten& rewritten);
  Status TakeBack(const lake::View& table, const lake::View& bad);
  Status Finish(const lake::View& table);

  const Dependencies to_;
  const dialect::spark::Definition& definition_;
  Transformer& transformer_;
  FlowCommitter& committer_;
};

}  // namespace st::stream
