#include "app/group_description.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "app/group_lag.h"
#include "base/ids.h"
#include "format/kafka/consumer_protocol.h"
#include "group/group.h"
#include "group/limits.h"
#include "group/state.h"

namespace st::app {
namespace {

using Json = nlohmann::json;

struct Partition {
  std::optional<log::CommittedOffset> committed;
  std::vector<std::string> members;  // ids of those that are assigned it
};
using Partitions = std::map<std::pair<std::string, std::int32_t>, Partition>;  // by topic

Partitions PartitionsWithOffsets(Stores& stores, const std::string& group) {
  Partitions partitions;
  for (const auto& [tp, committed] : stores.groups().OffsetsOf(group)) {
    const auto topic = stores.log().FindTopic(tp.topic);
    const auto name = topic ? topic->name : tp.topic.ToString();
    partitions[{name, tp.partition.value()}].committed = committed;
  }
  return partitions;
}

// What the members are assigned, as far as there is room in the description.
class Assigned {
 public:
  explicit Assigned(Partitions& partitions) : partitions_(partitions) {}
  // The partition as one of the member's own.
  void Add(const std::string& member, const std::string& topic, std::int32_t partition, Json& own) {
    if (++count_ > group::kMaxDescribedPartitions) return;
    own.push_back({{"topic", topic}, {"partition", partition}});
    partitions_[{topic, partition}].members.push_back(member);
  }
  std::size_t left_out() const { return count_ - std::min(count_, group::kMaxDescribedPartitions); }

 private:
  Partitions& partitions_;
  std::size_t count_ = 0;
};

// Of group::DescribedMember or group::DescribedConsumer.
template <typename Member>
Json MemberJson(const Member& member, Json own) {
  return {{"id", member.id},
          {"instance", member.instance ? Json(*member.instance) : Json()},
          {"client", member.client_id},
          {"host", member.client_host},
          {"partitions", std::move(own)}};
}

Json ClassicMemberJson(const group::DescribedMember& member, bool is_consumer, Assigned& assigned) {
  auto own = Json::array();
  const auto assignment = is_consumer ? kafka::DecodeAssignment(member.assignment) : std::nullopt;
  for (const auto& topic : assignment.value_or(kafka::Assignment()).topics) {
    const std::string name(topic.name);
    for (const auto partition : topic.partitions) assigned.Add(member.id, name, partition, own);
  }
  return MemberJson(member, std::move(own));
}

Json ConsumerJson(Stores& stores, const group::DescribedConsumer& member, Assigned& assigned) {
  auto own = Json::array();
  for (const auto& [id, partitions] : member.assigned) {
    const auto topic = stores.log().FindTopic(id);
    const auto name = topic ? topic->name : id.ToString();
    for (const auto partition : partitions) assigned.Add(member.id, name, partition, own);
  }
  auto json = MemberJson(member, std::move(own));
  json["epoch"] = member.epoch;
  return json;
}

Json PartitionJson(Stores& stores, const std::string& topic, std::int32_t number,
                   const std::optional<log::CommittedOffset>& committed) {
  Json json{{"topic", topic}, {"partition", number},    {"offset", nullptr},   {"end", nullptr},
            {"lag", nullptr}, {"lag_seconds", nullptr}, {"metadata", nullptr}, {"member", nullptr}};
  const auto found = stores.log().FindTopic(topic);
  const bool is_there = found && number < found->partitions;
  if (is_there) {
    json["end"] = stores.log().EndOffset({found->id, PartitionId(number)}).value();
  }
  if (committed) {
    json["offset"] = committed->offset.value();
    json["metadata"] = committed->metadata;
  }
  if (is_there && committed) {
    const auto lag = LagOf(stores, {found->id, PartitionId(number)}, committed->offset);
    json["lag"] = lag.records;
    json["lag_seconds"] = lag.seconds;
  }
  return json;
}

Json RowsOf(Stores& stores, const Partitions& partitions) {
  auto rows = Json::array();
  for (const auto& [key, partition] : partitions) {
    auto row = PartitionJson(stores, key.first, key.second, partition.committed);
    if (partition.members.empty()) rows.push_back(row);
    for (const auto& member : partition.members) {
      row["member"] = member;
      rows.push_back(row);
    }
  }
  return rows;
}

}  // namespace

Json DescriptionJson(Stores& stores, const std::string& name, const group::Description& group) {
  auto partitions = PartitionsWithOffsets(stores, name);
  Assigned assigned(partitions);
  // In a rebalance nobody is sure of what it was assigned last.
  const bool is_consumer = group.protocol_type == group::kConsumerType &&
                           group.state == group::NameOf(group::State::kStable);
  auto members = Json::array();
  for (const auto& member : group.members) {
    members.push_back(ClassicMemberJson(member, is_consumer, assigned));
  }
  return {{"group", name},
          {"group_type", group::kClassicGroup},
          {"state", group.state},
          {"type", group.protocol_type},
          {"protocol", group.protocol},
          {"members", std::move(members)},
          {"partitions", RowsOf(stores, partitions)},
          {"left_out", assigned.left_out()}};
}

Json DescriptionJson(Stores& stores, const std::string& name,
                     const group::ConsumerDescription& group) {
  auto partitions = PartitionsWithOffsets(stores, name);
  Assigned assigned(partitions);
  auto members = Json::array();
  for (const auto& member : group.members) {
    members.push_back(ConsumerJson(stores, member, assigned));
  }
  return {{"group", name},
          {"group_type", group::kConsumerGroup},
          {"state", group.state},
          {"type", group::kConsumerType},
          {"protocol", group.assignor},
          {"epoch", group.epoch},
          {"assignment_epoch", group.assignment_epoch},
          {"members", std::move(members)},
          {"partitions", RowsOf(stores, partitions)},
          {"left_out", assigned.left_out()}};
}

}  // namespace st::app
