#include "group/conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

namespace st::group {
namespace {

Refusal CannotUpgrade(const Group& group, std::string_view reason) {
  return {Outcome::kGroupIdNotFound,
          fmt::format("Cannot upgrade classic group {} to consumer group because {}.", group.id(),
                      reason)};
}

constexpr std::string_view kMalformed = "the embedded consumer protocol is malformed";
constexpr std::string_view kCustomAssignor =
    "an unsupported custom assignor is in use. Please refer to the documentation or switch to a "
    "default assignor before re-attempting the upgrade";

}  // namespace

std::vector<Protocol> WithoutRepeats(const std::vector<Protocol>& protocols) {
  std::vector<Protocol> kept;
  for (const auto& protocol : protocols) {
    if (std::ranges::find(kept, protocol.name, &Protocol::name) == kept.end()) {
      kept.push_back(protocol);
    }
  }
  return kept;
}

AssignedPartitions PartitionsIn(const log::Log& log,
                                const std::vector<kafka::AssignedTopic>& topics) {
  AssignedPartitions assigned;
  for (const auto& [name, partitions] : topics) {
    const auto topic = log.FindTopic(std::string(name));
    if (!topic) continue;
    for (const auto partition : partitions) {
      if (partition < topic->partitions) assigned[topic->id].insert(partition);
    }
  }
  return assigned;
}

std::string AssignmentOf(const AssignedPartitions& partitions, std::string_view subscription,
                         const log::Log& log) {
  std::vector<std::string> names;
  std::vector<kafka::AssignedTopic> topics;
  names.reserve(partitions.size());  // the topics view them
  for (const auto& [id, of_topic] : partitions) {
    const auto topic = log.FindTopic(id);
    if (!topic) continue;
    names.push_back(topic->name);
    topics.push_back({.name = names.back(), .partitions = {of_topic.begin(), of_topic.end()}});
  }
  const auto read = kafka::DecodeSubscription(subscription);
  return kafka::EncodeAssignment(read ? read->version : std::int16_t{0}, topics);
}

std::expected<std::unique_ptr<ConsumerGroup>, Refusal> Upgraded(const Group& group,
                                                                std::size_t most,
                                                                const log::Log& log) {
  const auto refuse = [&](std::string_view reason) {
    return std::unexpected(CannotUpgrade(group, reason));
  };
  if (group.protocol_type != kConsumerType) {
    return refuse("the group does not use the consumer embedded protocol");
  }
  if (group.members().size() > most) {
    return refuse("the group size exceeds the consumer group maximum size");
  }
  auto consumers = std::make_unique<ConsumerGroup>();
  consumers->epoch = consumers->assignment_epoch = group.generation;
  for (const auto& [id, member] : group.members()) {
    // A group whose first rebalance is not over has chosen no protocol yet.
    const auto& protocol = group.protocol.value_or(member.protocols.front().name);
    const auto subscription = kafka::DecodeSubscription(member.MetadataOf(protocol));
    if (!subscription || !subscription->is_whole) return refuse(kMalformed);
    auto assignment = std::optional(kafka::Assignment());
    if (!member.assignment.empty()) assignment = kafka::DecodeAssignment(member.assignment);
    if (!assignment) return refuse(kMalformed);
    if (!assignment->user_data.empty()) return refuse(kCustomAssignor);
    ConsumerMember now{.id = id};
    now.instance = member.instance;
    if (subscription->rack) now.rack = std::string(*subscription->rack);
    now.client_id = member.client_id;
    now.client_host = member.client_host;
    now.rebalance_timeout_ms = static_cast<std::int32_t>(member.rebalance_timeout_ms);
    now.topics.insert(subscription->topics.begin(), subscription->topics.end());
    now.epoch = now.previous_epoch = group.generation;
    now.assigned = now.target = PartitionsIn(log, assignment->topics);
    now.classic = ClassicMember{.session_timeout_ms = member.session_timeout_ms,
                                .protocols = WithoutRepeats(member.protocols)};
    consumers->Put(std::move(now));
  }
  return consumers;
}

void Downgrade(const ConsumerGroup& consumers, Group& group, const log::Log& log,
               std::int64_t now_ms) {
  group.generation = consumers.epoch;
  group.protocol_type = kConsumerType;
  for (const auto& [id, member] : consumers.members()) {
    group.Add({.id = id,
               .instance = member.instance,
               .client_id = member.client_id,
               .client_host = member.client_host,
               .session_timeout_ms = member.classic->session_timeout_ms,
               .rebalance_timeout_ms = member.rebalance_timeout_ms,
               .protocols = member.classic->protocols,
               .assignment = {},
               .joining = {},
               .syncing = {},
               .charge = {}});
  }
  group.protocol = group.ChooseProtocol();
  for (auto& [id, member] : group.members()) {
    member.assignment =
        AssignmentOf(consumers.Find(id)->target, member.MetadataOf(*group.protocol), log);
  }
  group.Restore(State::kStable, now_ms);
}

}  // namespace st::group
