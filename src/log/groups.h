// Consumer groups as the log keeps them: of each group its state, opaque bytes of the module
// `group`, and its committed offsets; a part of the log's state.
//
// Threads: Groups: owned by the commit thread (recovery: by the opening thread).
// Limits:  kMaxStoredGroupBytes (limits.h), of all groups together.
// Format:  docs/formats/commit_log.md, "Groups"
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/state_part.h"

namespace st::log {

// A position that a consumer of a group committed.
struct CommittedOffset {
  Offset offset;  // of the next record that the group reads
  std::int32_t leader_epoch = -1;
  std::int64_t commit_time_ms = 0;
  std::int64_t expire_time_ms = -1;  // -1: by the retention of offsets
  std::string metadata;              // the client's own

  friend bool operator==(const CommittedOffset&, const CommittedOffset&) = default;
};

struct StoredGroup {
  std::string state;  // "": nothing but offsets were stored
  std::map<TopicPartition, CommittedOffset> offsets;

  friend bool operator==(const StoredGroup&, const StoredGroup&) = default;
};

using StoredGroups = std::map<std::string, StoredGroup, std::less<>>;  // by id

// A change of one group. The fields apply in this order.
struct GroupChange {
  std::string group;
  bool forgets_group = false;  // its state and its offsets
  std::optional<std::string> state;
  std::vector<std::pair<TopicPartition, CommittedOffset>> committed;
  std::vector<TopicPartition> removed;  // offsets; not an error if there are none
};

// The payload of the entry that makes the change.
std::string EncodeGroupChange(const GroupChange& change);
// What a group's state, or one of its offsets with this many bytes of metadata, counts for in
// kMaxStoredGroupBytes.
std::uint64_t StoredStateBytes(std::size_t id_bytes, std::size_t state_bytes);
std::uint64_t StoredOffsetBytes(std::size_t metadata_bytes);

class Groups final : public StatePart {
 public:
  const StoredGroups& all() const { return groups_; }
  // Ok, or kUnsupported: with a change that adds so many bytes the groups would be too large.
  Status CheckRoom(std::uint64_t bytes) const;

  std::uint32_t tag() const override { return kGroupsPart; }
  std::uint32_t version() const override { return 1; }
  bool Takes(EntryType type) const override {
    return type == EntryType::kGroup || type == EntryType::kTopicEnd;
  }
  Status Apply(const EntryHeader& entry, std::string_view payload) override;
  void Encode(std::string& out) const override;
  std::size_t encoded_bytes() const override { return sizeof(std::uint32_t) + bytes_; }
  Status Decode(ByteReader& in, std::uint32_t version) override;
  void Clear() override { *this = Groups(); }
  bool may_be_left_out() const override { return groups_.empty(); }

 private:
  void Forget(const std::string& id);
  void SetState(const std::string& id, std::string state);
  void Commit(const std::string& id, TopicPartition tp, CommittedOffset offset);
  void Remove(const std::string& id, TopicPartition tp);
  // The offsets of all groups in a topic that is deleted.
  void RemoveTopic(TopicId topic);

  StoredGroups groups_;
  std::uint64_t bytes_ = 0;  // as StoredStateBytes and StoredOffsetBytes count
};

}  // namespace st::log
