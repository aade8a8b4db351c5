// STORE: our own log: one commit log for all partitions, made durable by group commit. It adds what
// a Kafka broker does not offer: reserved room in its queue, the places of batches for workers that
// read the segments themselves, and the identity of each entry.
//
// Threads:  as Log.
// Owner:    main; what `env` names must outlive it.
// Errors:   as Log; at opening kCorruption names file, offset and remedy.
// Limits:   limits.h.
// Format:   docs/formats/commit_log.md
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/record_range.h"
#include "log/end_mark.h"
#include "log/groups.h"
#include "log/hold.h"
#include "log/log.h"
#include "os/env.h"

namespace st::log {

struct LogOptions {
  std::string dir;  // <data.dir>/log
  std::uint64_t segment_bytes = 128ULL << 20;
  std::uint64_t allocate_chunk_bytes = 8ULL << 20;  // a segment grows by this
  std::uint64_t max_queued_bytes = 64ULL << 20;     // beyond: kUnavailable
  std::uint64_t reserve_bytes = 64ULL << 20;        // free disk kept for table commits
  std::string program = {};  // the version of this program: the log says who wrote it
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
  TopicPartition tp;
  std::uint32_t file = 0;      // index in OrderedExtents::files
  std::uint32_t length = 0;    // of the whole entry
  std::uint64_t position = 0;  // of the entry
  Offset base_offset;
  std::int32_t records = 0;
};

// Batches of some partitions in an interval of the total order.
struct OrderedExtents {
  LsnRange lsns;                   // from the first batch to behind the last; empty: no batch
  std::vector<std::string> files;  // absolute paths of segments
  std::vector<Extent> extents;     // in the order of their lsns
  bool has_more = false;           // a limit ended the list
};

// A list ends before the batch with which it would pass a limit, but has one batch at least.
struct ExtentLimits {
  // It may pass this one with its last batch.
  std::int64_t records = std::numeric_limits<std::int64_t>::max();
  std::uint64_t bytes = std::numeric_limits<std::uint64_t>::max();
  std::size_t extents = std::numeric_limits<std::size_t>::max();
  std::size_t files = std::numeric_limits<std::size_t>::max();
};

class LocalLog : public Log {
 public:
  // Recovers (docs/formats/commit_log.md, Recovery) and starts the commit thread. Takes no lock:
  // the caller holds the data folder's.
  static Result<std::unique_ptr<LocalLog>> Open(const os::Env& env, LogOptions options);

  // Reserves room for a batch of this size, so that AppendInto is not refused for a full queue. For
  // callers that change their state before they append. kUnavailable, kShutdown.
  virtual Result<std::unique_ptr<QueueRoom>> ReserveQueue(std::uint64_t bytes) = 0;
  // Appends the server's own batch into reserved room. Requires: it is not larger than the room.
  virtual void AppendInto(std::unique_ptr<QueueRoom> room, TopicPartition tp, std::string batch,
                          AppendCallback done) = 0;

  // The end of the total order as readers see it: every entry below is durable, and its batch is in
  // EndOffset, Read and ExtentsInOrder.
  virtual Lsn end_lsn() const = 0;
  // The places of the batches that hold records of `ranges`, in the total order of all of them.
  // What becomes durable during the call is behind what it gives, in every partition. Costs one
  // read of an entry's header at each end.
  virtual Result<OrderedExtents> ExtentsInOrder(const OffsetRanges& ranges,
                                                const ExtentLimits& limits) const = 0;
  // Sets the hold of this name (hold.h): it replaces an earlier one, and one without offsets
  // releases it. Durable on return; blocks for one sync. kNotFound: no such topic or partition;
  // kInvalidArgument: its name, or an offset outside the partition; kUnsupported: too many holds or
  // partitions; kUnavailable: see Log, or the last segment is of an older format, which has no
  // holds.
  virtual Status SetHold(const Hold& hold) = 0;
  virtual std::vector<Hold> Holds() const = 0;  // durable ones, by name

  // CRC-32C of the entry that first stored the record at `at`. It covers epoch, lsn and append
  // time, so a log that was restored from a copy and then appended to has another CRC at the same
  // offset. kInvalidArgument: no such record; kNotFound: damage destroyed it.
  virtual Result<std::uint32_t> EntryCrc(TopicPartition tp, Offset at) const = 0;

  // The tail that this opening truncated; nullopt: none.
  virtual std::optional<CutTail> cut_tail() const = 0;
  // The first damage that reading met since the opening, or place that the disk refused to read
  // (kIo), with its remedy; nullopt: none, or it is back, or was read again. Appends go on.
  virtual std::optional<Error> damage() const = 0;
  // Reads the batches [from, to) from the disk again, for who met trouble with their extents.
  // kCorruption: damage; kIo.
  virtual Status CheckBatches(TopicPartition tp, Offset from, Offset to) const = 0;
  // How far the log is durable, for readers of its files outside the server.
  virtual EndMark durable_end() const = 0;

  // Makes a change of a consumer group durable; changes of one group take effect in the order of
  // the calls. `done` runs on the commit thread, or on this one where nothing was queued.
  // kUnsupported: the groups would be too large; kUnavailable: see Log and SetHold.
  virtual void ChangeGroup(const GroupChange& change, std::function<void(Status)> done) = 0;
  // The groups that the opening recovered; the first call takes them, later ones get none.
  virtual StoredGroups TakeRecoveredGroups() = 0;

  // The largest time (ms) of the records of the batch that holds the record at `at`, or in a hole
  // of the next one; nullopt: there is none. Reads no disk.
  virtual std::optional<std::int64_t> BatchTimeMs(TopicPartition tp, Offset at) const = 0;
};

}  // namespace st::log
