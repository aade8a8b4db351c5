// Plans the repair of a damaged log: which bytes are replaced or removed, what the log loses by
// that, and where a repair would leave a wrong log and is refused.
//
// A destroyed entry in the middle is isolated: entries of type kLost take its place and its
// lsns, and name the records that are lost, whose offsets become a hole. What the destroyed entries
// did to topics, groups, holds and producers is known from the checkpoint of the next segment. In
// the last segment, which no checkpoint follows, the destroyed entries must be batches of records,
// by their headers and a second witness. Bytes at the log's end behind which no intact entry lies
// are cut.
//
// Threads: one; no server has the log open.
// Errors:  kUnsupported a newer program's log; kIo. Damage is in the plan.
// Limits:  kMaxRepairedSegmentBytes. Reads one segment at a time into memory.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "log/end_mark.h"
#include "log/lost_records.h"
#include "os/file_system.h"

namespace st::log {

struct RepairStep {
  enum class Kind {
    kIsolate,  // lost entries take the place of destroyed ones
    kHeader,   // the segment's header is written anew
    kCut,      // the last segment ends at `from`
    kEndMark,  // the mark of the log's end moves to where the log ends
  } kind = Kind::kIsolate;
  std::uint64_t segment = 0;
  std::string file;
  // The bytes that are replaced or removed; none where they are missing.
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::string reason;
  std::string replacement;
  // Of kIsolate: the lsns of the destroyed entries and the records that are lost.
  Lsn first_lsn;
  Lsn next_lsn;
  std::vector<LostEntry::Range> lost;
  std::uint64_t cut_entries = 0;  // of kCut: the intact entries among the bytes
};

// Damage that no repair makes good.
struct RefusedRepair {
  std::string file;
  std::uint64_t position = 0;
  std::string reason;
};

struct RepairPlan {
  std::string dir;                // of the log
  std::vector<RepairStep> steps;  // in the order of the log
  std::vector<RefusedRepair> refused;
  std::optional<EndMark> end_mark;          // to be written, where steps change the log's end
  std::map<TopicId, std::string> topics{};  // names, for messages
};

struct RepairOptions {
  std::int64_t now_us = 0;
  // Cut the last segment at damage that cannot be isolated, with the intact entries behind it.
  bool may_cut = false;
};

Result<RepairPlan> PlanRepair(os::FileSystem& fs, const std::string& dir,
                              const RepairOptions& options);

}  // namespace st::log
