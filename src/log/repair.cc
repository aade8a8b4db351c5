#include "log/repair.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "log/limits.h"
#include "log/reader/segment.h"

namespace st::log {
namespace {

Result<std::string> FreeName(os::FileSystem& fs, const std::string& path) {
  std::string name = path;
  for (int n = 2; n <= kMaxCopyNames; ++n) {
    ST_TRY(const bool is_taken, fs.Exists(name));
    if (!is_taken) return name;
    name = fmt::format("{}.{}", path, n);
  }
  return Fail(ErrorCode::kAlreadyExists, "{}: {} copies of these bytes are there; move them away",
              path, kMaxCopyNames);
}

// Returns the path; "": there are no such bytes.
Result<std::string> Copy(os::FileSystem& fs, const RepairStep& step, const std::string& dir) {
  const bool is_mark = step.kind == RepairStep::Kind::kEndMark;
  ST_TRY(const bool exists, fs.Exists(step.file));
  if (!exists || (!is_mark && step.from == step.to)) return std::string();
  ST_TRY(auto bytes, os::ReadWholeFile(fs, step.file, kMaxRepairedSegmentBytes));
  std::string name = "end";
  if (!is_mark) {
    bytes = bytes.substr(step.from, step.to - step.from);
    name = fmt::format("{}.{}-{}", SegmentName(step.segment), step.from, step.to);
  }
  ST_TRY(const auto path, FreeName(fs, os::JoinPath(dir, name)));
  ST_TRY_STATUS(os::WriteFileAtomically(fs, path, bytes));
  return path;
}

// Requires: the steps are those of one segment, in the order of their bytes.
Status Rewrite(os::FileSystem& fs, const std::string& dir, std::uint64_t segment,
               const std::vector<const RepairStep*>& steps) {
  const auto path = os::JoinPath(dir, SegmentName(segment));
  ST_TRY(auto bytes, os::ReadWholeFile(fs, path, kMaxRepairedSegmentBytes));
  for (auto at = steps.rbegin(); at != steps.rend(); ++at) {
    const RepairStep& step = **at;
    const auto end = step.kind == RepairStep::Kind::kCut ? bytes.size() : step.to;
    ST_CHECK(step.from <= end && end <= bytes.size());
    bytes.replace(step.from, end - step.from, step.replacement);
  }
  // The index names batches that are lost. Without it an opening scans the segment.
  const auto removed = fs.Remove(os::JoinPath(dir, IndexName(segment)));
  if (!removed && removed.error().code() != ErrorCode::kNotFound) return removed;
  if (removed) ST_TRY_STATUS(fs.SyncDir(dir));
  return os::WriteFileAtomically(fs, path, bytes);
}

}  // namespace

Result<std::vector<std::string>> RepairLog(os::FileSystem& fs, const RepairPlan& plan,
                                           const std::string& copies_dir) {
  ST_CHECK(plan.refused.empty());
  std::vector<std::string> copies;
  if (plan.steps.empty()) return copies;
  ST_TRY_STATUS(fs.CreateDirs(copies_dir));
  for (const auto& step : plan.steps) {
    ST_TRY(auto copy, Copy(fs, step, copies_dir));
    if (!copy.empty()) copies.push_back(std::move(copy));
  }
  ST_TRY_STATUS(fs.SyncDir(copies_dir));
  std::map<std::uint64_t, std::vector<const RepairStep*>> by_segment;
  for (const auto& step : plan.steps) {
    if (step.kind != RepairStep::Kind::kEndMark) by_segment[step.segment].push_back(&step);
  }
  for (const auto& [segment, steps] : by_segment) {
    ST_TRY_STATUS(Rewrite(fs, plan.dir, segment, steps));
  }
  // Last: until then the mark keeps an opening from taking what is to be cut for a torn tail.
  if (plan.end_mark) ST_TRY_STATUS(WriteEndMark(fs, plan.dir, *plan.end_mark));
  return copies;
}

}  // namespace st::log
