#include "worker/transform/source_scan.h"

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "worker/transform/limits.h"

namespace st::worker::transform {
namespace {

using sql::TypeId;

// messages.h, TransformJob
const std::vector<sql::TableFunction::Column>& SourceColumns() {
  static const std::vector<sql::TableFunction::Column> columns = {
      {"key", TypeId::kBlob},
      {"value", TypeId::kBlob},
      {"value_text", TypeId::kVarchar},
      {"topic", TypeId::kVarchar},
      {"partition", TypeId::kInteger},
      {"offset", TypeId::kBigint},
      {"timestamp", TypeId::kTimestampTz},
      {"timestampType", TypeId::kInteger}};
  return columns;
}
enum SourceColumn : std::size_t {
  kKey,
  kValue,
  kValueText,
  kTopic,
  kPartition,
  kOffset,
  kTimestamp,
  kTimestampType,
};

// bad.rows
const std::vector<sql::TableFunction::Column>& DeadColumns() {
  static const std::vector<sql::TableFunction::Column> columns = {
      {"raw_value", TypeId::kBlob},       {"code", TypeId::kVarchar},
      {"reason", TypeId::kVarchar},       {"pipeline", TypeId::kVarchar},
      {"flow", TypeId::kVarchar},         {"topic", TypeId::kVarchar},
      {"partition", TypeId::kInteger},    {"offset", TypeId::kBigint},
      {"timestamp", TypeId::kTimestampTz}};
  return columns;
}
enum DeadColumn : std::size_t {
  kDeadValue,
  kDeadCode,
  kDeadReason,
  kDeadPipeline,
  kDeadFlow,
  kDeadTopic,
  kDeadPartition,
  kDeadOffset,
  kDeadTimestamp,
};

void SetOptional(sql::ChunkWriter& to, std::size_t at, std::uint64_t row,
                 std::optional<std::string_view> bytes) {
  if (bytes) {
    to.SetBytes(at, row, *bytes);
  } else {
    to.SetNull(at, row);
  }
}

// What both functions do: read, choose, fill.
class Scan : public sql::TableScan {
 public:
  // The next record, like LogSource::Next.
  using Source = std::function<Result<bool>(SourceRecord& record)>;
  Scan(SourceRun& run, Source source, std::span<const std::size_t> wanted, bool takes_dead)
      : run_(run),
        source_(std::move(source)),
        wanted_(wanted.begin(), wanted.end()),
        takes_dead_(takes_dead) {}

  Result<std::uint64_t> Fill(sql::ChunkWriter& to) override {
    std::uint64_t row = 0;
    std::size_t bytes = 0;
    while (row < to.capacity() && bytes < kMaxChunkBytes) {
      const auto got = source_(record_);
      if (!got) {
        run_.failure = got.error();
        return std::unexpected(got.error());
      }
      if (!*got) break;
      if (record_.is_dead != takes_dead_) continue;
      for (std::size_t i = 0; i < wanted_.size(); ++i) {
        if (takes_dead_) {
          FillDead(to, i, row);
        } else {
          FillLive(to, i, row);
        }
      }
      bytes += record_.value.value_or("").size() + record_.key.value_or("").size();
      ++row;
    }
    return row;
  }

 private:
  void FillLive(sql::ChunkWriter& to, std::size_t at, std::uint64_t row) {
    switch (wanted_[at]) {
      case kKey:
        return SetOptional(to, at, row, record_.key);
      case kValue:
        return SetOptional(to, at, row, record_.value);
      case kValueText:
        return SetOptional(to, at, row, record_.text);
      case kTopic:
        return to.SetBytes(at, row, run_.job.topic);
      case kPartition:
        return to.Set<std::int32_t>(at, row, run_.job.partition);
      case kOffset:
        return to.Set<std::int64_t>(at, row, record_.offset);
      case kTimestamp:
        return to.Set<std::int64_t>(at, row, record_.timestamp_us);
      case kTimestampType:
        return to.Set<std::int32_t>(at, row, record_.is_log_append_time ? 1 : 0);
      default:
        return;  // a row id, wanted where rows are only counted
    }
  }

  void FillDead(sql::ChunkWriter& to, std::size_t at, std::uint64_t row) {
    switch (wanted_[at]) {
      case kDeadValue:
        return SetOptional(to, at, row, record_.value);
      case kDeadCode:
        return to.SetBytes(at, row, record_.code);
      case kDeadReason:
        return to.SetBytes(at, row, record_.reason);
      case kDeadPipeline:
        return to.SetBytes(at, row, run_.job.pipeline);
      case kDeadFlow:
        return to.SetBytes(at, row, run_.job.flow);
      case kDeadTopic:
        return to.SetBytes(at, row, run_.job.topic);
      case kDeadPartition:
        return to.Set<std::int32_t>(at, row, run_.job.partition);
      case kDeadOffset:
        return to.Set<std::int64_t>(at, row, record_.offset);
      case kDeadTimestamp:
        if (!record_.has_timestamp) return to.SetNull(at, row);
        return to.Set<std::int64_t>(at, row, record_.timestamp_us);
      default:
        return;
    }
  }

  SourceRun& run_;
  const Source source_;
  const std::vector<std::size_t> wanted_;
  const bool takes_dead_;
  SourceRecord record_;
};

Scan::Source From(LogSource& source) {
  return [&source](SourceRecord& record) { return source.Next(record); };
}

Scan::Source From(const RecordedPart& part) {
  return [part, at = part.begin](SourceRecord& record) mutable -> Result<bool> {
    if (at == part.end) return false;
    record = part.range->at(at++);
    return true;
  };
}

// A scan with a source of its own.
class OwningScan : public sql::TableScan {
 public:
  OwningScan(SourceRun& run, jobs::TransformJob job, std::span<const std::size_t> wanted,
             bool takes_dead)
      : job_(std::move(job)),
        source_(job_, run.fs, run.control),
        scan_(run, From(source_), wanted, takes_dead) {}
  Result<std::uint64_t> Fill(sql::ChunkWriter& to) override { return scan_.Fill(to); }

 private:
  const jobs::TransformJob job_;
  LogSource source_;
  Scan scan_;
};

using NewScan = Result<std::unique_ptr<sql::TableScan>>;

NewScan NoJob() { return Fail(ErrorCode::kInvalidArgument, "no job runs"); }

NewScan BeginLive(SourceRun* run, std::span<const std::size_t> wanted) {
  if (run == nullptr) return NoJob();
  if (run->part) return std::make_unique<Scan>(*run, From(*run->part), wanted, false);
  if (std::exchange(run->has_begun, true)) {
    return std::make_unique<OwningScan>(*run, run->job, wanted, false);
  }
  return std::make_unique<Scan>(*run, From(*run->first), wanted, false);
}

NewScan BeginDead(SourceRun* run, std::span<const std::size_t> wanted) {
  if (run == nullptr) return NoJob();
  // Only the extents that have some are read again.
  jobs::TransformJob job = run->job;
  job.extents.clear();
  for (const auto extent : run->first->dead_extents()) {
    job.extents.push_back(run->job.extents[extent]);
  }
  return std::make_unique<OwningScan>(*run, std::move(job), wanted, true);
}

}  // namespace

Status RegisterSource(sql::Connection& connection, SourceRun* const& current) {
  ST_TRY_STATUS(Register(connection, {.name = std::string(kSourceFunction),
                                      .columns = SourceColumns(),
                                      .begin = [&current](std::span<const std::size_t> wanted) {
                                        return BeginLive(current, wanted);
                                      }}));
  return Register(connection, {.name = std::string(kDeadFunction),
                               .columns = DeadColumns(),
                               .begin = [&current](std::span<const std::size_t> wanted) {
                                 return BeginDead(current, wanted);
                               }});
}

}  // namespace st::worker::transform
