// Whether a request may be carried out on the log's state.
//
// Pure.
// Errors: the request's answer; see local_log.h and record_removal.h.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "base/result.h"
#include "log/commit_queue.h"
#include "log/state.h"

namespace st::log {

Status CheckHold(const LogState& state, const Hold& hold);
// The topic as it is after a change, and its settings.
Result<std::pair<TopicInfo, TopicSettings>> ChangedTopic(const LogState& state,
                                                         const TopicChangeRequest& request);
// The start of the partition after the move. `holds` are the state's.
Result<Offset> MovedStart(const LogState& state, const std::vector<Hold>& holds,
                          const StartMove& move);
// The one with the lowest offset in the partition; nullopt: none has it.
std::optional<LowestHold> LowestOn(const std::vector<Hold>& holds, TopicPartition tp);

}  // namespace st::log
