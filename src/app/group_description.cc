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

// Adds what the member is assigned to `partitions`, as far as there is room in the description.
Json MemberJson(const group::DescribedMember& member, bool is_consumer, Partitions& partitions,
                std::size_t& assigned) {
  auto own = Json::array();
  const auto topics = is_consumer ? kafka::DecodeAssignment(member.assignment) : std::nullopt;
  for (const auto& topic : topics.value_or(std::vector<kafka::AssignedTopic>())) {
    for (const auto partition : topic.partitions) {
      if (++assigned > group::kMaxDescribedPartitions) continue;
      own.push_back({{"topic", topic.name}, {"partition", partition}});
      partitions[{std::string(topic.name), partition}].members.push_back(member.id);
    }
  }
  return {{"id", member.id},
          {"instance", member.instance ? Json(*member.instance) : Json()},
          {"client", member.client_id},
          {"host", member.client_host},
          {"partitions", std::move(own)}};
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

}  // namespace

Json DescriptionJson(Stores& stores, const std::string& name, const group::Description& group) {
  auto partitions = PartitionsWithOffsets(stores, name);
  const bool is_consumer = group.protocol_type == group::kConsumerType;
  auto members = Json::array();
  std::size_t assigned = 0;
  for (const auto& member : group.members) {
    members.push_back(MemberJson(member, is_consumer, partitions, assigned));
  }
  auto rows = Json::array();
  for (const auto& [key, partition] : partitions) {
    auto row = PartitionJson(stores, key.first, key.second, partition.committed);
    if (partition.members.empty()) rows.push_back(row);
    for (const auto& member : partition.members) {
      row["member"] = member;
      rows.push_back(row);
    }
  }
  return {{"group", name},
          {"state", group.state},
          {"type", group.protocol_type},
          {"protocol", group.protocol},
          {"members", std::move(members)},
          {"partitions", std::move(rows)},
          {"left_out", assigned - std::min(assigned, group::kMaxDescribedPartitions)}};
}

}  // namespace st::app
