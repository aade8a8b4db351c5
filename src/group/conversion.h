// A group with members changes its protocol: a classic group becomes one of the new protocol when a
// member of that one joins, and a classic group again when the last such member is gone.
//
// Pure, but for the topics of the log.
// Source: Kafka's ConsumerGroup.fromClassicGroup and ClassicGroup.fromConsumerGroup.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "format/kafka/consumer_protocol.h"
#include "group/consumer_group.h"
#include "group/group.h"
#include "group/messages.h"
#include "log/log.h"

namespace st::group {

// The classic group as one of the new protocol: its members are as they are, each with the
// partitions that its last assignment gave it, and reconciled to the generation, which becomes the
// epoch. The error: a group of other clients than consumers, of more than `most` members, or of an
// assignor whose data would be lost; all are kGroupIdNotFound, as in Kafka.
std::expected<std::unique_ptr<ConsumerGroup>, Refusal> Upgraded(const Group& group,
                                                                std::size_t most,
                                                                const log::Log& log);

// Makes `group` the stable classic group of these members, in a generation that is their group's
// epoch. Each is assigned its target, without a deadline and without a charge.
// Requires: all of them are classic members, and `group` has no members.
void Downgrade(const ConsumerGroup& consumers, Group& group, const log::Log& log,
               std::int64_t now_ms);

// The partitions as an assignment for a classic member, in the version of its subscription.
std::string AssignmentOf(const AssignedPartitions& partitions, std::string_view subscription,
                         const log::Log& log);
// Those of the partitions that the log has.
AssignedPartitions PartitionsIn(const log::Log& log,
                                const std::vector<kafka::AssignedTopic>& topics);
// The first of each name.
std::vector<Protocol> WithoutRepeats(const std::vector<Protocol>& protocols);

}  // namespace st::group
