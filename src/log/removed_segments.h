// The segments that left the disk, as a part of the log's state.
//
// A segment whose batches all lie below the starts of their partitions is removed: first an entry
// says so, then its files go. So each segment that is missing is one that the state names, and a
// file of a segment that it names is left over from a crash between the two.
//
// Threads: owned by the commit thread (recovery: by the opening thread).
// Format:  docs/formats/commit_log.md, "Removed segments"
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "log/state_part.h"

namespace st::log {

// The payload of the entry that removes segments.
std::string EncodeRemovedSegments(const std::vector<std::uint64_t>& segments);

class RemovedSegments final : public StatePart {
 public:
  // The first segment that was not removed; a checkpoint has it in its head.
  std::uint64_t first() const { return first_; }
  void SetFirst(std::uint64_t first) { first_ = first; }
  bool Contains(std::uint64_t segment) const;
  // Up to `most` of the segments from first() on and before `end` that are there and for which
  // `is_dead` is true, rising.
  template <typename IsDead>
  std::vector<std::uint64_t> FindDead(std::uint64_t end, std::size_t most, IsDead&& is_dead) const {
    std::vector<std::uint64_t> dead;
    auto range = ranges_.begin();
    for (std::uint64_t at = first_; at < end && dead.size() < most; ++at) {
      while (range != ranges_.end() && range->second < at) ++range;
      if (range != ranges_.end() && range->first <= at) {
        at = range->second;
      } else if (is_dead(at)) {
        dead.push_back(at);
      }
    }
    return dead;
  }

  std::uint32_t tag() const override { return kRemovedSegmentsPart; }
  std::uint32_t version() const override { return 1; }
  bool Takes(EntryType type) const override { return type == EntryType::kSegmentsRemoved; }
  Status Apply(const EntryHeader& entry, std::string_view payload) override;
  void Encode(std::string& out) const override;
  std::size_t encoded_bytes() const override;
  Status Decode(ByteReader& in, std::uint32_t version) override;
  void Clear() override { *this = RemovedSegments(); }
  bool may_be_left_out() const override { return ranges_.empty(); }

 private:
  void Add(std::uint64_t segment);

  std::uint64_t first_ = 1;
  std::map<std::uint64_t, std::uint64_t> ranges_;  // first to last, behind first_, not adjacent
};

}  // namespace st::log
