#include "stream/table_reset.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "log/lost_records.h"
#include "stream/definition_history.h"
#include "stream/flow_tables.h"
#include "stream/known_commit.h"
#include "stream/progress.h"
#include "stream/rewinds.h"
#include "stream/standing.h"
#include "stream/table_columns.h"

namespace st::stream {
namespace {

using ViewPtr = std::shared_ptr<const lake::View>;

std::string FullName(const lake::TableName& table) {
  return fmt::format("{}.{}", table.schema, table.name);
}

// The records that the flow has read and the log does not have any more.
std::vector<RemovedRange> RemovedBehind(const log::LocalLog& log, const FlowProgress& at) {
  std::vector<RemovedRange> removed;
  for (const auto& [id, offsets] : at.topics) {
    const auto topic = log.FindTopic(id);
    for (const auto& [partition, next] : offsets) {
      RemovedRange one{
          .topic = topic ? topic->name : "", .partition = partition, .end = next, .later_ms = {}};
      if (topic) {
        const TopicPartition tp{.topic = id, .partition = PartitionId(partition)};
        const auto start = log.StartOffset(tp);
        one.end = std::min(next, start.value());
        one.later_ms = log.BatchTimeMs(tp, start);
      }
      if (one.end > 0) removed.push_back(std::move(one));
    }
  }
  for (const auto& lost : log::LostIn(log)) {
    const auto topic = log.FindTopic(lost.tp.topic);
    const auto end = std::min(lost.to, NextOf(at, lost.tp, 0));
    if (!topic || end <= lost.from) continue;
    removed.push_back({.topic = topic->name,
                       .partition = lost.tp.partition.value(),
                       .from = lost.from,
                       .end = end,
                       .later_ms = log.BatchTimeMs(lost.tp, Offset(lost.to))});
  }
  return removed;
}

ResetPlan PlanOf(const Dependencies& to, const dialect::spark::Definition& definition,
                 const Standing& standing) {
  ResetPlan plan{.rows = standing.rows,
                 .dead_letters = standing.dead_letters,
                 .partitions = PartitionsOf(to.log, TopicsOf(to.log, definition), {}),
                 .removed = {}};
  if (plan.rows > 0 || plan.dead_letters > 0) plan.removed = RemovedBehind(to.log, standing.at);
  return plan;
}

// A table has one flow, which has the name that the table had when the commit was made. Before a
// rename that was another one, under which bad.rows has the dead letters.
Result<FlowProgress> OnlyFlow(const Dependencies& to, const lake::TableName& table,
                              const std::string& property) {
  auto progress = DecodeProgress(property);
  if (!progress) return std::unexpected(progress.error().WithContext(FullName(table)));
  if (progress->log_id != to.log.id()) {
    return Fail(ErrorCode::kInvalidArgument,
                "table {} was filled from the log {}, and this data folder's log is {}; bring back "
                "the log it was filled from",
                FullName(table), progress->log_id.ToString(), to.log.id().ToString());
  }
  if (progress->flows.size() != 1) {
    return Fail(ErrorCode::kInvalidArgument,
                "table {} has {} flows, and the table of a pipeline has one", FullName(table),
                progress->flows.size());
  }
  if (const auto& name = progress->flows.begin()->first; name != table.name) {
    return Fail(ErrorCode::kInvalidArgument,
                "the snapshot is of the time when table {} had the name {}, and {} has the dead "
                "letters of that time under that name; choose a later snapshot",
                FullName(table), name, FullName(kBadRows));
  }
  return std::move(progress->flows.begin()->second);
}

Result<FlowProgress> FlowNow(const Dependencies& to, const lake::View& table) {
  if (table.name == kBadRows) {
    return Fail(ErrorCode::kInvalidArgument,
                "{} has the dead letters of every pipeline, and cannot be moved back by itself: it "
                "follows when a pipeline's table is reset or rolled back",
                FullName(table.name));
  }
  const auto property = table.properties.find(kOffsetsProperty);
  if (property == table.properties.end()) {
    return Fail(ErrorCode::kInvalidArgument,
                "table {} was not made by a pipeline, so its snapshots have no place in the log",
                FullName(table.name));
  }
  return OnlyFlow(to, table.name, property->second);
}

// The records from `at` on must still be there.
Status CheckLogHas(const Dependencies& to, const RollbackRequest& request, const FlowProgress& at) {
  for (const auto& [id, offsets] : at.topics) {
    const auto topic = to.log.FindTopic(id);
    if (!topic) {
      return Fail(ErrorCode::kInvalidArgument,
                  "snapshot {} of {} was filled from a topic with id {}, which the log does not "
                  "have; choose a snapshot from before the table's first record of that topic, or "
                  "have the table filled again from the topics that there are: `steelthread "
                  "pipeline reset {}`",
                  request.snapshot, FullName(request.table), id.ToString(), request.table.name);
    }
    for (const auto& [partition, next] : offsets) {
      const auto start =
          to.log.StartOffset({.topic = id, .partition = PartitionId(partition)}).value();
      if (next >= start) continue;
      return Fail(ErrorCode::kInvalidArgument,
                  "snapshot {} of {} ends before offset {} of {}/{}, and the log begins at offset "
                  "{}: the records between were removed; choose a later snapshot",
                  request.snapshot, FullName(request.table), next, topic->name, partition, start);
    }
  }
  return {};
}

// Up to where the dead letters of bad.rows are those of the snapshot.
Result<FlowProgress> KeptLetters(const Dependencies& to, const RollbackRequest& request,
                                 const Rewinds& rewinds, const FlowProgress& at) {
  FlowProgress kept = rewinds.Kept(at);
  if (kept.IsAt(at)) return kept;
  // The snapshot had none: all that bad.rows has of the flow was made since.
  if (at.dead_letters == 0) return FlowProgress();
  ST_TRY(const auto bad, to.lake.LoadForCommit(kBadRows));
  ST_TRY(const auto progress, DecodeProgress(bad->properties.at(kOffsetsProperty)));
  const auto bad_at = FlowOf(progress, request.table.name);
  if (bad_at.dead_letters == at.dead_letters && IsAtOrBehind(kept, bad_at)) return kept;
  return Fail(
      ErrorCode::kInvalidArgument,
      "snapshot {} of {} goes with {} dead letters, and a reset or rollback since took some "
      "of them out of {}; choose a snapshot behind it (`steelthread table history {}`), or "
      "make rows and dead letters again: `steelthread pipeline reset {}`",
      request.snapshot, FullName(request.table), at.dead_letters, FullName(kBadRows),
      request.table.name, request.table.name);
}

Result<lake::Rollback> RollbackOf(const Dependencies& to, const RollbackRequest& request,
                                  const lake::View& now, FlowProgress& at) {
  ST_TRY(const auto flow, FlowNow(to, now));
  ST_TRY(const auto position, to.lake.PositionAt(request.table, request.snapshot));
  ST_TRY(at, OnlyFlow(to, request.table, position));
  ST_TRY_STATUS(CheckLogHas(to, request, at));
  ST_TRY(auto rewinds, Rewinds::Of(now));
  ST_TRY(auto kept, KeptLetters(to, request, rewinds, at));
  at.timeline = flow.timeline + 1;
  kept.timeline = at.timeline;
  rewinds.Add(kept);
  const auto encode = [&](const FlowProgress& flow_at) {
    return EncodeProgress({.log_id = to.log.id(), .flows = {{request.table.name, flow_at}}});
  };
  lake::Rollback rollback{.table = request.table, .expected_version = now.version};
  rollback.snapshot = request.snapshot;
  rollback.properties = {{kOffsetsProperty, encode(at)},
                         {kDefinitionsProperty, HistoryUpTo(now, at)},
                         {kRewindsProperty, rewinds.Encode()},
                         {kRedoProperty, encode(kept)},
                         {kPausedProperty, request.reason}};
  return rollback;
}

// A reset takes away what only the log can give again, so the log is read first.
Status CheckLogIsWhole(const Dependencies& to, const ResetPlan& plan) {
  for (const auto& partition : plan.partitions) {
    const auto topic = to.log.FindTopic(partition.topic);
    if (!topic) continue;
    const auto read =
        to.log.CheckBatches({.topic = topic->id, .partition = PartitionId(partition.partition)},
                            Offset(partition.next), Offset(partition.end));
    if (!read) return read;
  }
  return {};
}

std::vector<PartitionStatus> PartitionsAt(const Dependencies& to, const FlowProgress& at) {
  std::vector<log::TopicInfo> topics;
  for (const auto& [id, offsets] : at.topics) {
    if (auto topic = to.log.FindTopic(id)) topics.push_back(*std::move(topic));
  }
  return PartitionsOf(to.log, topics, at);
}

}  // namespace

Result<ResetPlan> PlanReset(const Dependencies& to, const dialect::spark::Definition& definition) {
  ST_TRY(const auto standing, ReadStanding(to.log, to.lake, definition));
  auto plan = PlanOf(to, definition, standing);
  ST_TRY_STATUS(CheckLogIsWhole(to, plan));
  return plan;
}

Result<ResetPlan> Reset(const Dependencies& to, const dialect::spark::Definition& definition) {
  ST_TRY(const auto table, OpenTable(to, definition));
  ST_TRY(const auto plan, PlanReset(to, definition));
  std::optional<std::int64_t> timeline;  // of the reset
  const auto attempt = [&](const ViewPtr& now) -> Result<Tried> {
    ST_TRY(const auto progress, ReadProgress(to.log, definition, *now));
    const auto at = FlowOf(progress, definition.name);
    if (timeline == at.timeline && now->files.empty()) return Tried{now};
    FlowProgress first{.topics = {}, .crcs = {}, .failing = {}, .made_by = {}};
    first.timeline = at.timeline + 1;
    timeline = first.timeline;
    ST_TRY(auto rewinds, Rewinds::Of(*now));
    rewinds.Add(first);
    lake::Clearing clearing{.table = table->name, .expected_version = now->version};
    clearing.columns = TableColumns(definition);
    clearing.layout = definition.layout;
    clearing.properties = definition.properties;
    const auto beginning =
        EncodeProgress({.log_id = to.log.id(), .flows = {{definition.name, first}}});
    clearing.properties[kOffsetsProperty] = beginning;
    clearing.properties[kDefinitionsProperty] = "[]";
    clearing.properties[kRewindsProperty] = rewinds.Encode();
    clearing.properties[kRedoProperty] = beginning;
    clearing.removed_properties = {kPausedProperty};
    return Tried{to.lake.Clear(clearing)};
  };
  ST_TRY_STATUS(CommitUntilKnown(to.lake, table->name, attempt));
  return plan;
}

Result<RollbackReport> RollBack(const Dependencies& to, const RollbackRequest& request) {
  RollbackReport report;
  FlowProgress at;
  std::optional<std::int64_t> timeline;  // of the rollback
  const auto attempt = [&](const ViewPtr& now) -> Result<Tried> {
    ST_TRY(const auto flow, FlowNow(to, *now));
    if (timeline == flow.timeline && now->snapshot == request.snapshot) return Tried{now};
    report.from = now->snapshot;
    report.rows_before = now->record_count;
    ST_TRY(const auto rollback, RollbackOf(to, request, *now, at));
    timeline = at.timeline;
    return Tried{to.lake.RollBack(rollback)};
  };
  ST_TRY(const auto view, CommitUntilKnown(to.lake, request.table, attempt));
  report.rows_after = view->record_count;
  report.dead_letters = at.dead_letters;
  report.partitions = PartitionsAt(to, at);
  return report;
}

}  // namespace st::stream
