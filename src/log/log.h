// STORE: ordered durable partitions in one commit log, made durable by group commit.
//
// Threads:  safe from any thread; callbacks run on the commit thread and must not block.
// Owner:    main; `fs`, `clock`, `random` must outlive it; Stop() before the destructor is
//           optional.
// Durable:  when a callback gets success the batch survives power loss, and only then readers see
//           it (I1, I2).
// Units:    offsets count records; sizes are bytes; times are microseconds since the epoch, UTC.
// Limits:   limits.h.
// Errors:   kInvalidArgument bad batch or name; kUnavailable queue full or disk at its reserve,
//           nothing written, retry later; kCorruption damage found at opening (names file, offset,
//           remedy); kOutcomeUnknown a write or sync failed: the next opening shows whether it is
//           stored; kIo the log is poisoned by that until reopened, nothing written; kShutdown.
// Format:   docs/formats/commit_log.md
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/metrics.h"
#include "base/result.h"
#include "log/end_mark.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"

namespace st::log {

struct TopicInfo {
  TopicId id;
  std::string name;
  std::int32_t partitions = 0;
};

struct LogOptions {
  std::string dir;  // <data.dir>/log
  std::uint64_t segment_bytes = 128ULL << 20;
  std::uint64_t allocate_chunk_bytes = 8ULL << 20;  // a segment grows by this
  std::uint64_t max_queued_bytes = 64ULL << 20;     // beyond: kUnavailable
  std::uint64_t reserve_bytes = 64ULL << 20;        // free disk kept for table commits
  MetricRegistry* metrics = nullptr;                // may be null
};

// The torn write that recovery truncated; it was never acknowledged.
struct CutTail {
  std::string file;
  std::uint64_t position = 0;
  std::uint64_t bytes = 0;
};

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

using AppendCallback = std::function<void(Result<AppendResult>)>;

// A reservation of bytes in the queue. The destructor releases the bytes that no append used. The
// log must outlive it.
class QueueRoom {
 public:
  virtual ~QueueRoom() = default;
};

// Where one stored batch lies, for workers that read the segments themselves.
struct Extent {
  std::string file;            // absolute path of the segment
  std::uint64_t position = 0;  // of the entry
  std::uint32_t length = 0;    // of the whole entry
  Offset base_offset;
  std::int32_t records = 0;
};

struct ReadResult {
  std::string batches;  // whole Kafka v2 batches, verbatim but for base offset and epoch
  // One a batch: whether the server made it. Also true for all batches that the log stored before
  // batches were marked.
  std::vector<bool> is_own;
  Offset high_watermark;  // behind the last durable record
  Offset log_start;
};

class Log {
 public:
  virtual ~Log() = default;

  // Recovers (docs/formats/commit_log.md, Recovery) and starts the commit thread. Takes no lock:
  // the caller holds the data folder's.
  static Result<std::unique_ptr<Log>> Open(os::FileSystem& fs, os::Clock& clock, os::Random& random,
                                           LogOptions options);

  // Random id of this log, generated once; the progress of pipelines refers to it.
  virtual Uuid id() const = 0;

  // Creates a topic of the server itself. Durable on return; blocks for one sync. kAlreadyExists;
  // kInvalidArgument (Kafka's rule for names: [a-zA-Z0-9._-]{1,249}, not "." or ".."; partitions
  // 1..kMaxPartitions); kUnsupported: too many topics or partitions in all.
  virtual Result<TopicInfo> CreateTopic(const std::string& name, std::int32_t partitions) = 0;
  // The same without blocking, for any origin: `done` runs on the commit thread.
  virtual void CreateTopicAsync(const std::string& name, std::int32_t partitions, Origin origin,
                                std::function<void(Result<TopicInfo>)> done) = 0;
  virtual std::vector<TopicInfo> Topics() const = 0;  // by name
  virtual std::size_t TopicCount() const = 0;
  virtual std::optional<TopicInfo> FindTopic(const std::string& name) const = 0;
  virtual std::optional<TopicInfo> FindTopic(TopicId id) const = 0;

  // Queues one Kafka v2 record batch (checked: CRC, counts, size). Base offset and leader epoch are
  // written in place. Producer id, epoch and sequence in its header, where present, are checked:
  // kInvalidArgument out of order, duplicates (equal sequences and CRC) answered with is_duplicate
  // once durable; kUnsupported: no room for another producer of this client.
  virtual void Append(TopicPartition tp, std::string batch, Origin origin, AppendCallback done) = 0;
  // Reserves room for a batch of this size, so that AppendInto is not refused for a full queue. For
  // callers that change their state before they append. kUnavailable, kShutdown.
  virtual Result<std::unique_ptr<QueueRoom>> ReserveQueue(std::uint64_t bytes) = 0;
  // Appends the server's own batch into reserved room. Requires: it is not larger than the room.
  virtual void AppendInto(std::unique_ptr<QueueRoom> room, TopicPartition tp, std::string batch,
                          AppendCallback done) = 0;

  // A random id of 53 bits: it fits the numbers of every client language and cannot be guessed.
  virtual ProducerId NewProducerId() = 0;

  // Durable batches from the one that holds `from`, at most `max_bytes` but at least one batch.
  // kInvalidArgument: `from` is below the start or above the end (offset out of range);
  // kCorruption: damage, which damage() shows from then on.
  virtual Result<ReadResult> Read(TopicPartition tp, Offset from,
                                  std::uint64_t max_bytes) const = 0;
  // The places of the batches [from, to), at most `max_records` rounded up to a batch, in log
  // order.
  virtual Result<std::vector<Extent>> Extents(TopicPartition tp, Offset from, Offset to,
                                              std::int64_t max_records) const = 0;
  // CRC-32C of the entry that holds the record at `at`. It covers epoch, lsn and append time, so
  // a log that was restored from a copy and then appended to has another CRC at the same offset.
  // kInvalidArgument: no such record.
  virtual Result<std::uint32_t> EntryCrc(TopicPartition tp, Offset at) const = 0;
  virtual Offset StartOffset(TopicPartition tp) const = 0;
  virtual Offset EndOffset(TopicPartition tp) const = 0;  // durable end (high watermark)
  // First offset whose record time (ms) is >= `time_ms`, by batch: {offset, time}; nullopt if none.
  // Logs of earlier versions may hold batches whose header claims another largest time than their
  // records have: one that claims a later time is passed over, behind kMaxBatchesForTime of them
  // the answer is the next such batch's first offset; one that claims an earlier time is not found.
  virtual std::optional<std::pair<Offset, std::int64_t>> OffsetForTime(
      TopicPartition tp, std::int64_t time_ms) const = 0;

  // Runs `wake` once, on the commit thread, after the next durable append to any of `tps`; returns
  // a handle for CancelWait. If `wake` was not run yet CancelWait prevents it. Every handle must be
  // cancelled in the end, also after `wake` ran.
  virtual std::uint64_t WaitForAppend(std::vector<TopicPartition> tps,
                                      std::function<void()> wake) = 0;
  virtual void CancelWait(std::uint64_t handle) = 0;

  // Refuses new appends, makes the queue durable, answers every callback, joins, marks the end.
  // Idempotent.
  virtual void Stop() = 0;
  // The tail that this opening truncated; nullopt: none.
  virtual std::optional<CutTail> cut_tail() const = 0;
  // The first damage that reading met since the opening, with its remedy; nullopt: none, or the
  // segment that was missing is back. Appends go on.
  virtual std::optional<Error> damage() const = 0;
  // Reads the batches [from, to) from the disk again, for who met trouble with their extents.
  // kCorruption: damage; kIo.
  virtual Status CheckBatches(TopicPartition tp, Offset from, Offset to) const = 0;
  // Ok, or why the log refuses appends now (disk reserve, poisoned): for /readyz and status.
  virtual Status health() const = 0;
  // How far the log is durable, for readers of its files outside the server.
  virtual EndMark durable_end() const = 0;
};

}  // namespace st::log
