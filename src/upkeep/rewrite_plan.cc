#include "upkeep/rewrite_plan.h"

#include <algorithm>
#include <tuple>

#include "upkeep/limits.h"

namespace st::upkeep {

namespace {

bool IsSmall(std::int64_t bytes) { return bytes < kSmallFileBytes; }

// The small files at the end, back to one that is much larger than all behind it.
FileRun RunAtEnd(const std::vector<std::int64_t>& sizes) {
  FileRun run{.first = sizes.size(), .end = sizes.size()};
  std::int64_t bytes = 0;
  while (run.first > 0) {
    const auto before = sizes[run.first - 1];
    const bool is_larger = run.first < run.end && before > kRewriteRatio * bytes;
    if (is_larger || !IsSmall(before)) break;
    bytes += before;
    --run.first;
  }
  return run;
}

struct Inputs {
  std::size_t least = 0;  // that do not fill a file
  std::size_t most = 0;
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
    while (bytes > kTargetFileBytes || part.end - part.first > inputs.most) {
      bytes -= sizes[part.first++];
    }
    const auto files = part.end - part.first;
    const bool is_worth_it = files >= inputs.least || (files >= 2 && !IsSmall(bytes));
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
    while (end < sizes.size() && IsSmall(sizes[end])) ++end;
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

std::size_t CountSmall(const std::vector<std::int64_t>& sizes) {
  return static_cast<std::size_t>(std::ranges::count_if(sizes, IsSmall));
}

std::optional<FileRun> PlanRewrite(const std::vector<std::int64_t>& sizes) {
  if (const auto part = BestPart(sizes, RunAtEnd(sizes), {kMinInputs, kMaxInputs})) return part;
  if (CountSmall(sizes) <= kMaxSmallFiles) return std::nullopt;
  // Files of very different sizes take turns, so no run at the end gathers. The cheapest
  // neighbours become one.
  return BestOfAll(sizes, {.least = 2, .most = kMinInputs});
}

std::optional<FileRun> PlanCompaction(const std::vector<std::int64_t>& sizes) {
  return BestOfAll(sizes, {.least = 2, .most = kMaxInputs});
}

}  // namespace st::upkeep
