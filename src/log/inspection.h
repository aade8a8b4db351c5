// What administrators ask of a log beside its contents: the sizes of its partitions, and the
// producers that these remember.
//
// Threads: safe from any thread.
// Owner:   the log; it must not be used after it.
// Errors:  kUnavailable the log's queue is full; kIo the log is poisoned; kShutdown.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/local_log.h"

namespace st::log {

// An idempotent producer that a partition remembers (KIP-98).
struct ActiveProducer {
  ProducerId id;
  std::int16_t epoch = 0;
  std::int32_t last_sequence = 0;
  std::int64_t last_time_ms = 0;  // the largest of its last batch's records
};

class Inspection {
 public:
  virtual ~Inspection() = default;
  // Bytes of the durable batches of each partition that has some, with what the log adds to each of
  // them: a header, and no padding.
  virtual std::map<TopicPartition, std::uint64_t> StoredBytes() const = 0;
  // Describes the producers of each of these partitions, in their order, also on a full disk.
  // `done` runs on the commit thread, or on this one where the queue is full or closed.
  using DescribedProducers = std::vector<std::vector<ActiveProducer>>;  // one list a partition
  virtual void DescribeProducers(std::vector<TopicPartition> tps,
                                 std::function<void(Result<DescribedProducers>)> done) = 0;
};

// That of a log that LocalLog::Open made.
Inspection& InspectionOf(LocalLog& log);

}  // namespace st::log
