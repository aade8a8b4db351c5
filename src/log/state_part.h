// One part of the log's state: a fold over the entries of the types that it takes.
//
// A checkpoint is the list of all parts: tag, version, length and bytes of each. A program that
// does not know a tag, or knows it in an older version only, refuses the log; but if the tag has
// the bit kMaySkipPart, it ignores the part and copies its bytes into the checkpoints that it
// writes.
//
// Threads: owned by the commit thread (recovery: by the opening thread).
// Errors:  kCorruption: the entry or the bytes contradict the entries before them.
// Format:  docs/formats/commit_log.md, "Checkpoint"
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/coding.h"
#include "base/result.h"
#include "log/reader/entry.h"

namespace st::log {

inline constexpr std::uint32_t kTopicsPart = 1;
inline constexpr std::uint32_t kProducersPart = 2;
inline constexpr std::uint32_t kHoldsPart = 3;
inline constexpr std::uint32_t kGroupsPart = 4;
inline constexpr std::uint32_t kTopicSettingsPart = 5;
inline constexpr std::uint32_t kRemovedSegmentsPart = 6;
// A part may have this bit where its loss harms nobody: an older program copies the part as it was
// and does not apply the entries that would have changed it.
inline constexpr std::uint32_t kMaySkipPart = 1U << 31;

class StatePart {
 public:
  virtual ~StatePart() = default;

  virtual std::uint32_t tag() const = 0;      // fixed; one of the tags above
  virtual std::uint32_t version() const = 0;  // of the bytes that Encode writes
  virtual bool Takes(EntryType type) const = 0;

  // Requires: Takes(entry.type).
  virtual Status Apply(const EntryHeader& entry, std::string_view payload) = 0;

  virtual void Encode(std::string& out) const = 0;
  // Upper bound of the bytes that Encode appends.
  virtual std::size_t encoded_bytes() const = 0;
  // Reads what Encode wrote, in `version`, which is at most version(). May leave bytes unread or
  // `in` broken: the caller checks both. Requires: Clear() was called, and nothing was applied
  // since.
  virtual Status Decode(ByteReader& in, std::uint32_t version) = 0;
  // Forgets everything.
  virtual void Clear() = 0;
  // Whether a checkpoint may leave the part out, as it is as after Clear(): a program that does not
  // know the part then still opens the log.
  virtual bool may_be_left_out() const { return false; }
};

}  // namespace st::log
