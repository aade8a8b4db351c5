#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "lake/types.h"
#include "stream/pipeline.h"

namespace st::stream {
namespace {

using Json = nlohmann::json;

lake::DataFile DataFileOf(const jobs::FileStats& stats, const std::vector<lake::Column>& columns) {
  lake::WrittenFile file{
      .location = stats.path, .rows = stats.rows, .bytes = stats.bytes, .columns = {}};
  for (const auto& [name, column] : stats.columns) {
    file.columns[name] = {.size_bytes = column.size_bytes,
                          .value_count = column.value_count,
                          .null_count = column.null_count,
                          .min = column.min,
                          .max = column.max,
                          .has_nan = column.has_nan};
  }
  return lake::DataFileFrom(file, columns);
}

constexpr auto kReplace = Json::error_handler_t::replace;

// The parts of a definition that decide whether a record is a row, and which row (I12).
Json DefinitionJson(const dialect::spark::Definition& definition) {
  if (!definition.identity.empty()) return {{"generated", definition.identity}};
  return {{"select", definition.statement},
          {"format", definition.is_json ? "json" : "raw"},
          {"require", definition.require}};
}

}  // namespace

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
  to.made_by = DefinitionJson(definition_).dump(-1, ' ', false, kReplace);
  return Commit({.table = kBadRows,
                 .from = &tables.bad_at,
                 .to = &to,
                 .files = {DataFileOf(*made.transform.bad_output, (*tables.bad)->columns)},
                 .properties = {},
                 .summary = {{"steelthread.flow", definition_.name}}});
}

// Between the two commits of a step only the definition that found the dead letters may continue:
// another could make a record both a row and a dead letter, or neither (I4).
Status Pipeline::CheckMadeBy(const Tables& tables, TopicPartition tp,
                             const OffsetRange& range) const {
  const std::string& made_by = tables.bad_at.made_by;
  if (made_by.empty() || made_by == DefinitionJson(definition_).dump(-1, ' ', false, kReplace)) {
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
  bool is_new = false;
  ST_TRY_STATUS(DefinitionsWith(*tables.table, tables.at, is_new));
  if (!is_new) return {};
  return Fail(tables.bad.error().code(),
              "{}: the pipeline was changed, and whether dead letters of before are committed "
              "without their rows cannot be told while table {}.{} cannot be read: {}; the "
              "pipeline goes on by itself once the table can be read, or with the definition of "
              "before",
              definition_.place, kBadRows.schema, kBadRows.name, tables.bad.error().message());
}

Status Pipeline::CommitRows(const Tables& tables, const Made& made, std::int64_t now_us) {
  FlowProgress to = tables.at;
  Move move{.table = name_, .from = &tables.at, .to = &to};
  ST_TRY_STATUS(MoveBehind(to, made));
  to.dead_letters = tables.bad_at.dead_letters;
  if (made.transform.bad_output) to.dead_letters += made.transform.bad_output->rows;
  if (made.transform.output) {
    move.files.push_back(DataFileOf(*made.transform.output, tables.table->columns));
  }
  bool is_new = false;
  ST_TRY(const auto definitions, DefinitionsWith(*tables.table, tables.at, is_new));
  if (is_new) move.properties[kDefinitionsProperty] = definitions;
  move.summary = {{"steelthread.flow", definition_.name},
                  {"steelthread.records", fmt::format("{}", made.records)},
                  {"steelthread.step-time-ms", fmt::format("{}", now_us / 1000)}};
  return Commit(move);
}

Status Pipeline::Commit(const Move& move) {
  const std::int64_t began_us = to_.env.clock.MonotonicUs();
  auto done = TryCommits(move);
  if (done && commits_ != nullptr) {
    commits_->Add();
    commit_seconds_->Observe(static_cast<double>(to_.env.clock.MonotonicUs() - began_us) / 1e6);
  }
  return done;
}

Status Pipeline::TryCommits(const Move& move) {
  Error last(ErrorCode::kConflict, "not tried");
  std::optional<Error> unknown;
  for (int i = 0; i < kMaxCommitTries; ++i) {
    const auto loaded = to_.lake.LoadForCommit(move.table);
    if (!loaded && unknown) {
      return Fail(ErrorCode::kOutcomeUnknown, "{}", loaded.error().message());
    }
    ST_TRY(const auto view, loaded);
    ST_TRY(auto progress, ProgressOf(*view));
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

// Lists each text of the SELECT with the position from which it was used (I12).
Result<std::string> Pipeline::DefinitionsWith(const lake::View& view, const FlowProgress& since,
                                              bool& is_new) const {
  const auto property = view.properties.find(kDefinitionsProperty);
  Json list = Json::array();
  if (property != view.properties.end()) list = Json::parse(property->second, nullptr, false);
  if (!list.is_array()) list = Json::array();
  Json now = DefinitionJson(definition_);
  if (!list.empty() && list.back().is_object()) {
    Json before = list.back();
    before.erase("since");
    if (before == now) return std::string();
  }
  now["since"] = Json::object();
  for (const auto& [id, offsets] : since.topics) {
    for (const auto& [partition, next] : offsets) {
      now["since"][id.ToString()][fmt::format("{}", partition)] = next;
    }
  }
  list.push_back(std::move(now));
  if (list.size() > kMaxDefinitionVersions) list.erase(list.begin());
  is_new = true;
  return list.dump(-1, ' ', false, kReplace);
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
