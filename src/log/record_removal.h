// Removal of records: the start of a partition moves, and segments without records leave the disk.
//
// Threads: safe from any thread; callbacks run on the commit thread and must not block.
// Owner:   the log; it must not be used after it.
// Durable: when a callback gets success the start survives power loss, and readers see it.
// Units:   offsets count records; sizes are bytes.
// Errors:  as Log; kNotFound no such topic or partition; kInvalidArgument the offset is behind the
//          end; kConflict a hold keeps records below it: the message names the hold;
//          kUnsupported a forced move would record too many gaps.
// Format:  docs/formats/commit_log.md, "Start" and "Removed segments"
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/index.h"
#include "log/local_log.h"

namespace st::log {

struct StartMove {
  TopicPartition tp;
  // The first record that stays; nullopt: none of those that are there stays.
  std::optional<Offset> to;
  // Moves as far as the holds allow, where they do not allow all of it.
  bool as_far_as_held = false;
  // Moves over the holds: what they kept is recorded as a gap (log/gaps.h).
  bool is_forced = false;
  bool only_check = false;  // answers as if, and moves nothing
};

// The files that RemoveSegments removed.
struct RemovedFiles {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
};

// The hold with the lowest offset in a partition.
struct LowestHold {
  std::string name;
  Offset from;
};

class RecordRemoval {
 public:
  virtual ~RecordRemoval() = default;

  // Moves the start of a partition forward and gives it as it then is; a start that is there
  // already, or behind, stays. Records below it are gone for readers; their files go with
  // RemoveSegments. Goes on while the disk is at its reserve, which it uses.
  virtual void MoveStart(const StartMove& move, std::function<void(Result<Offset>)> done) = 0;
  // Removes segments, at most kMaxSegmentsAtOnce, that have no batch at or behind the start of its
  // partition. Blocks for a sync where there are some, and for their removal.
  virtual Result<RemovedFiles> RemoveSegments() = 0;

  // The offset behind the records of the partition that `rule` lets go; its start: none.
  virtual Offset BehindExpired(TopicPartition tp, const Expiry& rule) const = 0;
  virtual std::optional<LowestHold> HoldOn(TopicPartition tp) const = 0;
  // What the errors of a full disk say of who keeps records that would go else; "": nothing.
  virtual void NoteHeldBack(const std::string& text) = 0;
  // Bytes of the batches with an offset in [from, to), with what the log adds to each.
  virtual std::uint64_t BytesBetween(TopicPartition tp, Offset from, Offset to) const = 0;
};

// That of a log that LocalLog::Open made.
RecordRemoval& RemovalOf(LocalLog& log);

}  // namespace st::log
