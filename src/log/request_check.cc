#include "log/request_check.h"

#include <algorithm>

namespace st::log {

Status CheckHold(const LogState& state, const Hold& hold) {
  for (const auto& [tp, from] : hold.from) {
    const OffsetRange* const range = state.topics().Range(tp);
    if (range == nullptr) {
      return Fail(ErrorCode::kNotFound, "hold \"{}\": topic {} has no partition {}", hold.name,
                  tp.topic.ToString(), tp.partition);
    }
    if (from.value() < range->start || from.value() > range->end) {
      return Fail(ErrorCode::kInvalidArgument, "hold \"{}\": offset {} out of range {}..{}",
                  hold.name, from, range->start, range->end);
    }
  }
  return state.holds().Check(hold);
}

Result<std::pair<TopicInfo, TopicSettings>> ChangedTopic(const LogState& state,
                                                         const TopicChangeRequest& request) {
  const auto& topics = state.topics();
  const Topics::Topic* const found = topics.Find(request.topic);
  if (found == nullptr) {
    return Fail(ErrorCode::kNotFound, "no topic {}", request.topic.ToString());
  }
  auto topic = found->info;
  auto settings = topic.settings == nullptr ? TopicSettings() : *topic.settings;
  if (request.change.partitions) {
    ST_TRY_STATUS(topics.CheckPartitions(topic, *request.change.partitions, request.origin));
    topic.partitions = *request.change.partitions;
  }
  if (request.change.settings) {
    ST_TRY(settings, request.change.settings(settings));
    ST_TRY_STATUS(topics.CheckSettings(topic, settings));
  }
  return std::pair{std::move(topic), std::move(settings)};
}

std::optional<LowestHold> LowestOn(const std::vector<Hold>& holds, TopicPartition tp) {
  std::optional<LowestHold> lowest;
  for (const auto& hold : holds) {
    const auto from = hold.from.find(tp);
    if (from == hold.from.end() || (lowest && lowest->from <= from->second)) continue;
    lowest = LowestHold{.name = hold.name, .from = from->second};
  }
  return lowest;
}

Result<MovedStart> MoveOfStart(const LogState& state, const std::vector<Hold>& holds,
                               const StartMove& move) {
  const OffsetRange* const range = state.topics().Range(move.tp);
  if (range == nullptr) {
    return Fail(ErrorCode::kNotFound, "topic {} has no partition {}", move.tp.topic.ToString(),
                move.tp.partition);
  }
  const std::int64_t to = move.to ? move.to->value() : range->end;
  if (to < 0 || to > range->end) {
    return Fail(ErrorCode::kInvalidArgument, "offset {} out of range {}..{}", to, range->start,
                range->end);
  }
  MovedStart moved{.start = Offset(std::max(to, range->start)), .overridden = {}};
  const auto lowest = LowestOn(holds, move.tp);
  if (!lowest || lowest->from.value() >= to) return moved;
  if (move.is_forced) {
    for (const auto& hold : holds) {
      const auto from = hold.from.find(move.tp);
      if (from == hold.from.end() || from->second.value() >= to) continue;
      moved.overridden[hold.name] = std::max(from->second, Offset(range->start));
    }
    ST_TRY_STATUS(state.gaps().CheckRoom(moved.overridden.size()));
    return moved;
  }
  if (!move.as_far_as_held) {
    return Fail(ErrorCode::kConflict, "hold \"{}\" keeps the records from offset {} on",
                lowest->name, lowest->from);
  }
  moved.start = Offset(std::max(lowest->from.value(), range->start));
  return moved;
}

}  // namespace st::log
