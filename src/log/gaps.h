// Gaps: records that a person had removed (StartMove::is_forced) although holds kept them. A holder
// that has not read them finds here that they are missing, and a person must accept that.
//
// A partition has one gap, up to the start that was forced last. It names each hold that was
// overridden with the first record that it kept. When a start is forced, the names of holds that
// are released, or have moved behind their gap, are forgotten, and gaps without names with them; a
// gap also goes with its topic.
//
// Threads: Gaps: owned by the commit thread (recovery: by the opening thread).
// Limits:  kMaxHeldPartitions (limits.h) names of all gaps.
// Format:  docs/formats/commit_log.md, "Gaps"
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/hold.h"
#include "log/limits.h"
#include "log/local_log.h"
#include "log/state_part.h"

namespace st::log {

// The first record that each hold kept in a partition, by its name.
using Overridden = std::map<std::string, Offset, std::less<>>;

struct Gap {
  TopicPartition tp;
  Offset to;  // the start of the partition after the removal
  Overridden from;
  Lsn lsn;                      // of the newest removal; with `tp` it identifies the gap
  std::int64_t removed_us = 0;  // time of it

  friend bool operator==(const Gap&, const Gap&) = default;
};

// The payload of an entry of type kStart that was forced; other starts have none.
std::string EncodeOverridden(const Overridden& overridden);
// The largest: a hold's name has at most 249 bytes (hold.h).
inline constexpr std::uint64_t kMaxForcedStartBytes =
    sizeof(std::uint32_t) + kMaxHolds * (sizeof(std::uint32_t) + 249 + sizeof(std::int64_t));

// A program that does not know the part stops a pipeline whose position is in a gap as this one
// does; it does not know of a gap before a pipeline's first record.
inline constexpr std::uint32_t kGapsPart = kMaySkipPart | 7;

// The gaps as a part of the log's state.
class Gaps final : public StatePart {
 public:
  // `holds` is the part of the same state.
  explicit Gaps(const Holds& holds) : holds_(holds) {}

  std::vector<Gap> All() const;  // by partition
  // kUnsupported: with these names more there are too many.
  Status CheckRoom(std::size_t names) const;

  std::uint32_t tag() const override { return kGapsPart; }
  std::uint32_t version() const override { return 1; }
  bool Takes(EntryType type) const override {
    return type == EntryType::kStart || type == EntryType::kTopicEnd;
  }
  Status Apply(const EntryHeader& entry, std::string_view payload) override;
  void Encode(std::string& out) const override;
  std::size_t encoded_bytes() const override;
  Status Decode(ByteReader& in, std::uint32_t version) override;
  void Clear() override { gaps_.clear(); }
  bool may_be_left_out() const override { return gaps_.empty(); }

 private:
  // Forgets what no hold needs any more.
  void Tidy();
  std::size_t names() const;  // of all gaps

  const Holds& holds_;
  std::map<TopicPartition, Gap> gaps_;
};

// The durable gaps, by partition. Requires: LocalLog::Open made the log.
std::vector<Gap> GapsIn(const LocalLog& log);

}  // namespace st::log
