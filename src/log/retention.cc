#include "log/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <utility>
#include <vector>

#include "log/limits.h"
#include "log/partition_choice.h"

namespace st::log {

Retention::Retention(LocalLog& log, PolicyOf policy_of, MetricRegistry* metrics)
    : log_(log), removal_(RemovalOf(log)), policy_of_(std::move(policy_of)) {
  if (metrics == nullptr) return;
  segments_ = &metrics->Counter("steelthread_log_removed_segments_total",
                                "Segments of the log that were removed.");
  bytes_ =
      &metrics->Counter("steelthread_log_removed_bytes_total", "Bytes of the segments removed.");
}

Result<Retention::StepReport> Retention::Step(std::int64_t now_ms) {
  StepReport report;
  const auto topics = log_.Topics();
  held_.With([&](auto& held) {
    std::erase_if(held, [&](const auto& item) {
      return !std::ranges::binary_search(topics, item.first, {}, &TopicInfo::name);
    });
  });
  const auto from = std::ranges::lower_bound(topics, next_topic_, {}, &TopicInfo::name);
  next_topic_.clear();
  for (auto topic = from; topic != topics.end() && !report.has_more; ++topic) {
    const auto policy = policy_of_(*topic);
    if (policy.keeps_all()) {
      NoteHeld(*topic, {});
      continue;
    }
    ST_TRY(report.has_more, MoveTopic(*topic, policy, now_ms, report));
    if (report.has_more) next_topic_ = topic->name;
  }
  TellHolder();
  ST_TRY(report.removed, removal_.RemoveSegments());
  if (report.removed.segments == kMaxSegmentsAtOnce) report.has_more = true;
  removed_.With([&](RemovedFiles& all) {
    all.segments += report.removed.segments;
    all.bytes += report.removed.bytes;
  });
  if (segments_ != nullptr) {
    segments_->Add(static_cast<std::int64_t>(report.removed.segments));
    bytes_->Add(static_cast<std::int64_t>(report.removed.bytes));
  }
  return report;
}

Result<bool> Retention::MoveTopic(const TopicInfo& topic, const RetentionPolicy& policy,
                                  std::int64_t now_ms, StepReport& report) {
  Expiry rule{.before_ms = std::nullopt, .keep_bytes = policy.max_bytes};
  if (policy.max_age_ms) rule.before_ms = now_ms - *policy.max_age_ms;
  std::map<std::string, std::uint64_t> held;
  std::vector<std::future<Result<Offset>>> moves;
  bool has_more = false;
  for (const auto tp : PartitionsOf(topic)) {
    const Offset start = log_.StartOffset(tp);
    const Offset wanted = removal_.BehindExpired(tp, rule);
    if (wanted <= start) continue;
    Offset to = wanted;
    if (const auto hold = removal_.HoldOn(tp); hold && hold->from < wanted) {
      to = std::max(hold->from, start);
      held[hold->name] += removal_.BytesBetween(tp, to, wanted);
    }
    if (to <= start) continue;
    if (report.moved == kMaxStartsAtOnce) {
      has_more = true;
      break;
    }
    ++report.moved;
    auto done = std::make_shared<std::promise<Result<Offset>>>();
    moves.push_back(done->get_future());
    removal_.MoveStart({.tp = tp, .to = to, .as_far_as_held = true},
                       [done](Result<Offset> at) { done->set_value(std::move(at)); });
  }
  NoteHeld(topic, held);
  Status moved;
  for (auto& move : moves) {
    const auto at = move.get();
    // A topic that was deleted meanwhile has nothing to keep.
    if (!at && at.error().code() != ErrorCode::kNotFound) moved = std::unexpected(at.error());
  }
  ST_TRY_STATUS(moved);
  return has_more;
}

void Retention::NoteHeld(const TopicInfo& topic,
                         const std::map<std::string, std::uint64_t>& bytes) {
  held_.With([&](auto& held) {
    if (bytes.empty()) {
      held.erase(topic.name);
      return;
    }
    const auto& [name, most] =
        *std::ranges::max_element(bytes, {}, [](const auto& item) { return item.second; });
    held[topic.name] = {.hold = name, .bytes = most};
  });
}

void Retention::TellHolder() {
  const auto held = this->held();
  if (held.empty()) return removal_.NoteHeldBack("");
  const auto& [topic, most] =
      *std::ranges::max_element(held, {}, [](const auto& item) { return item.second.bytes; });
  const auto others = held.size() - 1;
  removal_.NoteHeldBack(fmt::format(
      "hold \"{}\" keeps {} bytes of topic {} that its retention would remove{}", most.hold,
      most.bytes, topic,
      others == 0 ? "" : fmt::format(", and holds keep some of {} more topics", others)));
}

std::map<std::string, HeldBack> Retention::held() const {
  return held_.With([](const auto& held) { return held; });
}

RemovedFiles Retention::removed() const {
  return removed_.With([](const RemovedFiles& all) { return all; });
}

}  // namespace st::log
