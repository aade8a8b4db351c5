#include "worker/transform/source_scan.h"

#include <algorithm>
#include <array>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/record_columns.h"
#include "worker/transform/limits.h"

namespace st::worker::transform {
namespace {

sql::TypeId TypeOf(TypeKind kind) {
  constexpr std::array<std::pair<TypeKind, sql::TypeId>, 5> kTypes = {{
      {TypeKind::kBinary, sql::TypeId::kBlob},
      {TypeKind::kString, sql::TypeId::kVarchar},
      {TypeKind::kInt, sql::TypeId::kInteger},
      {TypeKind::kLong, sql::TypeId::kBigint},
      {TypeKind::kTimestampTz, sql::TypeId::kTimestampTz},
  }};
  const auto found = std::ranges::find(kTypes, kind, &decltype(kTypes)::value_type::first);
  ST_CHECK(found != kTypes.end());
  return found->second;
}

std::vector<sql::TableFunction::Column> ColumnsOf(std::span<const FixedColumn> columns) {
  std::vector<sql::TableFunction::Column> out;
  for (const auto& column : columns) {
    out.push_back({std::string(column.name), TypeOf(column.kind)});
  }
  return out;
}

void SetOptional(sql::ChunkWriter& to, std::size_t at, std::uint64_t row,
                 std::optional<std::string_view> bytes) {
  if (bytes) {
    to.SetBytes(at, row, *bytes);
  } else {
    to.SetNull(at, row);
  }
}

// A scan of either function: it reads records, keeps the live or the dead ones, and fills rows.
class Scan : public sql::TableScan {
 public:
  // Reads the next record, like CheckedRecords::Next.
  using Source = std::function<Result<bool>(CheckedRecord& record)>;
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
    switch (static_cast<SourceColumn>(wanted_[at])) {
      case SourceColumn::kKey:
        return SetOptional(to, at, row, record_.key);
      case SourceColumn::kValue:
        return SetOptional(to, at, row, record_.value);
      case SourceColumn::kValueText:
        return SetOptional(to, at, row, record_.text);
      case SourceColumn::kTopic:
        return to.SetBytes(at, row, record_.topic);
      case SourceColumn::kPartition:
        return to.Set<std::int32_t>(at, row, record_.id.tp.partition.value());
      case SourceColumn::kOffset:
        return to.Set<std::int64_t>(at, row, record_.id.offset.value());
      case SourceColumn::kTimestamp:
        return to.Set<std::int64_t>(at, row, record_.timestamp_us);
      case SourceColumn::kTimestampType:
        return to.Set<std::int32_t>(at, row, record_.is_log_append_time ? 1 : 0);
    }
    // DuckDB asks for a row id where it only counts rows; no value is set.
  }

  void FillDead(sql::ChunkWriter& to, std::size_t at, std::uint64_t row) {
    switch (static_cast<DeadColumn>(wanted_[at])) {
      case DeadColumn::kRawValue:
        return SetOptional(to, at, row, record_.value);
      case DeadColumn::kCode:
        return to.SetBytes(at, row, record_.code);
      case DeadColumn::kReason:
        return to.SetBytes(at, row, record_.reason);
      case DeadColumn::kPipeline:
        return to.SetBytes(at, row, run_.job.pipeline);
      case DeadColumn::kFlow:
        return to.SetBytes(at, row, run_.job.flow);
      case DeadColumn::kTopic:
        return to.SetBytes(at, row, record_.topic);
      case DeadColumn::kPartition:
        return to.Set<std::int32_t>(at, row, record_.id.tp.partition.value());
      case DeadColumn::kOffset:
        return to.Set<std::int64_t>(at, row, record_.id.offset.value());
      case DeadColumn::kTimestamp:
        if (!record_.has_timestamp) return to.SetNull(at, row);
        return to.Set<std::int64_t>(at, row, record_.timestamp_us);
    }
  }

  SourceRun& run_;
  const Source source_;
  const std::vector<std::size_t> wanted_;
  const bool takes_dead_;
  CheckedRecord record_;
};

Scan::Source From(CheckedRecords& records) {
  return [&records](CheckedRecord& record) { return records.Next(record); };
}

Scan::Source From(const RecordedPart& part) {
  return [part, at = part.begin](CheckedRecord& record) mutable -> Result<bool> {
    if (at == part.end) return false;
    record = part.range->at(at++);
    return true;
  };
}

// A scan that reads the sources, or some of their parts, with its own CheckedRecords.
class OwningScan : public sql::TableScan {
 public:
  OwningScan(SourceRun& run, std::optional<SourceParts> parts, std::span<const std::size_t> wanted,
             bool takes_dead)
      : records_(run.job, run.fs, run.control, std::move(parts)),
        scan_(run, From(records_), wanted, takes_dead) {}
  Result<std::uint64_t> Fill(sql::ChunkWriter& to) override { return scan_.Fill(to); }

 private:
  CheckedRecords records_;
  Scan scan_;
};

using NewScan = Result<std::unique_ptr<sql::TableScan>>;

NewScan NoJob() { return Fail(ErrorCode::kInvalidArgument, "no job runs"); }

NewScan BeginLive(SourceRun* run, std::span<const std::size_t> wanted) {
  if (run == nullptr) return NoJob();
  if (run->part) return std::make_unique<Scan>(*run, From(*run->part), wanted, false);
  if (std::exchange(run->has_begun, true)) {
    return std::make_unique<OwningScan>(*run, std::nullopt, wanted, false);
  }
  return std::make_unique<Scan>(*run, From(*run->first), wanted, false);
}

NewScan BeginDead(SourceRun* run, std::span<const std::size_t> wanted) {
  if (run == nullptr) return NoJob();
  // Only the parts with dead letters are read again.
  return std::make_unique<OwningScan>(*run, run->first->dead_parts(), wanted, true);
}

}  // namespace

Status RegisterSource(sql::Connection& connection, SourceRun* const& current) {
  ST_TRY_STATUS(Register(connection, {.name = std::string(kSourceFunction),
                                      .columns = ColumnsOf(kSourceColumns),
                                      .begin = [&current](std::span<const std::size_t> wanted) {
                                        return BeginLive(current, wanted);
                                      }}));
  return Register(connection, {.name = std::string(kDeadFunction),
                               .columns = ColumnsOf(kDeadColumns),
                               .begin = [&current](std::span<const std::size_t> wanted) {
                                 return BeginDead(current, wanted);
                               }});
}

}  // namespace st::worker::transform
