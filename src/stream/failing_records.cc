#include "stream/failing_records.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "stream/limits.h"

namespace st::stream {
namespace {

bool IsDeath(const Error& error) {
  return error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kDeadline;
}

std::string Reason(std::string_view text) {
  if (text.size() <= kMaxReasonBytes) return std::string(text);
  text = text.substr(0, kMaxReasonBytes);
  while (!text.empty() && !IsUtf8(text)) text.remove_suffix(1);
  return std::string(text) + "…";
}

}  // namespace

bool RangeTransformer::MayBeARecord(const Error& error) const {
  return (error.code() == ErrorCode::kInvalidArgument || IsDeath(error)) &&
         !transformer_.IsJobBlameless();
}

jobs::TransformJob RangeTransformer::JobOf(const RangeJob& range, std::int64_t from,
                                           std::int64_t to) {
  jobs::TransformJob job = range.job;
  job.from_offset = from;
  job.to_offset = to;
  job.extents.clear();
  for (const auto& extent : range.extents) {
    const std::int64_t base = extent.base_offset.value();
    if (base >= to || base + extent.records <= from) continue;
    job.extents.push_back(
        {.file = extent.file, .position = extent.position, .length = extent.length});
  }
  return job;
}

RangeTransformer::Outcome RangeTransformer::RunPiece(const RangeJob& range, std::int64_t from,
                                                     std::int64_t to,
                                                     const std::vector<jobs::DeadRecord>& dead) {
  jobs::TransformJob job = JobOf(range, from, to);
  job.dead.insert(job.dead.end(), dead.begin(), dead.end());
  std::ranges::sort(job.dead, {}, &jobs::DeadRecord::offset);
  return transformer_.Transform(job);
}

RangeTransformer::Outcome RangeTransformer::RunAgain(const RangeJob& range, std::int64_t to,
                                                     const std::vector<jobs::DeadRecord>& dead) {
  // A worker that died may have left half of them, and files are written once.
  scratch_.remove(range.job.output_path);
  scratch_.remove(range.job.bad_output_path);
  return RunPiece(range, range.job.from_offset, to, dead);
}

RangeTransformer::Outcome RangeTransformer::Probe(const RangeJob& range, std::int64_t from,
                                                  std::int64_t to,
                                                  const std::vector<jobs::DeadRecord>& dead) {
  RangeJob scratch{.job = range.job, .extents = range.extents};
  ST_TRY(scratch.job.output_path, scratch_.make());
  ST_TRY(scratch.job.bad_output_path, scratch_.make());
  auto result = RunPiece(scratch, from, to, dead);
  scratch_.remove(scratch.job.output_path);
  scratch_.remove(scratch.job.bad_output_path);
  return result;
}

Result<RangeResult> RangeTransformer::Run(const RangeJob& range) {
  auto result = RunPiece(range, range.job.from_offset, range.job.to_offset, {});
  if (!result && IsDeath(result.error())) {
    // Somebody may have killed the worker; a death that was not the range's costs one more try.
    ST_TRY_STATUS(transformer_.Restart());
    result = RunAgain(range, range.job.to_offset, {});
  }
  if (result) {
    return RangeResult{
        .transform = std::move(*result), .to_offset = range.job.to_offset, .failing = {}};
  }
  if (!MayBeARecord(result.error()) || !range.may_find_failing)
    return std::unexpected(result.error());
  if (!IsDeath(result.error())) {
    ST_TRY(auto without, LeaveOutFailing(range));
    if (without) return std::move(*without);
  }
  return Search(range);
}

Result<std::optional<RangeResult>> RangeTransformer::LeaveOutFailing(const RangeJob& range) {
  const std::int64_t from = range.job.from_offset;
  auto found = transformer_.FindFailing(JobOf(range, from, range.job.to_offset));
  if (!found && !MayBeARecord(found.error())) return std::unexpected(found.error());
  if (!found || found->records.empty()) return std::optional<RangeResult>();
  for (auto& record : found->records) record.reason = Reason(record.reason);
  auto result = RunAgain(range, found->to_offset, found->records);
  if (!result && !MayBeARecord(result.error())) return std::unexpected(result.error());
  if (!result) return std::optional<RangeResult>();
  return RangeResult{.transform = std::move(*result),
                     .to_offset = found->to_offset,
                     .failing = std::move(found->records)};
}

Result<RangeResult> RangeTransformer::Search(const RangeJob& range) {
  const std::int64_t end = range.job.to_offset;
  std::int64_t at = range.job.from_offset;
  std::int64_t piece = std::max<std::int64_t>((end - at) / 2, 1);
  std::vector<jobs::DeadRecord> failing;
  while (at < end && failing.size() < kMaxFailingRecords) {
    const std::int64_t to = std::min(at + piece, end);
    const auto probe = Probe(range, at, to, {});
    if (probe) {
      at = to;
      piece *= 2;
      continue;
    }
    if (!MayBeARecord(probe.error())) return std::unexpected(probe.error());
    if (IsDeath(probe.error())) ST_TRY_STATUS(transformer_.Restart());
    if (to - at > 1) {
      piece = std::max<std::int64_t>((to - at) / 2, 1);
      continue;
    }
    ST_TRY(auto verdict, TestRecord(range, at, probe.error()));
    if (verdict) failing.push_back(std::move(*verdict));
    ++at;
    piece = 1;
  }
  auto result = RunAgain(range, at, failing);
  if (!result) {
    if (!MayBeARecord(result.error())) return std::unexpected(result.error());
    return Fail(ErrorCode::kUnavailable,
                "offsets {} to {} fail together, though each goes through in smaller ranges: {}",
                range.job.from_offset, at - 1, result.error().message());
  }
  return RangeResult{
      .transform = std::move(*result), .to_offset = at, .failing = std::move(failing)};
}

Result<std::optional<jobs::DeadRecord>> RangeTransformer::TestRecord(const RangeJob& range,
                                                                     std::int64_t offset,
                                                                     Error error) {
  for (int kills = 0; IsDeath(error) && kills < kKillsOfFailingRecord; ++kills) {
    ST_TRY_STATUS(transformer_.Restart());
    const auto alone = Probe(range, offset, offset + 1, {});
    if (alone) return std::optional<jobs::DeadRecord>();
    if (!MayBeARecord(alone.error())) return std::unexpected(alone.error());
    error = alone.error();
  }
  jobs::DeadRecord verdict{.offset = offset, .code = "sql_error", .reason = {}};
  if (IsDeath(error)) {
    verdict.code = "kills_worker";
    verdict.reason = Reason(
        fmt::format("alone in a new worker, {} times: {}", kKillsOfFailingRecord, error.message()));
    ST_TRY_STATUS(transformer_.Restart());
  } else {
    verdict.reason = Reason(error.message());
  }
  // Without the record the same must go well, or it is not the record (a full disk, say).
  const auto control = Probe(range, offset, offset + 1, {verdict});
  if (!control) {
    return std::unexpected(
        Error(MayBeARecord(control.error()) ? ErrorCode::kUnavailable : control.error().code(),
              fmt::format("the worker fails without offset {} too: {}", offset,
                          control.error().message())));
  }
  return std::optional(std::move(verdict));
}

}  // namespace st::stream
