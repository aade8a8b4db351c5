#include "stream/pipeline.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "lake/types.h"
#include "stream/definition_check.h"
#include "stream/definition_history.h"
#include "stream/flow_tables.h"
#include "stream/known_commit.h"
#include "stream/losses.h"
#include "stream/new_definition.h"
#include "stream/position.h"
#include "stream/table_columns.h"
#include "stream/table_job.h"

namespace st::stream {
namespace {

constexpr std::int64_t kLeastRecords = 1000;

// Whether both have the same partitions.
bool AreSame(const std::vector<log::TopicInfo>& a, const std::vector<log::TopicInfo>& b) {
  return std::ranges::equal(a, b, [](const auto& x, const auto& y) {
    return x.id == y.id && x.partitions == y.partitions;
  });
}

std::unexpected<Error> Stopped(const std::string& reason) {
  return Fail(ErrorCode::kInvalidArgument, "{}", reason);
}

}  // namespace

bool NeedsPerson(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kNotFound:
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kUnsupported:
    case ErrorCode::kCorruption:
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kIo:
      return true;
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadline:
    case ErrorCode::kConflict:
    case ErrorCode::kShutdown:
      return false;
  }
  return true;
}

Pipeline::Pipeline(Dependencies dependencies, const dialect::spark::Definition& definition,
                   Transformer& transformer, PipelineLimits limits)
    : to_(dependencies),
      definition_(definition),
      transformer_(transformer),
      limits_(limits),
      name_(TableOf(definition)),
      committer_(dependencies, definition),
      redo_(dependencies, definition, transformer, committer_),
      records_now_(limits.max_records) {}

Result<StepReport> Pipeline::Step(std::int64_t now_us) {
  StepReport report;
  report.up_to = to_.log.end_lsn();  // read first, so that this step covers all entries below
  ST_TRY(auto tables, OpenTables());
  if (tables.bad) is_dead_unknown_ = false;
  if (is_dead_unknown_) return std::unexpected(tables.bad.error());
  ST_TRY_STATUS(RedoIfDue(tables));
  if (const auto stopped = StoppedReason(*tables.table)) return Stopped(*stopped);
  report.paused = PausedReason(*tables.table);
  if (report.paused.empty()) {
    ST_TRY_STATUS(Move(std::move(tables), now_us, report));
  } else {
    FillStatus(tables, TopicsOf(to_.log, definition_), report);
  }
  return report;
}

Status Pipeline::RedoIfDue(Tables& tables) {
  if (!Redo::IsDue(*tables.table)) return {};
  if (!tables.bad) return std::unexpected(tables.bad.error());
  ST_TRY_STATUS(redo_.Run(*tables.table, **tables.bad));
  ST_TRY(tables, OpenTables());
  return {};
}

Status Pipeline::Move(Tables tables, std::int64_t now_us, StepReport& report) {
  ST_TRY_STATUS(FitTable(tables.table));
  auto topics = TopicsOf(to_.log, definition_);
  if (topics.empty() && tables.at.topics.empty()) {
    report.is_waiting_for_topic = true;
    report.table_rows = tables.table->record_count;
    return {};
  }
  const PositionedLog log(to_.log);
  ST_TRY_STATUS(CheckPositions(log, definition_, tables.at, tables.bad_at));
  ST_TRY_STATUS(CheckLosses(to_.log, definition_, *tables.table, tables.at));
  ST_TRY(auto plan, PlanStep(tables, topics, report));
  // A topic or partition that was created meanwhile may have records before the plan's end.
  for (auto now = TopicsOf(to_.log, definition_); !AreSame(now, topics);
       now = TopicsOf(to_.log, definition_)) {
    topics = std::move(now);
    ST_TRY(plan, PlanStep(tables, topics, report));
  }
  if (plan) {
    const std::int64_t planned = plan->range.size();
    ST_TRY_STATUS(CheckDefinedOnce());
    ST_TRY_STATUS(CheckNothingIsHidden(tables));
    const bool is_dead_written = plan->is_dead_written;
    auto made = Make(tables, *std::move(plan));
    if (!made) {
      HalveTo(is_dead_written ? planned : limits_.max_records, is_dead_written ? 1 : kLeastRecords);
      return std::unexpected(made.error());
    }
    ST_TRY_STATUS(StopIfUseless(tables, *made));
    auto committed = CommitDead(tables, *made);
    is_dead_unknown_ = !committed && committed.error().code() == ErrorCode::kOutcomeUnknown;
    if (committed) committed = CommitRows(tables, *made, now_us);
    if (!committed) {
      DiscardMade(tables, *made, committed.error());
      return std::unexpected(committed.error());
    }
    const bool was_cut = made->plan.range.size() < planned;
    if (made->is_too_large) {
      records_now_ = made->records;
    } else if (!was_cut) {
      records_now_ = std::min(records_now_ * 2, limits_.max_records);
    }
    report.records = made->records;
    if (made->records < planned) report.has_more = true;
    report.rows = made->transform.rows();
    if (made->transform.bad_output) report.dead_letters = made->transform.bad_output->rows;
    ST_TRY(tables, OpenTables());
  }
  if (report.has_more) report.up_to = Lsn();
  FillStatus(tables, topics, report);
  return {};
}

// Records that a crash left half committed have been accepted before.
Status Pipeline::StopIfUseless(const Tables& tables, const Made& made) {
  if (made.plan.is_dead_written || !tables.bad) return {};
  const MadeStep step{.records = made.records,
                      .transform = made.transform,
                      .failing = made.failing,
                      .dead_letters_before = tables.bad_at.dead_letters};
  const auto reason = WhyToStop(definition_, *tables.table, step);
  if (!reason) return {};
  Discard(made.transform.bad_output->location);
  ST_TRY_STATUS(StopForPerson(to_, definition_, *reason, step));
  return Stopped(*reason);
}

// Halves the records of the next step, of `most` at the most: the range as a whole may be too much
// for the worker. A range that may not be searched has no other way to become small enough.
void Pipeline::HalveTo(std::int64_t most, std::int64_t least) {
  records_now_ = std::max(std::min({records_now_, limits_.max_records, most}) / 2,
                          std::min(least, limits_.max_records));
}

std::string Pipeline::TopicName(TopicId id) const {
  const auto topic = to_.log.FindTopic(id);
  return topic ? topic->name : id.ToString();
}

// Removes files that no commit names. Where the outcome is unknown a commit may name them, so they
// stay.
void Pipeline::DiscardMade(const Tables& tables, const Made& made, const Error& error) {
  if (error.code() == ErrorCode::kOutcomeUnknown) return;
  const auto now = OpenTables();
  if (!now) return;
  // Without bad.rows no commit was tried.
  const bool is_dead_unused = !tables.bad || (now->bad && now->bad_at.IsAt(tables.bad_at));
  for (const auto& file : made.transform.outputs) Discard(file.location);
  if (made.transform.bad_output && is_dead_unused) Discard(made.transform.bad_output->location);
}

Result<Progress> Pipeline::ProgressOf(const lake::View& view) const {
  return ReadProgress(to_.log, definition_, view);
}

Result<Pipeline::Tables> Pipeline::OpenTables() {
  Tables tables;
  tables.bad = OpenBadRows(to_);
  if (tables.bad) {
    ST_TRY(const auto bad, ProgressOf(**tables.bad));
    tables.bad_at = FlowOf(bad, definition_.name);
  }
  ST_TRY(tables.table, OpenTable(to_, definition_));
  ST_TRY(const auto progress, ProgressOf(*tables.table));
  tables.at = FlowOf(progress, definition_.name);
  if (!tables.bad) tables.bad_at.dead_letters = tables.at.dead_letters;
  return tables;
}

// The columns become those of the SELECT, where the table can get them, and the properties those of
// the definition. A new layout holds for the files behind this commit.
Status Pipeline::FitTable(std::shared_ptr<const lake::View>& view) {
  const auto change = [&](const lake::View& now) -> Result<std::optional<lake::Append>> {
    ST_TRY(auto evolution, EvolutionOf(definition_, now));
    const bool is_laid_out = LayoutChange(definition_, now, evolution.columns).empty();
    auto properties = PropertyChangeOf(definition_, now);
    if (evolution.changes.empty() && is_laid_out && properties.texts.empty()) {
      return std::optional<lake::Append>();
    }
    lake::Append append{.table = name_, .expected_version = now.version};
    append.properties = std::move(properties.set);
    append.removed_properties = std::move(properties.removed);
    if (!evolution.changes.empty()) append.columns = std::move(evolution.columns);
    if (!is_laid_out) append.layout = definition_.layout;
    return append;
  };
  ST_TRY(const auto first, change(*view));
  if (!first) return {};
  const auto attempt = [&](const std::shared_ptr<const lake::View>& now) -> Result<Tried> {
    ST_TRY(const auto append, change(*now));
    if (!append) return Tried{now};
    return Tried{to_.lake.Commit(*append)};
  };
  ST_TRY(view, CommitUntilKnown(to_.lake, name_, attempt));
  return {};
}

Status Pipeline::CheckDefinedOnce() {
  if (!is_checked_) ST_TRY_STATUS(CheckDefinition(transformer_, definition_));
  is_checked_ = true;
  return {};
}

// A crash between the two commits leaves bad.rows ahead of the table in some partitions. Then only
// the offsets up to those of bad.rows are read again.
Result<OffsetRanges> Pipeline::OffsetsToRead(const Tables& tables,
                                             const std::vector<log::TopicInfo>& topics,
                                             bool& is_dead_written) const {
  OffsetRanges all;
  OffsetRanges behind_bad_rows;
  for (const auto& topic : topics) {
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
      const TopicPartition tp{.topic = topic.id, .partition = PartitionId(partition)};
      const Offset from(NextOf(tables.at, tp, to_.log.StartOffset(tp).value()));
      all[tp] = {.from = from};
      const OffsetRange redo{.from = from, .to = Offset(NextOf(tables.bad_at, tp, 0))};
      if (redo.to <= from) continue;
      ST_TRY_STATUS(CheckMadeBy(tables, tp, redo));
      behind_bad_rows[tp] = redo;
    }
  }
  is_dead_written = !behind_bad_rows.empty();
  return is_dead_written ? behind_bad_rows : all;
}

Result<std::optional<Pipeline::Plan>> Pipeline::PlanStep(const Tables& tables,
                                                         const std::vector<log::TopicInfo>& topics,
                                                         StepReport& report) const {
  bool is_dead_written = false;
  ST_TRY(auto offsets, OffsetsToRead(tables, topics, is_dead_written));
  const bool is_plain = tables.table->layout == TableLayout();
  const auto max_bytes =
      is_plain ? limits_.max_bytes : std::min(limits_.max_bytes, limits_.max_sorted_bytes);
  ST_TRY(auto extents, to_.log.ExtentsInOrder(offsets, {.records = records_now_,
                                                        .bytes = max_bytes,
                                                        .extents = limits_.max_extents,
                                                        .files = limits_.max_files}));
  if (extents.extents.empty()) {
    if (!is_dead_written) return std::optional<Plan>();
    const auto& [tp, range] = *offsets.begin();
    return Fail(ErrorCode::kCorruption, "the log has no batch for offset {} of {}/{}", range.from,
                TopicName(tp.topic), tp.partition);
  }
  report.has_more = extents.has_more || is_dead_written;
  Plan plan{.range = PlannedRange(std::move(extents), std::move(offsets), topics),
            .is_dead_written = is_dead_written,
            .known = {}};
  for (const auto& record : tables.bad_at.failing) {
    if (record.id.offset.value() >= NextOf(tables.at, record.id.tp, 0)) {
      plan.known.push_back(record);
    }
  }
  // Whole batches are read, so that a batch that cannot be decoded becomes one dead letter (I12),
  // unless a whole batch may be too large for the worker's memory.
  const bool may_cut = is_dead_written || records_now_ < limits_.max_records;
  if (may_cut && plan.range.size() > records_now_) {
    plan.range.CutTo(records_now_);
    report.has_more = true;
  }
  return std::optional(std::move(plan));
}

RangeTransformer::Scratch Pipeline::ScratchFiles() {
  return {.make = [this] { return to_.lake.NewDataFile(name_); },
          .remove = [this](const std::string& path) { Discard(path); }};
}

void Pipeline::Discard(const std::string& path) {
  Ignore(to_.lake.DiscardDataFile(path), "an orphan costs space alone");
}

// Only the log can say that it is damaged: it then tells every caller, with the remedy.
Error Pipeline::Explain(const Error& error, const PlannedRange& range) const {
  switch (error.code()) {
    case ErrorCode::kNotFound:
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      break;
    default:
      return error;
  }
  for (const auto& [tp, offsets] : range.OffsetsOf(range.size())) {
    const auto read = to_.log.CheckBatches(tp, offsets.from, offsets.to);
    if (!read) return read.error();
  }
  return error;
}

jobs::TransformJob Pipeline::JobOf(const Tables& tables, const Plan& plan) const {
  auto job = TableJob(definition_, *tables.table);
  job.dead = plan.known;
  return job;
}

Result<RangeResult> Pipeline::RunJob(const Tables& tables, const Plan& plan) {
  RangeJob job{
      .job = JobOf(tables, plan), .range = plan.range, .may_find_failing = !plan.is_dead_written};
  ST_TRY(job.job.output_path, to_.lake.NewDataFile(name_));
  // Without bad.rows no commit will name the file of dead letters.
  ST_TRY(job.job.bad_output_path, to_.lake.NewDataFile(tables.bad ? kBadRows : name_));
  RangeTransformer runner(transformer_, ScratchFiles());
  auto result = runner.Run(job);
  if (result && !result->transform.has_too_many_partitions) return result;
  runner.RemoveFiles(job.job);
  if (!result) return std::unexpected(Explain(result.error(), plan.range));
  return result;
}

Result<Pipeline::Made> Pipeline::Make(const Tables& tables, Plan plan) {
  ST_TRY(auto result, RunJob(tables, plan));
  while (result.transform.has_too_many_partitions && plan.range.size() > 1) {
    records_now_ = plan.range.size() / 2;
    plan.range.CutTo(records_now_);
    ST_TRY(result, RunJob(tables, plan));
  }
  if (plan.is_dead_written && result.transform.bad_output) {
    Discard(result.transform.bad_output->location);  // bad.rows has these rows already
    result.transform.bad_output.reset();
  }
  return Made{.plan = std::move(plan),
              .records = result.records,
              .transform = std::move(result.transform),
              .failing = std::move(result.failing),
              .is_too_large = result.is_too_large};
}

Status Pipeline::CommitDead(const Tables& tables, const Made& made) {
  if (made.plan.is_dead_written || !made.transform.bad_output) return {};
  if (!tables.bad) {
    return Fail(tables.bad.error().code(),
                "of the next {} records of {} the pipeline cannot take {}, and it waits because "
                "table {}.{} cannot take them as dead letters: {}; it goes on by itself once the "
                "table can be read",
                made.records, fmt::join(definition_.topics, ", "), made.transform.bad_output->rows,
                kBadRows.schema, kBadRows.name, tables.bad.error().message());
  }
  FlowProgress to = tables.bad_at;
  std::erase_if(to.failing, [&](const jobs::DeadRecord& record) {
    return record.id.offset.value() < NextOf(tables.at, record.id.tp, 0);
  });
  ST_TRY_STATUS(MoveBehind(to, made));
  to.failing.insert(to.failing.end(), made.failing.begin(), made.failing.end());
  to.dead_letters += made.transform.bad_output->rows;
  to.made_by = DefinitionText(definition_);
  return committer_.Commit(
      {.table = kBadRows,
       .from = &tables.bad_at,
       .to = &to,
       .files = {lake::DataFileFrom(*made.transform.bad_output, (*tables.bad)->columns)},
       .properties = {},
       .summary = {{"steelthread.flow", definition_.name}}});
}

// Between the two commits of a step only the definition that found the dead letters may continue:
// another could make a record both a row and a dead letter, or neither (I4).
Status Pipeline::CheckMadeBy(const Tables& tables, TopicPartition tp,
                             const OffsetRange& range) const {
  const std::string& made_by = tables.bad_at.made_by;
  if (made_by.empty() || made_by == DefinitionText(definition_)) {
    return {};
  }
  return Fail(ErrorCode::kInvalidArgument,
              "{}: a crash left the dead letters of {}/{} from offset {} to {} committed and their "
              "rows not, and the pipeline was changed since; put back what made them, run it once, "
              "then change it: {}",
              definition_.place, TopicName(tp.topic), tp.partition, range.from, range.to, made_by);
}

// A crash may have left dead letters that bad.rows does not show now. The definition that filled
// the table so far makes them again, and waits; another could make rows of the same records (I4).
Status Pipeline::CheckNothingIsHidden(const Tables& tables) const {
  if (tables.bad || tables.at.topics.empty()) return {};
  if (!HistoryWith(definition_, *tables.table, tables.at)) return {};
  return Fail(tables.bad.error().code(),
              "{}: the pipeline was changed, and whether dead letters of before are committed "
              "without their rows cannot be told while table {}.{} cannot be read: {}; the "
              "pipeline goes on by itself once the table can be read, or with the definition of "
              "before",
              definition_.place, kBadRows.schema, kBadRows.name, tables.bad.error().message());
}

Status Pipeline::CommitRows(const Tables& tables, const Made& made, std::int64_t now_us) {
  FlowProgress to = tables.at;
  FlowCommitter::Move move{.table = name_, .from = &tables.at, .to = &to};
  ST_TRY_STATUS(MoveBehind(to, made));
  to.dead_letters = tables.bad_at.dead_letters;
  if (made.transform.bad_output) to.dead_letters += made.transform.bad_output->rows;
  for (const auto& file : made.transform.outputs) {
    move.files.push_back(lake::DataFileFrom(file, *tables.table));
  }
  if (const auto history = HistoryWith(definition_, *tables.table, tables.at)) {
    move.properties[kDefinitionsProperty] = *history;
    const auto first = FirstRowsOf(definition_, *tables.table, tables.at.dead_letters);
    if (first) move.properties[kFirstRowsProperty] = *first;
  }
  move.summary = {{"steelthread.flow", definition_.name},
                  {"steelthread.records", fmt::format("{}", made.records)},
                  {"steelthread.step-time-ms", fmt::format("{}", now_us / 1000)}};
  return committer_.Commit(move);
}

void Pipeline::FillStatus(const Tables& tables, const std::vector<log::TopicInfo>& topics,
                          StepReport& report) const {
  report.table_rows = tables.table->record_count;
  report.total_dead_letters = tables.bad_at.dead_letters;
  report.partitions = PartitionsOf(to_.log, topics, tables.at);
}

Status Pipeline::MoveBehind(FlowProgress& flow, const Made& made) const {
  for (const auto& [tp, offsets] : made.plan.range.OffsetsOf(made.records)) {
    ST_TRY_STATUS(MoveTo(flow, tp, offsets.to.value()));
  }
  return {};
}

Status Pipeline::MoveTo(FlowProgress& flow, TopicPartition tp, std::int64_t next) const {
  flow.topics[tp.topic][tp.partition.value()] = next;
  if (next <= to_.log.StartOffset(tp).value()) return {};
  ST_TRY(flow.crcs[tp], to_.log.EntryCrc(tp, Offset(next - 1)));
  return {};
}

}  // namespace st::stream
