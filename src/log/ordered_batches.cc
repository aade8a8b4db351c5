#include "log/ordered_batches.h"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace st::log {
namespace {

constexpr std::int64_t kReadRecords = 4096;  // of a partition at a time

}  // namespace

OrderedBatches::OrderedBatches(const Index& index, const OffsetRanges& ranges, EndMark end)
    : index_(index), end_(end) {
  for (const auto& [tp, range] : ranges) {
    Push({.tp = tp, .next = range.from.value(), .to = range.to.value(), .entries = {}, .at = 0});
  }
}

bool OrderedBatches::IsBehind(const Cursor& a, const Cursor& b) {
  const IndexEntry& x = a.entries[a.at];
  const IndexEntry& y = b.entries[b.at];
  return std::tie(x.segment, x.position) > std::tie(y.segment, y.position);
}

void OrderedBatches::Push(Cursor cursor) {
  if (cursor.at == cursor.entries.size()) {
    cursor.at = 0;
    cursor.entries = index_.EntriesFrom(cursor.tp, cursor.next, cursor.to,
                                        std::numeric_limits<std::uint64_t>::max(), kReadRecords);
    if (cursor.entries.empty()) return;
    cursor.next = cursor.entries.back().end_offset();
  }
  const IndexEntry& entry = cursor.entries[cursor.at];
  if (!end_.is_behind(entry.segment, entry.position)) return;
  heap_.push_back(std::move(cursor));
  std::ranges::push_heap(heap_, IsBehind);
}

std::optional<IndexedBatch> OrderedBatches::Next() {
  if (heap_.empty()) return std::nullopt;
  std::ranges::pop_heap(heap_, IsBehind);
  Cursor cursor = std::move(heap_.back());
  heap_.pop_back();
  const IndexedBatch batch{cursor.tp, cursor.entries[cursor.at]};
  ++cursor.at;
  Push(std::move(cursor));
  return batch;
}

}  // namespace st::log
