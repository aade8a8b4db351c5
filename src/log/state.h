// The log's state, a fold over its entries, made of registered parts: topics, producers, holds,
// groups, removed segments, gaps.
// Each segment begins with a checkpoint of it.
//
// Threads: owned by the commit thread (recovery: by the opening thread).
// Errors:  kCorruption: bytes contradict the entries before them; kUnsupported: an entry or a part
//          that this program does not know and may not skip.
// Format:  docs/formats/commit_log.md, "Checkpoint"
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/gaps.h"
#include "log/groups.h"
#include "log/hold.h"
#include "log/producers.h"
#include "log/reader/entry.h"
#include "log/removed_segments.h"
#include "log/state_part.h"
#include "log/topics.h"

namespace st::log {

class LogState {
 public:
  LogState();
  // Adds a part behind those that are registered; an entry is applied to the parts in this order.
  // Requires: no other part has its tag, and nothing was applied yet.
  void Register(std::unique_ptr<StatePart> part);

  // Whether this program knows what an entry of this type means.
  bool Knows(EntryType type) const;
  // Applies one intact entry. An entry of an unknown type that may be skipped changes nothing. A
  // checkpoint replaces the state when its last piece is applied. After an error the state is
  // unusable.
  Status Apply(const EntryHeader& entry, std::string_view payload);

  const Topics& topics() const { return *topics_; }
  Producers& producers() { return *producers_; }
  const Producers& producers() const { return *producers_; }
  const Holds& holds() const { return *holds_; }
  const Groups& groups() const { return *groups_; }
  const Gaps& gaps() const { return *gaps_; }

  // From this entry on the server's batches have the flag kFromServer; before it any batch may be
  // the server's. Not set in a log of version 1, until its next segment begins.
  std::optional<Lsn> marked_since() const { return marked_since_; }
  void MarkSince(Lsn lsn) {
    if (!marked_since_) marked_since_ = lsn;
  }
  // The first segment that belongs to the log; files of earlier ones may be left over.
  std::uint64_t first_segment() const { return removed_->first(); }
  const RemovedSegments& removed_segments() const { return *removed_; }

  std::string EncodeCheckpoint() const;

 private:
  // A part that this program does not know and may skip; later checkpoints have it unchanged.
  struct UnknownPart {
    std::uint32_t tag = 0;
    std::uint32_t version = 0;
    std::string bytes;
  };

  Status ApplyCheckpointPiece(const EntryHeader& entry, std::string_view payload);
  Status Decode(std::string_view checkpoint);
  Status DecodeFirstVersions(ByteReader& in, std::uint32_t version);
  Status DecodeParts(ByteReader& in);
  StatePart* FindPart(std::uint32_t tag) const;

  std::vector<std::unique_ptr<StatePart>> parts_;
  std::vector<UnknownPart> unknown_;
  // Of parts_.
  Topics* topics_ = nullptr;
  Producers* producers_ = nullptr;
  Holds* holds_ = nullptr;
  Groups* groups_ = nullptr;
  RemovedSegments* removed_ = nullptr;
  Gaps* gaps_ = nullptr;

  std::optional<Lsn> marked_since_;

  // The pieces of an incomplete checkpoint.
  std::string checkpoint_;
  std::int32_t checkpoint_pieces_ = 0;
};

}  // namespace st::log
