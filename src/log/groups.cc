#include "log/groups.h"

#include "base/coding.h"
#include "log/limits.h"

namespace st::log {
namespace {

// Kinds of a change's steps. An entry is a list of steps.
enum class Step : std::uint8_t { kForget = 1, kState = 2, kCommit = 3, kRemove = 4 };

// What an object in memory takes beside its encoded bytes.
constexpr std::uint64_t kStateOverheadBytes = 256;
constexpr std::uint64_t kOffsetOverheadBytes = 192;

void AppendText(std::string& out, std::string_view text) {
  AppendLittle(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

std::string TakeText(ByteReader& in) { return std::string(in.Bytes(in.Little<std::uint32_t>())); }

void AppendPlace(std::string& out, TopicPartition tp) {
  AppendUuid(out, tp.topic);
  AppendLittle(out, tp.partition.value());
}

TopicPartition TakePlace(ByteReader& in) {
  const TopicId topic(in.Id());
  return {topic, PartitionId(in.Little<std::int32_t>())};
}

void AppendOffset(std::string& out, TopicPartition tp, const CommittedOffset& committed) {
  AppendPlace(out, tp);
  AppendLittle(out, committed.offset.value());
  AppendLittle(out, committed.leader_epoch);
  AppendLittle(out, committed.commit_time_ms);
  AppendLittle(out, committed.expire_time_ms);
  AppendText(out, committed.metadata);
}

std::pair<TopicPartition, CommittedOffset> TakeOffset(ByteReader& in) {
  const auto tp = TakePlace(in);
  CommittedOffset committed;
  committed.offset = Offset(in.Little<std::int64_t>());
  committed.leader_epoch = in.Little<std::int32_t>();
  committed.commit_time_ms = in.Little<std::int64_t>();
  committed.expire_time_ms = in.Little<std::int64_t>();
  committed.metadata = TakeText(in);
  return {tp, std::move(committed)};
}

void AppendStep(std::string& out, Step step) { AppendLittle(out, static_cast<std::uint8_t>(step)); }

}  // namespace

std::uint64_t StoredStateBytes(std::size_t id_bytes, std::size_t state_bytes) {
  return kStateOverheadBytes + id_bytes + state_bytes;
}
std::uint64_t StoredOffsetBytes(std::size_t metadata_bytes) {
  return kOffsetOverheadBytes + metadata_bytes;
}

std::string EncodeGroupChange(const GroupChange& change) {
  std::string out;
  AppendText(out, change.group);
  if (change.forgets_group) AppendStep(out, Step::kForget);
  if (change.state) {
    AppendStep(out, Step::kState);
    AppendText(out, *change.state);
  }
  for (const auto& [tp, committed] : change.committed) {
    AppendStep(out, Step::kCommit);
    AppendOffset(out, tp, committed);
  }
  for (const auto& tp : change.removed) {
    AppendStep(out, Step::kRemove);
    AppendPlace(out, tp);
  }
  return out;
}

Status Groups::CheckRoom(std::uint64_t bytes) const {
  if (bytes_ + bytes <= kMaxStoredGroupBytes) return {};
  return Fail(ErrorCode::kUnsupported,
              "consumer groups have {} bytes, {} more would be above the {} that are allowed; "
              "delete groups that nobody uses",
              bytes_, bytes, kMaxStoredGroupBytes);
}

void Groups::Forget(const std::string& id) {
  const auto found = groups_.find(id);
  if (found == groups_.end()) return;
  bytes_ -= StoredStateBytes(id.size(), found->second.state.size());
  for (const auto& [tp, offset] : found->second.offsets) {
    bytes_ -= StoredOffsetBytes(offset.metadata.size());
  }
  groups_.erase(found);
}

void Groups::SetState(const std::string& id, std::string state) {
  const auto [group, is_new] = groups_.try_emplace(id);
  if (!is_new) bytes_ -= StoredStateBytes(id.size(), group->second.state.size());
  bytes_ += StoredStateBytes(id.size(), state.size());
  group->second.state = std::move(state);
}

void Groups::Commit(const std::string& id, TopicPartition tp, CommittedOffset offset) {
  const auto [group, is_new_group] = groups_.try_emplace(id);
  if (is_new_group) bytes_ += StoredStateBytes(id.size(), 0);
  const auto [at, is_new] = group->second.offsets.try_emplace(tp);
  if (!is_new) bytes_ -= StoredOffsetBytes(at->second.metadata.size());
  bytes_ += StoredOffsetBytes(offset.metadata.size());
  at->second = std::move(offset);
}

void Groups::Remove(const std::string& id, TopicPartition tp) {
  const auto group = groups_.find(id);
  if (group == groups_.end()) return;
  const auto at = group->second.offsets.find(tp);
  if (at == group->second.offsets.end()) return;
  bytes_ -= StoredOffsetBytes(at->second.metadata.size());
  group->second.offsets.erase(at);
}

void Groups::RemoveTopic(TopicId topic) {
  for (auto& [id, group] : groups_) {
    std::erase_if(group.offsets, [&](const auto& item) {
      if (item.first.topic != topic) return false;
      bytes_ -= StoredOffsetBytes(item.second.metadata.size());
      return true;
    });
  }
}

Status Groups::Apply(const EntryHeader& entry, std::string_view payload) {
  if (entry.type == EntryType::kTopicEnd) {
    RemoveTopic(entry.topic);
    return {};
  }
  ByteReader in(payload);
  const auto id = TakeText(in);
  while (in.ok() && !in.left().empty()) {
    const auto step = in.Little<std::uint8_t>();
    switch (Step{step}) {
      case Step::kForget:
        Forget(id);
        continue;
      case Step::kState: {
        auto state = TakeText(in);
        if (in.ok()) SetState(id, std::move(state));
        continue;
      }
      case Step::kCommit: {
        auto [tp, offset] = TakeOffset(in);
        if (in.ok()) Commit(id, tp, std::move(offset));
        continue;
      }
      case Step::kRemove: {
        const auto tp = TakePlace(in);
        if (in.ok()) Remove(id, tp);
        continue;
      }
    }
    return Fail(ErrorCode::kUnsupported, "this program does not know step {} of a group's change",
                step);
  }
  if (in.ok()) return {};
  return Fail(ErrorCode::kCorruption, "a group's change of {} bytes does not decode",
              payload.size());
}

void Groups::Encode(std::string& out) const {
  AppendLittle(out, static_cast<std::uint32_t>(groups_.size()));
  for (const auto& [id, group] : groups_) {
    AppendText(out, id);
    AppendText(out, group.state);
    AppendLittle(out, static_cast<std::uint32_t>(group.offsets.size()));
    for (const auto& [tp, offset] : group.offsets) AppendOffset(out, tp, offset);
  }
}

Status Groups::Decode(ByteReader& in, std::uint32_t) {
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    const auto id = TakeText(in);
    SetState(id, TakeText(in));
    for (auto m = in.Little<std::uint32_t>(); in.ok() && m > 0; --m) {
      auto [tp, offset] = TakeOffset(in);
      Commit(id, tp, std::move(offset));
    }
  }
  return {};
}

}  // namespace st::log
