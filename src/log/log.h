// STORE: ordered durable partitions, as any Kafka broker keeps them. local_log.h is our own.
//
// Threads:  safe from any thread; callbacks run on the commit thread and must not block.
// Owner:    main; Stop() before the destructor is optional.
// Durable:  when a callback gets success the batch survives power loss, and only then readers see
//           it (I1, I2).
// Units:    offsets count records; sizes are bytes; times are microseconds since the epoch, UTC.
// Limits:   limits.h.
// Errors:   kInvalidArgument bad batch or name; kUnavailable queue full or disk at its reserve,
//           nothing written, retry later; kOutcomeUnknown a write or sync failed: the next opening
//           shows whether it is stored; kIo the log is poisoned by that until reopened, nothing
//           written; kShutdown.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/log_contents.h"

namespace st::log {

struct AppendResult {
  Offset base_offset;
  std::int64_t append_time_us = 0;
  bool is_duplicate = false;  // an idempotent producer's repeat: base_offset is the first one's
};
// The origin of a batch or a topic.
struct Origin {
  // The server itself: its batches are marked in the log, which no client can cause, and the limits
  // for clients do not apply.
  bool is_server = false;
  // The client's number, equal for all connections from one address; 0: unknown.
  std::uint64_t client = 0;
};
inline constexpr Origin kFromThisServer{.is_server = true};

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  TopicSettings settings = {};  // kUnsupported: they have more than kMaxTopicSettingsBytes
};
// What a change leaves out stays as it is.
struct TopicChange {
  std::optional<std::int32_t> partitions = {};  // more than it has
  // Makes the settings from those that the topic has; on the commit thread. An error is the answer.
  std::function<Result<TopicSettings>(const TopicSettings&)> settings = {};
  bool only_check = false;  // answers as if, and changes nothing
};

using AppendCallback = std::function<void(Result<AppendResult>)>;

struct ReadResult {
  std::string batches;  // whole Kafka v2 batches, verbatim but for base offset and epoch
  // One a batch: whether the server made it. Also true for all batches that the log stored before
  // batches were marked.
  std::vector<bool> is_own;
  Offset high_watermark;  // behind the last durable record
  Offset log_start;
};

// Whether a read may wait for the disk, or takes only what is in memory.
enum class DiskWait { kAllowed, kNever };

class Log : public LogContents {
 public:
  // Creates a topic of the server itself. Durable on return; blocks for one sync. kAlreadyExists;
  // kInvalidArgument (Kafka's rule for names: [a-zA-Z0-9._-]{1,249}, not "." or ".."; partitions
  // 1..kMaxPartitions); kUnsupported: too many topics or partitions in all.
  virtual Result<TopicInfo> CreateTopic(const std::string& name, std::int32_t partitions) = 0;
  // The same without blocking, for any origin: `done` runs on the commit thread.
  virtual void CreateTopicAsync(NewTopic topic, Origin origin,
                                std::function<void(Result<TopicInfo>)> done) = 0;
  virtual std::size_t TopicCount() const = 0;
  // Deletes a topic with its records, the sequences of its producers, the offsets that groups
  // committed in it, and what holds keep of it; `done` runs on the commit thread. A topic of the
  // same name is another one. The records stay in the segments. Errors as ChangeTopic.
  virtual void DeleteTopic(TopicId topic, std::function<void(Status)> done) = 0;
  // Changes a topic; `done` runs on the commit thread with the topic as it then is. kNotFound: no
  // such topic; kInvalidArgument: the partitions are not more than it has, or above kMaxPartitions;
  // kUnsupported: too many partitions or bytes of settings in all; kUnavailable: see above, or the
  // log's last segment is of an older format, which has no such entries.
  virtual void ChangeTopic(TopicId topic, TopicChange change, Origin origin,
                           std::function<void(Result<TopicInfo>)> done) = 0;

  // Queues one Kafka v2 record batch (checked: CRC, counts, size). Base offset and leader epoch are
  // written in place. Producer id, epoch and sequence in its header, where present, are checked:
  // kInvalidArgument out of order, duplicates (equal sequences and CRC) answered with is_duplicate
  // once durable; kUnsupported: no room for another producer of this client.
  virtual void Append(TopicPartition tp, std::string batch, Origin origin, AppendCallback done) = 0;

  // A random id of 53 bits: it fits the numbers of every client language and cannot be guessed.
  virtual ProducerId NewProducerId() = 0;

  // Durable batches from the one that holds `from`, at most `max_bytes` but at least one batch.
  // Where none holds it, from the next one, or one without records up to the end. kInvalidArgument:
  // `from` is below the start or above the end (offset out of range); kCorruption: damage, which
  // damage() shows from then on.
  virtual Result<ReadResult> Read(TopicPartition tp, Offset from,
                                  std::uint64_t max_bytes) const = 0;
  // Read for threads that must not wait for a disk. nullopt: some of the batches are not in memory,
  // so Read gets them, on another thread.
  virtual Result<std::optional<ReadResult>> ReadCached(TopicPartition tp, Offset from,
                                                       std::uint64_t max_bytes) const = 0;
  // First offset whose record time (ms) is >= `time_ms`, by batch: {offset, time}; nullopt if none.
  // Logs of earlier versions may hold batches whose header claims another largest time than their
  // records have: one that claims a later time is passed over, behind kMaxBatchesForTime of them
  // the answer is the next such batch's first offset; one that claims an earlier time is not found.
  virtual std::optional<std::pair<Offset, std::int64_t>> OffsetForTime(
      TopicPartition tp, std::int64_t time_ms) const = 0;
  // The first record of those with the largest time: {offset, time}; nullopt if there is none.
  virtual std::optional<std::pair<Offset, std::int64_t>> OffsetOfLargestTime(
      TopicPartition tp) const = 0;

  // Runs `wake` once, on the commit thread, after the next durable append to any of `tps`; returns
  // a handle for CancelWait. If `wake` was not run yet CancelWait prevents it. Every handle must be
  // cancelled in the end, also after `wake` ran.
  virtual std::uint64_t WaitForAppend(std::vector<TopicPartition> tps,
                                      std::function<void()> wake) = 0;
  virtual void CancelWait(std::uint64_t handle) = 0;

  // Refuses new appends, makes the queue durable, answers every callback, joins, marks the end.
  // Idempotent.
  virtual void Stop() = 0;
  // Ok, or why the log refuses appends now (disk reserve, poisoned): for /readyz and status.
  virtual Status health() const = 0;
};

}  // namespace st::log
