#include "group/descriptions.h"

#include <string>

#include "group/assignors.h"

namespace st::group {

ListedGroup ListingOf(const Group& group) {
  return {group.id(), group.type(),
          group.consumers ? std::string(kConsumerType) : group.protocol_type,
          std::string(group.StateName())};
}

Description DescriptionOf(const Group& group) {
  const bool is_stable = group.state() == State::kStable;
  const auto protocol = is_stable ? group.protocol.value_or("") : "";
  Description description{.state = std::string(NameOf(group.state())),
                          .protocol_type = group.protocol_type,
                          .protocol = protocol,
                          .members = {}};
  for (const auto& [member_id, member] : group.members()) {
    description.members.push_back(
        {.id = member_id,
         .instance = member.instance,
         .client_id = member.client_id,
         .client_host = member.client_host,
         .metadata = is_stable ? std::string(member.MetadataOf(protocol)) : "",
         .assignment = member.assignment});
  }
  return description;
}

ConsumerDescription DescriptionOf(const ConsumerGroup& consumers) {
  ConsumerDescription description{.state = std::string(consumers.StateName()),
                                  .epoch = consumers.epoch,
                                  .assignment_epoch = consumers.assignment_epoch,
                                  .assignor = consumers.PreferredAssignor(kDefaultAssignor),
                                  .members = {}};
  for (const auto& [member_id, member] : consumers.members()) {
    description.members.push_back({.id = member_id,
                                   .instance = member.instance,
                                   .rack = member.rack,
                                   .epoch = member.epoch,
                                   .client_id = member.client_id,
                                   .client_host = member.client_host,
                                   .topics = member.topics,
                                   .pattern = member.pattern,
                                   .assigned = member.assigned,
                                   .target = member.target,
                                   .is_classic = member.classic.has_value()});
  }
  return description;
}

}  // namespace st::group
