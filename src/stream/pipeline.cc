#include "stream/pipeline.h"

#include <algorithm>
#include <utility>

#include "stream/table_columns.h"

namespace st::stream {
namespace {

constexpr std::int64_t kLeastRecords = 1000;

std::vector<lake::Column> BadColumns() {
  std::vector<lake::Column> columns;
  const std::pair<const char*, const char*> rows[] = {
      {"raw_value", "binary"}, {"code", "string"}, {"reason", "string"},
      {"pipeline", "string"},  {"flow", "string"}, {"topic", "string"},
      {"partition", "int"},    {"offset", "long"}, {"timestamp", "timestamptz"}};
  for (const auto& [name, type] : rows) {
    columns.push_back({.id = static_cast<int>(columns.size()) + 1, .name = name, .type = type});
  }
  return columns;
}

// At most what an extent takes in a job's frame: JSON escapes some of a path's characters.
std::size_t FrameBytes(const log::Extent& extent) {
  constexpr std::size_t kNumbers = 64;
  return 2 * extent.file.size() + kNumbers;
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
      name_{.schema = "default", .name = definition.name},
      records_now_(limits.max_records) {
  if (to_.metrics == nullptr) return;
  const std::string labels = fmt::format("pipeline=\"{}\"", definition.name);
  commits_ = &to_.metrics->Counter("steelthread_pipeline_commits_total",
                                   "Commits to the pipeline's table and to bad.rows.", labels);
  commit_seconds_ = &to_.metrics->Distribution("steelthread_pipeline_commit_seconds",
                                               "Time of one commit, tries included.",
                                               {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3}, labels);
}

Result<StepReport> Pipeline::Step(std::int64_t now_us) {
  StepReport report;
  ST_TRY(auto tables, OpenTables());
  const auto topic = to_.log.FindTopic(definition_.topic);
  if (!topic && tables.at.topics.empty()) {
    report.is_waiting_for_topic = true;
    report.table_rows = tables.table->record_count;
    return report;
  }
  ST_TRY_STATUS(CheckPosition(name_, tables.at, topic.value_or(log::TopicInfo())));
  ST_TRY_STATUS(CheckPosition(kBadRows, tables.bad_at, topic.value_or(log::TopicInfo())));
  ST_TRY_STATUS(CheckDeadLetters(tables));
  ST_TRY(auto ranges, Plan(tables, *topic, report));
  if (!ranges.empty()) {
    ST_TRY_STATUS(CheckDescribed());
    ST_TRY(const auto made, MakeAll(std::move(ranges)));
    auto committed = CommitDead(tables, made);
    if (committed) committed = CommitRows(tables, made, now_us);
    if (!committed) {
      DiscardAll(tables, made, committed.error());
      return std::unexpected(committed.error());
    }
    records_now_ = std::min(records_now_ * 2, limits_.max_records);
    for (const auto& one : made) {
      report.records += one.result.to_offset - one.range.from;
      if (one.result.to_offset < one.range.to) report.has_more = true;
      if (one.result.transform.output) report.rows += one.result.transform.output->rows;
      if (one.result.transform.bad_output)
        report.dead_letters += one.result.transform.bad_output->rows;
    }
    ST_TRY(tables, OpenTables());
  }
  FillStatus(tables, *topic, report);
  return report;
}

Result<std::vector<Pipeline::Made>> Pipeline::MakeAll(std::vector<Range> ranges) {
  std::vector<Made> made;
  for (auto& range : ranges) {
    auto one = Make(std::move(range));
    if (one) {
      made.push_back(std::move(*one));
      continue;
    }
    // Smaller next time: the range, not a record of it, may be too much for the worker.
    records_now_ = std::max(std::min(records_now_, limits_.max_records) / 2,
                            std::min(kLeastRecords, limits_.max_records));
    for (const auto& done : made) {
      if (done.result.transform.output) Discard(done.result.transform.output->path);
      if (done.result.transform.bad_output) Discard(done.result.transform.bad_output->path);
    }
    return std::unexpected(one.error());
  }
  return made;
}

// Files that no commit refers to. Where the outcome is unknown they stay: one may.
void Pipeline::DiscardAll(const Tables& tables, const std::vector<Made>& made, const Error& error) {
  if (error.code() == ErrorCode::kOutcomeUnknown) return;
  const auto now = OpenTables();
  if (!now) return;
  const bool has_dead_moved = !now->bad_at.IsAt(tables.bad_at);
  for (const auto& one : made) {
    if (one.result.transform.output) Discard(one.result.transform.output->path);
    if (one.result.transform.bad_output && !has_dead_moved) {
      Discard(one.result.transform.bad_output->path);
    }
  }
}

Result<Progress> Pipeline::ProgressOf(const lake::View& view) const {
  return ReadProgress(to_.log, definition_, view);
}

Result<Pipeline::Tables> Pipeline::OpenTables() {
  const auto open = [&](const lake::TableName& name, const std::vector<lake::Column>& columns,
                        const Progress& progress, std::map<std::string, std::string> properties)
      -> Result<std::shared_ptr<const lake::View>> {
    properties[kOffsetsProperty] = EncodeProgress(progress);
    constexpr int kTries = 2;
    for (int i = 0; i < kTries; ++i) {
      auto view = to_.lake.LoadForCommit(name);
      if (view || view.error().code() != ErrorCode::kNotFound) return view;
      view = to_.lake.Create(name, columns, properties);
      if (view) return view;
      const ErrorCode code = view.error().code();  // another pipeline may have made bad.rows
      if (code != ErrorCode::kAlreadyExists && code != ErrorCode::kOutcomeUnknown) return view;
    }
    return to_.lake.LoadForCommit(name);
  };
  Tables tables;
  const Progress empty{.log_id = to_.log.id(), .flows = {}};
  ST_TRY(tables.bad,
         open(kBadRows, BadColumns(), empty, {{"comment", "records that no pipeline could take"}}));
  ST_TRY(const auto bad, ProgressOf(*tables.bad));
  tables.bad_at = FlowOf(bad, definition_.name);

  Progress first = empty;
  first.flows[definition_.name] = {};
  auto properties = definition_.properties;
  properties[kDefinitionsProperty] = "[]";
  ST_TRY(tables.table, open(name_, TableColumns(definition_), first, std::move(properties)));
  ST_TRY(const auto progress, ProgressOf(*tables.table));
  tables.at = FlowOf(progress, definition_.name);
  ST_TRY_STATUS(GrowColumns(tables.table));
  ST_TRY_STATUS(CheckTableColumns(definition_, *tables.table));
  return tables;
}

// A generated definition may have more columns than its table, behind those that are there.
Status Pipeline::GrowColumns(std::shared_ptr<const lake::View>& view) {
  const auto columns = TableColumns(definition_);
  const std::size_t old = view->columns.size();
  if (!MayGrow(definition_, *view)) return {};
  lake::Append append{.table = name_, .expected_version = view->version};
  append.add_columns.assign(columns.begin() + static_cast<std::ptrdiff_t>(old), columns.end());
  auto grown = to_.lake.Commit(append);
  if (!grown && grown.error().code() == ErrorCode::kOutcomeUnknown) {
    const Error unknown = grown.error();
    grown = to_.lake.LoadForCommit(name_);
    if (grown && (*grown)->columns.size() == old) {
      return Fail(ErrorCode::kConflict, "{}; it had not happened", unknown.message());
    }
  }
  ST_TRY(view, std::move(grown));
  return {};
}

// DuckDB must see the columns that we promise; else no record is at fault, but we are.
Status Pipeline::CheckDescribed() {
  if (is_described_) return {};
  auto described = transformer_.Describe(dialect::spark::TableSql(definition_));
  if (!described) return std::unexpected(described.error().WithContext(definition_.place));
  bool is_same = described->size() == definition_.columns.size();
  for (std::size_t i = 0; is_same && i < described->size(); ++i) {
    is_same = (*described)[i].name == definition_.columns[i].name &&
              (*described)[i].duckdb_type == definition_.columns[i].duckdb_type;
  }
  if (!is_same) {
    std::string got;
    for (const auto& column : *described) {
      got += fmt::format("{}{} {}", got.empty() ? "" : ", ", column.name, column.duckdb_type);
    }
    return Fail(ErrorCode::kUnsupported,
                "{}: the SELECT is translated to columns of other types ({}); write a CAST to the "
                "type that is meant",
                definition_.place, got);
  }
  is_described_ = true;
  return {};
}

Result<std::vector<Pipeline::Range>> Pipeline::Plan(const Tables& tables,
                                                    const log::TopicInfo& topic,
                                                    StepReport& report) {
  std::vector<Range> ranges;
  for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
    Range range{.tp = {.topic = topic.id, .partition = PartitionId(partition)}};
    range.from = NextOf(tables.at, range.tp, to_.log.StartOffset(range.tp).value());
    const std::int64_t end = to_.log.EndOffset(range.tp).value();
    if (range.from >= end) continue;
    range.to = std::min(end, range.from + records_now_);
    const std::int64_t bad_next = NextOf(tables.bad_at, range.tp, 0);
    if (bad_next > range.from) {
      // A crash came between the two commits: no further than bad.rows went.
      ST_TRY_STATUS(CheckMadeBy(tables, range, bad_next));
      range.is_dead_written = true;
      range.to = std::min(range.to, bad_next);
    }
    for (const auto& failing : tables.bad_at.failing) {
      const std::int64_t offset = failing.record.offset;
      if (failing.partition == partition && offset >= range.from) {
        range.known.push_back(failing.record);
      }
    }
    ST_TRY_STATUS(FillExtents(range, report.has_more));
    if (range.to < end) report.has_more = true;
    ranges.push_back(std::move(range));
  }
  return ranges;
}

Status Pipeline::FillExtents(Range& range, bool& has_more) const {
  ST_TRY(auto extents,
         to_.log.Extents(range.tp, Offset(range.from), Offset(range.to), range.to - range.from));
  if (extents.empty()) {
    return Fail(ErrorCode::kCorruption, "the log has no batch for offset {} of {}/{}", range.from,
                definition_.topic, range.tp.partition);
  }
  std::uint64_t bytes = 0;
  std::size_t count = 0;
  std::size_t frame_bytes = 0;
  for (; count < extents.size() && count < limits_.max_extents; ++count) {
    const std::size_t more = FrameBytes(extents[count]);
    const bool is_over = bytes + extents[count].length > limits_.max_bytes ||
                         frame_bytes + more > limits_.max_extent_bytes;
    if (count > 0 && is_over) break;
    bytes += extents[count].length;
    frame_bytes += more;
  }
  if (count < extents.size()) {
    extents.resize(count);
    has_more = true;
  }
  // Whole batches, so that what is said of a batch that cannot be read is said once (I12); but not
  // where a batch may be what the worker has no memory for.
  const std::int64_t batch_end = extents.back().base_offset.value() + extents.back().records;
  const bool may_cut = range.is_dead_written || records_now_ < limits_.max_records;
  range.to = may_cut ? std::min(range.to, batch_end) : batch_end;
  range.extents = std::move(extents);
  return {};
}

RangeTransformer::Scratch Pipeline::ScratchFiles() {
  return {.make = [this] { return to_.lake.NewDataFilePath(name_); },
          .remove = [this](const std::string& path) { Discard(path); }};
}

void Pipeline::Discard(const std::string& path) {
  Ignore(to_.fs.Remove(path), "often it was never made; an orphan costs space alone");
}

// Whether the log is damaged is the log's to say, to all who ask and with the remedy.
Error Pipeline::Explain(const Error& error, const Range& range) const {
  switch (error.code()) {
    case ErrorCode::kNotFound:
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      break;
    default:
      return error;
  }
  const auto read = to_.log.CheckBatches(range.tp, Offset(range.from), Offset(range.to));
  return read ? error : read.error();
}

Result<Pipeline::Made> Pipeline::Make(Range range) {
  RangeJob job;
  job.may_find_failing = !range.is_dead_written;
  job.extents = range.extents;
  job.job = {.sql = dialect::spark::TableSql(definition_),
             .topic = definition_.topic,
             .partition = range.tp.partition.value(),
             .extents = {},
             .from_offset = range.from,
             .to_offset = range.to,
             .is_json = definition_.is_json,
             .require = definition_.require,
             .event_rules = definition_.event_rules,
             .output_path = {},
             .bad_output_path = {},
             .pipeline = definition_.name,
             .flow = definition_.name,
             .field_ids = {},
             .dead = range.known};
  for (const auto& column : TableColumns(definition_)) {
    job.job.field_ids.emplace_back(column.name, column.id);
  }
  ST_TRY(job.job.output_path, to_.lake.NewDataFilePath(name_));
  ST_TRY(job.job.bad_output_path, to_.lake.NewDataFilePath(kBadRows));
  auto result = RangeTransformer(transformer_, ScratchFiles()).Run(job);
  if (!result) {
    Discard(job.job.output_path);
    Discard(job.job.bad_output_path);
    return std::unexpected(Explain(result.error(), range));
  }
  if (range.is_dead_written && result->transform.bad_output) {
    Discard(result->transform.bad_output->path);  // bad.rows has these rows
    result->transform.bad_output.reset();
  }
  return Made{.range = std::move(range), .result = std::move(*result)};
}

}  // namespace st::stream
