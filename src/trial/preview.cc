#include "trial/preview.h"

#include <algorithm>
#include <utility>

#include "base/column_type.h"
#include "base/record_columns.h"
#include "base/text.h"
#include "stream/definition_check.h"
#include "stream/failing_records.h"
#include "stream/flow_tables.h"
#include "stream/standing.h"
#include "stream/table_columns.h"
#include "stream/table_job.h"
#include "trial/limits.h"

namespace st::trial {
namespace {

// The last `count` records of a range; nullopt: it has none.
std::optional<stream::PlannedRange> LastOf(stream::PlannedRange range, std::int64_t count) {
  if (range.size() == 0) return std::nullopt;
  if (range.size() > count) range.DropFirst(range.size() - count);
  return range;
}

// bad.rows with no row.
lake::View EmptyBadRows() {
  lake::View view{.name = stream::kBadRows};
  for (const auto& column : kDeadColumns) {
    view.columns.push_back({.id = static_cast<int>(view.columns.size()) + 1,
                            .name = std::string(column.name),
                            .type = IcebergName({.kind = column.kind})});
  }
  return view;
}

nlohmann::json RowsJson(const Rows& rows) {
  const nlohmann::ordered_json values = rows.values;
  return {{"columns", rows.columns},
          {"types", rows.types},
          {"values", values.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)}};
}

Rows RowsFrom(const nlohmann::json& json) {
  Rows rows;
  rows.columns = json.value("columns", rows.columns);
  rows.types = json.value("types", rows.types);
  const auto values = nlohmann::ordered_json::parse(json.value("values", ""), nullptr, false);
  if (values.is_array()) rows.values.assign(values.begin(), values.end());
  return rows;
}

}  // namespace

Result<const dialect::spark::Definition*> FindPipeline(
    const std::vector<dialect::spark::Definition>& definitions, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& definition : definitions) {
    if (EqualsIgnoreCase(definition.name, name)) return &definition;
    names.push_back(definition.name);
  }
  const auto near = NearestName(name, names);
  return Fail(ErrorCode::kNotFound, "the project has no pipeline \"{}\"{}", name,
              near ? fmt::format("; did you mean \"{}\"?", *near) : "");
}

Result<std::optional<stream::PlannedRange>> NewestRecords(
    const log::LocalLog& log, const dialect::spark::Definition& definition, std::int64_t count) {
  const auto topics = stream::TopicsOf(log, definition);
  OffsetRanges offsets;
  for (const auto& topic : topics) {
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
      const TopicPartition tp{.topic = topic.id, .partition = PartitionId(partition)};
      const Offset end = log.EndOffset(tp);
      const Offset from(std::max(log.StartOffset(tp).value(), end.value() - count));
      if (from < end) offsets[tp] = {.from = from, .to = end};
    }
  }
  if (offsets.empty()) return std::optional<stream::PlannedRange>();
  ST_TRY(auto extents, log.ExtentsInOrder(offsets, {}));
  return LastOf(stream::PlannedRange(std::move(extents), std::move(offsets), topics), count);
}

void NewestBatches::Visit(const std::string& file, std::uint64_t position,
                          const log::EntryHeader& entry, std::string_view topic) {
  if (entry.type != log::EntryType::kBatch) return;
  if (std::ranges::find(topics_, topic) == topics_.end()) return;
  auto& all = extents_.extents;
  if (extents_.files.empty() || extents_.files.back() != file) extents_.files.push_back(file);
  all.push_back({.tp = {.topic = entry.topic, .partition = PartitionId(entry.partition)},
                 .file = static_cast<std::uint32_t>(extents_.files.size() - 1),
                 .length = entry.length,
                 .position = position,
                 .base_offset = Offset(entry.base_offset),
                 .records = entry.records});
  behind_.push_back((behind_.empty() ? 0 : behind_.back()) + entry.records);
  extents_.lsns.to = Lsn(entry.lsn.value() + 1);
  // Now and then those that are too old go.
  constexpr std::size_t kKept = 100'000;
  if (all.size() < 2 * kKept) return;
  std::size_t old = 0;
  while (all.size() - old > kKept && behind_.back() - behind_[old] >= count_) ++old;
  all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(old));
  behind_.erase(behind_.begin(), behind_.begin() + static_cast<std::ptrdiff_t>(old));
}

std::optional<stream::PlannedRange> NewestBatches::Records(const log::LogContents& log) const {
  std::vector<log::TopicInfo> topics;
  for (const auto& name : topics_) {
    if (const auto topic = log.FindTopic(name)) topics.push_back(*topic);
  }
  auto extents = extents_;
  OffsetRanges offsets;
  std::erase_if(extents.extents, [&](const log::Extent& extent) {
    const auto end = log.EndOffset(extent.tp);
    // A topic that was deleted has no records.
    const OffsetRange range{.from = log.StartOffset(extent.tp), .to = end};
    if (extent.base_offset >= range.to || extent.base_offset + extent.records <= range.from) {
      return true;
    }
    offsets[extent.tp] = range;
    return false;
  });
  if (extents.extents.empty()) return std::nullopt;
  return LastOf(stream::PlannedRange(std::move(extents), std::move(offsets), topics), count_);
}

Result<Preview> MakePreview(Workbench& bench, const os::Env& env,
                            const dialect::spark::Definition& definition,
                            const std::optional<stream::PlannedRange>& newest) {
  ST_TRY_STATUS(stream::CheckDefinition(bench.transformer(), definition));
  ST_TRY(const auto lake, bench.NewLake());
  const auto name = stream::TableOf(definition);
  ST_TRY(const auto table,
         lake->Create(name, stream::TableColumns(definition), {}, definition.layout));
  Preview preview;
  std::vector<std::string> files;
  std::vector<std::string> dead_files;
  if (newest) {
    stream::RangeJob job{.job = stream::TableJob(definition, *table), .range = *newest};
    ST_TRY(job.job.output_path, lake->NewDataFile(name));
    ST_TRY(job.job.bad_output_path, lake->NewDataFile(name));
    stream::RangeTransformer runner(
        bench.transformer(), {.make = [&] { return lake->NewDataFile(name); },
                              .remove =
                                  [&](const std::string& path) {
                                    Ignore(
                                        env.fs.Remove(path),
                                        "it may not have been begun, and the folder goes anyway");
                                  }});
    ST_TRY(const auto result, runner.Run(job));
    if (result.transform.has_too_many_partitions) {
      return Fail(ErrorCode::kInvalidArgument,
                  "the rows of these records belong to too many partitions of the table: take "
                  "fewer records");
    }
    preview.records = result.records;
    for (const auto& file : result.transform.outputs) files.push_back(file.location);
    if (result.transform.bad_output) dead_files.push_back(result.transform.bad_output->location);
  }
  ST_TRY(preview.rows, bench.RowsOf(*table, std::move(files)));
  ST_TRY(preview.dead_letters, bench.RowsOf(EmptyBadRows(), std::move(dead_files)));
  return preview;
}

nlohmann::json ToJson(const Preview& preview) {
  return {{"records", preview.records},
          {"rows", RowsJson(preview.rows)},
          {"dead_letters", RowsJson(preview.dead_letters)}};
}

Preview PreviewFrom(const nlohmann::json& json) {
  const auto none = nlohmann::json::object();
  return {.records = json.value("records", std::int64_t{0}),
          .rows = RowsFrom(json.value("rows", none)),
          .dead_letters = RowsFrom(json.value("dead_letters", none))};
}

}  // namespace st::trial
