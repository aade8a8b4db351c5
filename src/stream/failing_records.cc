#include "stream/failing_records.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "jobs/limits.h"
#include "jobs/output_path.h"
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

jobs::TransformJob RangeTransformer::JobOf(const RangeJob& range, Piece piece,
                                           const DeadRecords& dead) {
  jobs::TransformJob job = range.job;
  job.sources = {range.range.Between(piece.from, piece.to)};
  job.dead.insert(job.dead.end(), dead.begin(), dead.end());
  std::ranges::sort(job.dead, {}, &jobs::DeadRecord::id);
  return job;
}

void RangeTransformer::RemoveFiles(const jobs::TransformJob& job) const {
  const std::size_t outputs = job.layout.partition.empty() ? 1 : jobs::kMaxPartitionsOfJob;
  for (std::size_t i = 0; i < outputs; ++i) scratch_.remove(jobs::OutputPath(job.output_path, i));
  scratch_.remove(job.bad_output_path);
}

RangeTransformer::Outcome RangeTransformer::RunAgain(const RangeJob& range, std::int64_t to,
                                                     const DeadRecords& dead) {
  // A worker that died may have left parts of the files, and a file is never overwritten.
  RemoveFiles(range.job);
  return transformer_.Transform(JobOf(range, {.from = 0, .to = to}, dead));
}

RangeTransformer::Outcome RangeTransformer::Probe(const RangeJob& range, Piece piece,
                                                  const DeadRecords& dead) {
  jobs::TransformJob job = JobOf(range, piece, dead);
  ST_TRY(job.output_path, scratch_.make());
  ST_TRY(job.bad_output_path, scratch_.make());
  auto result = transformer_.Transform(job);
  RemoveFiles(job);
  return result;
}

Result<RangeResult> RangeTransformer::Run(const RangeJob& range) {
  const std::int64_t size = range.range.size();
  auto result = transformer_.Transform(JobOf(range, {.from = 0, .to = size}, {}));
  if (!result && IsDeath(result.error())) {
    // The worker may have been killed from outside, so the first death costs a retry only.
    ST_TRY_STATUS(transformer_.Restart());
    result = RunAgain(range, size, {});
  }
  if (result) {
    return RangeResult{.transform = std::move(*result), .records = size, .failing = {}};
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
  auto found = transformer_.FindFailing(JobOf(range, {.from = 0, .to = range.range.size()}, {}));
  if (!found && !MayBeARecord(found.error())) return std::unexpected(found.error());
  if (!found || found->records.empty()) return std::optional<RangeResult>();
  const auto end =
      found->end ? range.range.NumberOf(*found->end) : std::optional(range.range.size());
  if (!end) return std::optional<RangeResult>();
  for (auto& record : found->records) record.reason = Reason(record.reason);
  auto result = RunAgain(range, *end, found->records);
  if (!result && !MayBeARecord(result.error())) return std::unexpected(result.error());
  if (!result) return std::optional<RangeResult>();
  return RangeResult{
      .transform = std::move(*result), .records = *end, .failing = std::move(found->records)};
}

Result<RangeResult> RangeTransformer::Search(const RangeJob& range) {
  const std::int64_t end = range.range.size();
  std::int64_t at = 0;
  std::int64_t size = std::max<std::int64_t>(end / 2, 1);
  DeadRecords failing;
  while (at < end && failing.size() < kMaxFailingRecords) {
    const std::int64_t to = std::min(at + size, end);
    const auto probe = Probe(range, {.from = at, .to = to}, {});
    if (probe) {
      at = to;
      size *= 2;
      continue;
    }
    if (!MayBeARecord(probe.error())) return std::unexpected(probe.error());
    if (IsDeath(probe.error())) ST_TRY_STATUS(transformer_.Restart());
    if (to - at > 1) {
      size = std::max<std::int64_t>((to - at) / 2, 1);
      continue;
    }
    ST_TRY(auto verdict, TestRecord(range, at, probe.error()));
    if (verdict) failing.push_back(std::move(*verdict));
    ++at;
    size = 1;
  }
  return RunBeginning(range, at, std::move(failing));
}

Result<RangeResult> RangeTransformer::RunBeginning(const RangeJob& range, std::int64_t to,
                                                   DeadRecords failing) {
  bool is_too_large = false;
  while (true) {
    auto result = RunAgain(range, to, failing);
    if (result) {
      return RangeResult{.transform = std::move(*result),
                         .records = to,
                         .failing = std::move(failing),
                         .is_too_large = is_too_large};
    }
    if (!MayBeARecord(result.error())) return std::unexpected(result.error());
    if (to <= 1) {
      return Fail(ErrorCode::kUnavailable, "the record {} fails, though it went through before: {}",
                  range.range.NameOf(range.range.RecordAt(0)), result.error().message());
    }
    if (IsDeath(result.error())) ST_TRY_STATUS(transformer_.Restart());
    to /= 2;
    is_too_large = true;
    std::erase_if(failing, [&](const jobs::DeadRecord& record) {
      return range.range.NumberOf(record.id).value_or(to) >= to;
    });
  }
}

Result<std::optional<jobs::DeadRecord>> RangeTransformer::TestRecord(const RangeJob& range,
                                                                     std::int64_t number,
                                                                     Error error) {
  const Piece alone{.from = number, .to = number + 1};
  for (int kills = 0; IsDeath(error) && kills < kKillsOfFailingRecord; ++kills) {
    ST_TRY_STATUS(transformer_.Restart());
    const auto probe = Probe(range, alone, {});
    if (probe) return std::optional<jobs::DeadRecord>();
    if (!MayBeARecord(probe.error())) return std::unexpected(probe.error());
    error = probe.error();
  }
  jobs::DeadRecord verdict{.id = range.range.RecordAt(number), .code = "sql_error", .reason = {}};
  if (IsDeath(error)) {
    verdict.code = "kills_worker";
    verdict.reason = Reason(
        fmt::format("alone in a new worker, {} times: {}", kKillsOfFailingRecord, error.message()));
    ST_TRY_STATUS(transformer_.Restart());
  } else {
    verdict.reason = Reason(error.message());
  }
  // Without the record the range must succeed; otherwise the fault is elsewhere, as on a full disk.
  const auto control = Probe(range, alone, {verdict});
  if (!control) {
    return std::unexpected(
        Error(MayBeARecord(control.error()) ? ErrorCode::kUnavailable : control.error().code(),
              fmt::format("the worker fails without the record {} too: {}",
                          range.range.NameOf(verdict.id), control.error().message())));
  }
  return std::optional(std::move(verdict));
}

}  // namespace st::stream
