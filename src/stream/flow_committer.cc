#include "stream/flow_committer.h"

#include <utility>

#include "stream/known_commit.h"
#include "stream/standing.h"

namespace st::stream {
namespace {

std::string Changed(const FlowCommitter::Move& move) {
  return fmt::format("table {}.{} was changed meanwhile; it is read again", move.table.schema,
                     move.table.name);
}

}  // namespace

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
  const auto attempt = [&](const std::shared_ptr<const lake::View>& now) -> Result<Tried> {
    ST_TRY(auto progress, ReadProgress(to_.log, definition_, *now));
    FlowProgress& flow = progress.flows[definition_.name];
    if (flow.IsAt(*move.to)) return Tried{now};  // the earlier try was committed (I6)
    if (!flow.IsAt(*move.from)) return Fail(ErrorCode::kConflict, "{}", Changed(move));
    flow = *move.to;
    auto properties = move.properties;
    properties[kOffsetsProperty] = EncodeProgress(progress);
    if (move.replaced.empty()) {
      lake::Append append{.table = move.table, .expected_version = now->version};
      append.files = move.files;
      append.properties = std::move(properties);
      append.summary = move.summary;
      return Tried{to_.lake.Commit(append)};
    }
    for (const auto& location : move.replaced) {
      if (!now->files.Contains(location)) return Fail(ErrorCode::kConflict, "{}", Changed(move));
    }
    lake::Rewrite rewrite{.table = move.table, .inputs = move.replaced, .outputs = move.files};
    rewrite.expected_version = now->version;
    rewrite.removes_rows = true;
    rewrite.properties = std::move(properties);
    return Tried{to_.lake.Replace(rewrite)};
  };
  ST_TRY_STATUS(CommitUntilKnown(to_.lake, move.table, attempt));
  return {};
}

}  // namespace st::stream
