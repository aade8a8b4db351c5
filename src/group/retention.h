// Which committed offsets nobody needs any more.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "group/group.h"
#include "log/log_contents.h"

namespace st::group {

// The offsets of the group that are in deleted topics or past their retention: counted from when
// the group became empty; of a consumer without a group's management, of a group of the new
// protocol, and of topics that no member is subscribed to, from their commit; and those whose
// commit set an end of their own. `log` names the topics.
//
// Source: Kafka's OffsetExpirationCondition; KIP-211.
std::vector<TopicPartition> ExpiredOffsets(const Group& group, std::int64_t retention_ms,
                                           std::int64_t now_ms, const log::LogContents& log);

}  // namespace st::group
