#include "group/group_offsets.h"

#include <utility>

namespace st::group {

bool TakeRoom(const Group& group, const NewOffsets& offsets, std::uint64_t client, Room& room,
              OffsetCharges& charges) {
  for (const auto& [tp, offset] : offsets) {
    const auto old = group.offsets.find(tp);
    const auto had = old == group.offsets.end() ? 0 : BytesOf(old->second.committed);
    const auto needs = BytesOf(offset);
    // One that takes no more than before keeps the room of the one that it replaces.
    if (needs > had && !Charge::Take(room, client, needs, charges[tp])) return false;
  }
  return true;
}

void RecoverOffsets(Group& group, const Offsets& offsets, Room& room) {
  for (const auto& [tp, offset] : offsets) {
    auto& at = group.offsets[tp];
    at.committed = offset;
    Charge::Take(room, 0, BytesOf(offset), at.charge);
  }
}

void AddOffsets(Group& group, const NewOffsets& offsets, OffsetCharges& charges) {
  for (const auto& [tp, offset] : offsets) {
    auto& at = group.offsets[tp];
    at.committed = offset;
    if (const auto charge = charges.find(tp); charge != charges.end()) {
      at.charge = std::move(charge->second);
    }
  }
}

void EraseOffsets(Group& group, const std::vector<TopicPartition>& offsets) {
  for (const auto& tp : offsets) group.offsets.erase(tp);
}

Offsets OffsetsOf(const Group& group) {
  Offsets offsets;
  for (const auto& [tp, offset] : group.offsets) offsets.emplace(tp, offset.committed);
  return offsets;
}

Outcome MayRemoveOffsets(const Group& group, const std::optional<std::string>& topic) {
  if (!group.HasMembers()) return Outcome::kDone;
  if (!group.consumers && group.protocol_type != kConsumerType) return Outcome::kNonEmptyGroup;
  return topic && group.IsSubscribedTo(*topic) ? Outcome::kSubscribedToTopic : Outcome::kDone;
}

}  // namespace st::group
