// Whether a request may be carried out on the log's state.
//
// Pure.
// Errors: the request's answer; see local_log.h and record_removal.h.
#pragma once

#include <optional>
#include <string>
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
struct MovedStart {
  Offset start;           // of the partition after the move
  Overridden overridden;  // the holds that keep records below it; of a forced move alone

  // Of its entry.
  std::string payload() const { return overridden.empty() ? "" : EncodeOverridden(overridden); }
};
// `holds` are the state's.
Result<MovedStart> MoveOfStart(const LogState& state, const std::vector<Hold>& holds,
                               const StartMove& move);
// The one with the lowest offset in the partition; nullopt: none has it.
std::optional<LowestHold> LowestOn(const std::vector<Hold>& holds, TopicPartition tp);

}  // namespace st::log
