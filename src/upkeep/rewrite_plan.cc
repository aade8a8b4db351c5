#include "upkeep/rewrite_plan.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace st::upkeep {

namespace {

bool IsSmall(std::int64_t bytes, std::int64_t target_bytes) { return bytes < target_bytes / 4 * 3; }

// The small files at the end.
FileRun SmallAtEnd(const std::vector<std::int64_t>& sizes, std::int64_t target_bytes) {
  FileRun run{.first = sizes.size(), .end = sizes.size()};
  while (run.first > 0 && IsSmall(sizes[run.first - 1], target_bytes)) --run.first;
  return run;
}

// The longest part at the end of `run` with at least `min_inputs` files, the largest of which is at
// most a third larger than the mean of so many. nullopt: none is so.
std::optional<FileRun> LikeSizes(const std::vector<std::int64_t>& sizes, const FileRun& run,
                                 std::size_t min_inputs) {
  const auto means = static_cast<std::int64_t>(min_inputs - min_inputs / 4);
  std::optional<FileRun> longest;
  std::int64_t bytes = 0;
  std::int64_t largest = 0;
  for (auto first = run.end; first > run.first; --first) {
    const auto size = sizes[first - 1];
    bytes += size;
    largest = std::max(largest, size);
    if (run.end - first + 1 < min_inputs || largest * means > bytes) continue;
    longest = FileRun{.first = first - 1, .end = run.end};
  }
  return longest;
}

constexpr std::size_t kNoNumber = std::numeric_limits<std::size_t>::max();

struct Inputs {
  std::size_t least = 0;  // that do not fill a file; kNoNumber: they must fill one
  std::size_t most = 0;
  std::int64_t target_bytes = 0;
};

// Of the parts of `run` that fit into one file, the one with the most files; of these the one with
// the fewest bytes. nullopt: none has enough files, or fills a file.
std::optional<FileRun> BestPart(const std::vector<std::int64_t>& sizes, const FileRun& run,
                                Inputs inputs) {
  std::optional<FileRun> best;
  std::tuple<std::size_t, std::int64_t> best_rank;
  FileRun part{.first = run.first, .end = run.first};
  std::int64_t bytes = 0;
  while (part.end < run.end) {
    bytes += sizes[part.end++];
    while (bytes > inputs.target_bytes || part.end - part.first > inputs.most) {
      bytes -= sizes[part.first++];
    }
    const auto files = part.end - part.first;
    const bool is_worth_it =
        files >= inputs.least || (files >= 2 && !IsSmall(bytes, inputs.target_bytes));
    if (!is_worth_it) continue;
    const std::tuple rank(files, -bytes);
    if (best && rank <= best_rank) continue;
    best = part;
    best_rank = rank;
  }
  return best;
}

// Of all parts of small neighbours in the table, the best one, as BestPart says.
std::optional<FileRun> BestOfAll(const std::vector<std::int64_t>& sizes, Inputs inputs) {
  std::optional<FileRun> best;
  std::tuple<std::size_t, std::int64_t> best_rank;
  for (std::size_t begin = 0; begin < sizes.size();) {
    std::size_t end = begin;
    while (end < sizes.size() && IsSmall(sizes[end], inputs.target_bytes)) ++end;
    const auto part = BestPart(sizes, {.first = begin, .end = end}, inputs);
    begin = end + 1;
    if (!part) continue;
    std::int64_t bytes = 0;
    for (auto i = part->first; i < part->end; ++i) bytes += sizes[i];
    const std::tuple rank(part->end - part->first, -bytes);
    if (best && rank <= best_rank) continue;
    best = part;
    best_rank = rank;
  }
  return best;
}

}  // namespace

std::size_t CountSmall(const std::vector<std::int64_t>& sizes, std::int64_t target_bytes) {
  return static_cast<std::size_t>(std::ranges::count_if(
      sizes, [target_bytes](std::int64_t bytes) { return IsSmall(bytes, target_bytes); }));
}

std::optional<FileRun> PlanRewrite(const std::vector<std::int64_t>& sizes,
                                   const PlanOptions& options) {
  const auto target_bytes = options.target_bytes;
  const auto at_end = SmallAtEnd(sizes, target_bytes);
  if (const auto run = LikeSizes(sizes, at_end, options.min_inputs)) {
    const auto part = BestPart(sizes, *run, {options.min_inputs, kMaxInputs, target_bytes});
    if (part) return part;
  }
  if (const auto full = BestPart(sizes, at_end, {kNoNumber, kMaxInputs, target_bytes})) {
    return full;
  }
  if (CountSmall(sizes, target_bytes) <= kMaxSmallFiles) return std::nullopt;
  // Files of very different sizes take turns, so no run at the end gathers. The cheapest
  // neighbours become one.
  return BestOfAll(sizes, {.least = 2, .most = kMinInputs, .target_bytes = target_bytes});
}

std::optional<FileRun> PlanCompaction(const std::vector<std::int64_t>& sizes,
                                      std::int64_t target_bytes) {
  return BestOfAll(sizes, {.least = 2, .most = kMaxInputs, .target_bytes = target_bytes});
}

}  // namespace st::upkeep
