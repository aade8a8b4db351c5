// The committed offsets of one group in memory, with the room that they take.
//
// Threads: under the lock of the group's owner.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "group/group.h"
#include "group/messages.h"
#include "group/room.h"
#include "log/groups.h"

namespace st::group {

using Offsets = std::map<TopicPartition, log::CommittedOffset>;
// What a member commits.
using NewOffsets = std::vector<std::pair<TopicPartition, log::CommittedOffset>>;
using OffsetCharges = std::map<TopicPartition, Charge>;

// Takes the room for what the group does not have yet; false: there is none.
bool TakeRoom(const Group& group, const NewOffsets& offsets, std::uint64_t client, Room& room,
              OffsetCharges& charges);
// Those that the log recovered; their room is nobody's in particular.
void RecoverOffsets(Group& group, const Offsets& offsets, Room& room);
void AddOffsets(Group& group, const NewOffsets& offsets, OffsetCharges& charges);
void EraseOffsets(Group& group, const std::vector<TopicPartition>& offsets);
Offsets OffsetsOf(const Group& group);
// kDone, or why offsets of the group, or of this topic of it, may not be removed now:
// kSubscribedToTopic, kNonEmptyGroup.
Outcome MayRemoveOffsets(const Group& group, const std::optional<std::string>& topic);

}  // namespace st::group
