// What `steelthread group describe` shows of a consumer group: its members, and each partition that
// it has an offset of or that a member is assigned.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/stores.h"
#include "group/messages.h"

namespace st::app {

// {"group", "group_type", "state", "type", "protocol", "members", "partitions", "left_out"}; of a
// group of the new protocol also "epoch" and "assignment_epoch", and "epoch" of each member.
// A member: {"id", "instance", "client", "host", "partitions": [{"topic", "partition"}]}.
// A partition, by topic and number: {"topic", "partition", "offset", "end", "lag", "lag_seconds",
// "metadata", "member"}; an object a member where several are assigned it. A field without a value
// is null: the offset, lag and metadata of a partition that the group has no offset of, the end of
// one that the log does not have, the member of one that is not assigned.
// "left_out" counts the assigned partitions beyond group::kMaxDescribedPartitions.
nlohmann::json DescriptionJson(Stores& stores, const std::string& name,
                               const group::Description& group);
nlohmann::json DescriptionJson(Stores& stores, const std::string& name,
                               const group::ConsumerDescription& group);

}  // namespace st::app
