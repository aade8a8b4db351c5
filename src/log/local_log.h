// STORE: our own log: one commit log for all partitions, made durable by group commit. It adds what
// a Kafka broker does not offer: reserved room in its queue, the places of batches for workers that
// read the segments themselves, and the identity of each entry.
//
// Threads:  as Log.
// Owner:    main; `fs`, `clock`, `random` must outlive it.
// Errors:   as Log; at opening kCorruption names file, offset and remedy.
// Limits:   limits.h.
// Format:   docs/formats/commit_log.md
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "log/end_mark.h"
#include "log/hold.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/random.h"

namespace st::log {

struct LogOptions {
  std::string dir;  // <data.dir>/log
  std::uint64_t segment_bytes = 128ULL << 20;
  std::uint64_t allocate_chunk_bytes = 8ULL << 20;  // a segment grows by this
  std::uint64_t max_queued_bytes = 64ULL << 20;     // beyond: kUnavailable
  std::uint64_t reserve_bytes = 64ULL << 20;        // free disk kept for table commits
  std::string program = {};           // the version of this program: the log says who wrote it
  MetricRegistry* metrics = nullptr;  // may be null
};

// The torn write that recovery truncated; it was never acknowledged.
struct CutTail {
  std::string file;
  std::uint64_t position = 0;
  std::uint64_t bytes = 0;
};

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

class LocalLog : public Log {
 public:
  // Recovers (docs/formats/commit_log.md, Recovery) and starts the commit thread. Takes no lock:
  // the caller holds the data folder's.
  static Result<std::unique_ptr<LocalLog>> Open(os::FileSystem& fs, os::Clock& clock,
                                                os::Random& random, LogOptions options);

  // Reserves room for a batch of this size, so that AppendInto is not refused for a full queue. For
  // callers that change their state before they append. kUnavailable, kShutdown.
  virtual Result<std::unique_ptr<QueueRoom>> ReserveQueue(std::uint64_t bytes) = 0;
  // Appends the server's own batch into reserved room. Requires: it is not larger than the room.
  virtual void AppendInto(std::unique_ptr<QueueRoom> room, TopicPartition tp, std::string batch,
                          AppendCallback done) = 0;

  // The places of the batches [from, to), at most `max_records` rounded up to a batch, in log
  // order.
  virtual Result<std::vector<Extent>> Extents(TopicPartition tp, Offset from, Offset to,
                                              std::int64_t max_records) const = 0;
  // Sets the hold of this name (hold.h): it replaces an earlier one, and one without offsets
  // releases it. Durable on return; blocks for one sync. kNotFound: no such topic or partition;
  // kInvalidArgument: its name, or an offset outside the partition; kUnsupported: too many holds or
  // partitions; kUnavailable: see Log, or the last segment is of an older format, which has no
  // holds.
  virtual Status SetHold(const Hold& hold) = 0;
  virtual std::vector<Hold> Holds() const = 0;  // durable ones, by name

  // CRC-32C of the entry that first stored the record at `at`. It covers epoch, lsn and append
  // time, so a log that was restored from a copy and then appended to has another CRC at the same
  // offset. kInvalidArgument: no such record.
  virtual Result<std::uint32_t> EntryCrc(TopicPartition tp, Offset at) const = 0;

  // The tail that this opening truncated; nullopt: none.
  virtual std::optional<CutTail> cut_tail() const = 0;
  // The first damage that reading met since the opening, with its remedy; nullopt: none, or the
  // segment that was missing is back. Appends go on.
  virtual std::optional<Error> damage() const = 0;
  // Reads the batches [from, to) from the disk again, for who met trouble with their extents.
  // kCorruption: damage; kIo.
  virtual Status CheckBatches(TopicPartition tp, Offset from, Offset to) const = 0;
  // How far the log is durable, for readers of its files outside the server.
  virtual EndMark durable_end() const = 0;
};

}  // namespace st::log
