#include "stream/flow_committer.h"

#include <optional>

#include "stream/limits.h"
#include "stream/standing.h"

namespace st::stream {

FlowCommitter::FlowCommitter(Dependencies dependencies,
                             const dialect::spark::Definition& definition)
    : to_(dependencies), definition_(definition) {
  if (to_.env.metrics == nullptr) return;
  const std::string labels = fmt::format("pipeline=\"{}\"", definition_.name);
  commits_ = &to_.env.metrics->Counter("steelthread_pipeline_commits_total",
                                       "Commits to the pipeline's table and to bad.rows.", labels);
  commit_seconds_ = &to_.env.metrics->Distribution(
      "steelthread_pipeline_commit_seconds", "Time of one commit, tries included.",
      {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3}, labels);
}

Status FlowCommitter::Commit(const Move& move) {
  const std::int64_t began_us = to_.env.clock.MonotonicUs();
  auto done = TryCommits(move);
  if (done && commits_ != nullptr) {
    commits_->Add();
    commit_seconds_->Observe(static_cast<double>(to_.env.clock.MonotonicUs() - began_us) / 1e6);
  }
  return done;
}

Status FlowCommitter::TryCommits(const Move& move) {
  Error last(ErrorCode::kConflict, "not tried");
  std::optional<Error> unknown;
  for (int i = 0; i < kMaxCommitTries; ++i) {
    const auto loaded = to_.lake.LoadForCommit(move.table);
    if (!loaded && unknown) {
      return Fail(ErrorCode::kOutcomeUnknown, "{}", loaded.error().message());
    }
    ST_TRY(const auto view, loaded);
    ST_TRY(auto progress, ReadProgress(to_.log, definition_, *view));
    FlowProgress& flow = progress.flows[definition_.name];
    if (flow.IsAt(*move.to)) return {};  // the earlier try was committed (I6)
    if (!flow.IsAt(*move.from)) {
      return Fail(ErrorCode::kConflict, "table {}.{} was changed meanwhile; it is read again",
                  move.table.schema, move.table.name);
    }
    flow = *move.to;
    lake::Append append{.table = move.table,
                        .expected_version = view->version,
                        .files = move.files,
                        .properties = move.properties,
                        .summary = move.summary};
    append.properties[kOffsetsProperty] = EncodeProgress(progress);
    const auto committed = to_.lake.Commit(append);
    if (committed) return {};
    last = committed.error();
    if (last.code() == ErrorCode::kOutcomeUnknown) unknown = last;
    if (last.code() != ErrorCode::kConflict && last.code() != ErrorCode::kOutcomeUnknown) break;
  }
  // A try that may have been committed forbids removing the files, whatever error came later.
  return std::unexpected(unknown.value_or(last));
}

}  // namespace st::stream
