// Merges the batches of several partitions into the total order of the log.
//
// No batch has been moved yet, so the order of places in the log's files is that of the lsns.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/record_range.h"
#include "log/end_mark.h"
#include "log/index.h"

namespace st::log {

// Threads: one thread; others may add to the index meanwhile. `index` must outlive it.
class OrderedBatches {
 public:
  // The batches that hold records of `ranges` and lie before `end`. What is added to the index
  // later lies behind it, so the batches of all partitions end at one point of the order.
  OrderedBatches(const Index& index, const OffsetRanges& ranges, EndMark end);

  // The next batch in order; nullopt: there is none.
  std::optional<IndexedBatch> Next();

 private:
  // One partition's batches, read from the index a few at a time.
  struct Cursor {
    TopicPartition tp;
    std::int64_t next = 0;  // offset from which on the index was not read
    std::int64_t to = 0;
    std::vector<IndexEntry> entries;
    std::size_t at = 0;
  };
  // Adds the cursor to the heap if it has a batch.
  void Push(Cursor cursor);
  static bool IsBehind(const Cursor& a, const Cursor& b);

  const Index& index_;
  const EndMark end_;
  std::vector<Cursor> heap_;  // the first has the next batch
};

}  // namespace st::log
