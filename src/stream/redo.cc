#include "stream/redo.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/coding.h"
#include "base/quote.h"
#include "base/record_columns.h"
#include "lake/types.h"
#include "stream/known_commit.h"
#include "stream/limits.h"
#include "stream/progress.h"
#include "stream/standing.h"

namespace st::stream {
namespace {

const lake::DataFile::ColumnStats* StatsOf(const lake::View& bad, const lake::DataFile& file,
                                           std::string_view column) {
  const auto known = std::ranges::find(bad.columns, column, &lake::Column::name);
  if (known == bad.columns.end()) return nullptr;
  const auto stats = file.columns.find(known->id);
  return stats == file.columns.end() ? nullptr : &stats->second;
}

// Whether the file may have dead letters of the flow from offset `from` on, by the bounds of its
// columns.
bool MayHold(const lake::View& bad, const lake::DataFile& file, const std::string& flow,
             std::int64_t from) {
  if (const auto* flows = StatsOf(bad, file, "flow")) {
    if (flows->lower && flow < *flows->lower) return false;
    if (flows->upper && flow > *flows->upper) return false;
  }
  const auto* offsets = StatsOf(bad, file, "offset");
  if (offsets == nullptr || !offsets->upper || offsets->upper->size() != 8) return true;
  return LoadLittle<std::int64_t>(*offsets->upper) >= from;
}

// `bad_at`, moved back where it is ahead of `kept`.
FlowProgress Behind(const FlowProgress& bad_at, const FlowProgress& kept) {
  FlowProgress to = bad_at;
  for (const auto& [id, offsets] : bad_at.topics) {
    for (const auto& [partition, next] : offsets) {
      const TopicPartition tp{.topic = id, .partition = PartitionId(partition)};
      const std::int64_t limit = NextOf(kept, tp, 0);
      if (next <= limit) continue;
      to.crcs.erase(tp);
      to.topics[id][partition] = limit;
      if (const auto crc = kept.crcs.find(tp); crc != kept.crcs.end()) to.crcs[tp] = crc->second;
      if (limit == 0) to.topics[id].erase(partition);
    }
    if (to.topics[id].empty()) to.topics.erase(id);
  }
  return to;
}

// Dead letters below the least of these offsets stay.
std::int64_t LeastOffset(const FlowProgress& from, const FlowProgress& to) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const auto& [id, offsets] : from.topics) {
    for (const auto& [partition, next] : offsets) {
      const auto kept = NextOf(to, {.topic = id, .partition = PartitionId(partition)}, 0);
      if (kept < next) least = std::min(least, kept);
    }
  }
  return least;
}

}  // namespace

bool Redo::IsDue(const lake::View& table) { return table.properties.contains(kRedoProperty); }

Status Redo::Run(const lake::View& table, const lake::View& bad) {
  ST_TRY_STATUS(TakeBack(table, bad));
  return Finish(table);
}

Status Redo::TakeBack(const lake::View& table, const lake::View& bad) {
  const auto kept = DecodeProgress(table.properties.at(kRedoProperty));
  if (!kept || kept->flows.size() != 1) {
    return Fail(ErrorCode::kCorruption, "table {}.{}: property {} is damaged", table.name.schema,
                table.name.name, kRedoProperty);
  }
  ST_TRY(const auto bad_progress, ReadProgress(to_.log, definition_, bad));
  const auto from = FlowOf(bad_progress, definition_.name);
  FlowProgress to = Behind(from, kept->flows.begin()->second);
  if (to.IsAt(from)) return {};
  to.failing.clear();
  to.made_by.clear();
  ST_TRY(const auto rewritten, RewriteFiles(bad, from, to));
  // Versions that did not count left fewer than there are.
  to.dead_letters = std::max<std::int64_t>(from.dead_letters - rewritten.removed_rows, 0);
  auto committed = committer_.Commit({.table = kBadRows,
                                      .from = &from,
                                      .to = &to,
                                      .files = rewritten.outputs,
                                      .replaced = rewritten.inputs,
                                      .properties = {},
                                      .summary = {}});
  if (!committed && committed.error().code() != ErrorCode::kOutcomeUnknown) Discard(rewritten);
  return committed;
}

// Files without such a row stay, as do their places.
Result<Redo::Rewritten> Redo::RewriteFiles(const lake::View& bad, const FlowProgress& from,
                                           const FlowProgress& to) {
  Rewritten rewritten;
  ST_TRY(const auto keep, KeepCondition(to));
  const std::int64_t least = LeastOffset(from, to);
  std::vector<lake::DataFile> inputs;
  std::int64_t bytes = 0;
  const auto flush = [&]() -> Status {
    if (inputs.empty()) return {};
    auto done = RewriteSome(bad, inputs, keep, rewritten);
    if (!done) Discard(rewritten);
    inputs.clear();
    bytes = 0;
    return done;
  };
  for (const auto& file : bad.files) {
    if (!MayHold(bad, file, definition_.name, least)) continue;
    if (bytes + file.file_size_bytes > kMaxRedoBytes) ST_TRY_STATUS(flush());
    inputs.push_back(file);
    bytes += file.file_size_bytes;
  }
  ST_TRY_STATUS(flush());
  return rewritten;
}

Status Redo::RewriteSome(const lake::View& bad, const std::vector<lake::DataFile>& inputs,
                         const std::string& keep, Rewritten& out) {
  jobs::RewriteJob job{.columns = {}, .inputs = {}, .output_path = {}, .keep = keep};
  for (const auto& column : bad.columns) {
    job.columns.push_back({.id = column.id, .name = column.name, .type = column.type});
  }
  std::int64_t rows = 0;
  for (const auto& file : inputs) {
    ST_TRY_STATUS(to_.lake.CheckDataFile(file));
    job.inputs.push_back(file.location);
    rows += file.record_count;
  }
  ST_TRY(job.output_path, to_.lake.NewDataFile(kBadRows));
  const auto written = transformer_.Rewrite(job);
  if (!written) {
    Ignore(to_.lake.DiscardDataFile(job.output_path), "an orphan costs space alone");
    return std::unexpected(written.error());
  }
  if (*written) {
    out.outputs.push_back(lake::DataFileFrom(**written, bad.columns));
    rows -= (*written)->rows;
  }
  out.removed_rows += rows;
  out.inputs.insert(out.inputs.end(), job.inputs.begin(), job.inputs.end());
  return {};
}

// In DuckDB's SQL, on the columns of bad.rows: rows of other flows, and those before `to`.
Result<std::string> Redo::KeepCondition(const FlowProgress& to) const {
  std::string keep = fmt::format("\"flow\" IS DISTINCT FROM {}", Quoted(definition_.name, '\''));
  for (const auto& [id, offsets] : to.topics) {
    const auto topic = to_.log.FindTopic(id);
    for (const auto& [partition, next] : offsets) {
      if (next == 0) continue;
      if (!topic) {
        return Fail(ErrorCode::kInvalidArgument,
                    "table {}.{} has dead letters of topic {}, which the log does not have; bring "
                    "back the log that the tables were filled from",
                    kBadRows.schema, kBadRows.name, id.ToString());
      }
      keep += fmt::format(R"( OR ("topic" = {} AND "partition" = {} AND "offset" < {}))",
                          Quoted(topic->name, '\''), partition, next);
    }
  }
  return keep;
}

void Redo::Discard(const Rewritten& rewritten) {
  for (const auto& file : rewritten.outputs) {
    Ignore(to_.lake.DiscardDataFile(file.location), "an orphan costs space alone");
  }
}

Status Redo::Finish(const lake::View& table) {
  ST_TRY(const auto progress, ReadProgress(to_.log, definition_, table));
  const auto at = FlowOf(progress, definition_.name);
  const auto attempt = [&](const std::shared_ptr<const lake::View>& now) -> Result<Tried> {
    if (!IsDue(*now)) return Tried{now};
    ST_TRY(const auto progress_now, ReadProgress(to_.log, definition_, *now));
    if (!FlowOf(progress_now, definition_.name).IsAt(at)) {
      return Fail(ErrorCode::kConflict, "table {}.{} was moved again; it is read again",
                  table.name.schema, table.name.name);
    }
    lake::Append append{.table = table.name, .expected_version = now->version};
    append.removed_properties = {kRedoProperty};
    return Tried{to_.lake.Commit(append)};
  };
  ST_TRY_STATUS(CommitUntilKnown(to_.lake, table.name, attempt));
  return {};
}

}  // namespace st::stream
