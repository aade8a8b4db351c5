// Holds: names that keep records of the log from being removed.
//
// Every removal respects every hold: no record at or behind a hold's offset is removed, and no
// segment that has one leaves the disk, while the hold stands. Nothing in the log sets, moves or
// releases a hold by itself, but that a deleted topic is released.
//
// Threads: Holds: owned by the commit thread (recovery: by the opening thread).
// Limits:  kMaxHolds, kMaxHeldPartitions (limits.h); a name has 1 to 249 bytes.
// Format:  docs/formats/commit_log.md, "Holds"
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/state_part.h"

namespace st::log {

struct Hold {
  std::string name;                       // of the holder, for people: "pipeline sword_purchases"
  std::map<TopicPartition, Offset> from;  // the first record that is kept, by partition

  friend bool operator==(const Hold&, const Hold&) = default;
};

// The payload of the entry that sets the hold, or releases it where `from` is empty.
std::string EncodeHold(const Hold& hold);

// The holds as a part of the log's state.
class Holds final : public StatePart {
 public:
  std::vector<Hold> All() const;  // by name
  // Ok, or why the hold may not be set: kInvalidArgument: its name; kUnsupported: limits.h.
  Status Check(const Hold& hold) const;

  std::uint32_t tag() const override { return kHoldsPart; }
  std::uint32_t version() const override { return 1; }
  bool Takes(EntryType type) const override {
    return type == EntryType::kHold || type == EntryType::kTopicEnd;
  }
  Status Apply(const EntryHeader& entry, std::string_view payload) override;
  void Encode(std::string& out) const override;
  std::size_t encoded_bytes() const override;
  Status Decode(ByteReader& in, std::uint32_t version) override;
  void Clear() override { *this = Holds(); }

 private:
  // Sets the hold, or releases it.
  void Put(Hold hold);
  // Releases what is held of a topic that is deleted.
  void ReleaseTopic(TopicId topic);

  std::map<std::string, std::map<TopicPartition, Offset>, std::less<>> holds_;
  std::size_t partitions_ = 0;  // of all holds
};

}  // namespace st::log
