#include "app/group_operations.h"

#include <algorithm>
#include <future>
#include <limits>
#include <map>
#include <optional>

#include "app/group_description.h"
#include "app/group_lag.h"
#include "event/timestamp.h"
#include "group/limits.h"

namespace st::app {
namespace {

// A value of a metric's label, which may have any bytes.
std::string LabelText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

// The lag of the groups that the metrics name, by group and topic.
std::map<std::pair<std::string, std::string>, Lag> LagByTopic(Stores& stores) {
  std::map<std::pair<std::string, std::string>, Lag> lags;
  std::size_t groups = 0;
  for (const auto& group : stores.groups().List()) {
    if (groups++ == group::kMaxMeasuredGroups) break;
    for (const auto& [tp, offset] : stores.groups().OffsetsOf(group.id)) {
      const auto topic = stores.log().FindTopic(tp.topic);
      if (topic) lags[{group.id, topic->name}].Add(LagOf(stores, tp, offset.offset));
    }
  }
  return lags;
}

Error ErrorOf(group::Outcome outcome, const std::string& name) {
  switch (outcome) {
    case group::Outcome::kGroupIdNotFound:
    case group::Outcome::kInvalidGroupId:
      return {ErrorCode::kNotFound,
              fmt::format("no group \"{}\"; `steelthread group ls` lists them", name)};
    case group::Outcome::kNonEmptyGroup:
    case group::Outcome::kUnknownMember:
    case group::Outcome::kRebalanceInProgress:
    case group::Outcome::kIllegalGeneration:
      return {ErrorCode::kConflict,
              fmt::format("group \"{}\" has members: stop its consumers first", name)};
    default:
      return {ErrorCode::kUnavailable,
              fmt::format("the change of group \"{}\" could not be stored; `steelthread status` "
                          "says whether the log takes anything",
                          name)};
  }
}

Status Await(const std::string& name, const std::function<void(const group::CommitDone&)>& begin) {
  const auto done = std::make_shared<std::promise<group::Outcome>>();
  auto result = done->get_future();
  begin([done](group::Outcome outcome) { done->set_value(outcome); });
  const auto outcome = result.get();
  if (outcome == group::Outcome::kDone) return {};
  return std::unexpected(ErrorOf(outcome, name));
}

}  // namespace

nlohmann::json GroupsStatus(Stores& stores) {
  auto groups = nlohmann::json::array();
  for (const auto& group : stores.groups().List()) {
    Lag lag;
    for (const auto& [tp, offset] : stores.groups().OffsetsOf(group.id)) {
      lag.Add(LagOf(stores, tp, offset.offset));
    }
    groups.push_back({{"name", group.id},
                      {"group_type", group.type},
                      {"state", group.state},
                      {"protocol", group.protocol_type},
                      {"lag", lag.records},
                      {"lag_seconds", lag.seconds}});
  }
  return groups;
}

void CollectGroups(Stores& stores, MetricRegistry& metrics) {
  const auto collect = [&](const char* name, const char* help, std::int64_t Lag::* field) {
    metrics.Collected(name, help, "gauge", [&stores, field] {
      MetricRegistry::Samples samples;
      for (const auto& [key, lag] : LagByTopic(stores)) {
        samples.emplace_back(
            fmt::format("group=\"{}\",topic=\"{}\"", LabelText(key.first), LabelText(key.second)),
            static_cast<double>(lag.*field));
      }
      return samples;
    });
  };
  collect("steelthread_group_lag_records", "Records behind the offsets that a group committed.",
          &Lag::records);
  collect("steelthread_group_lag_seconds",
          "Age of the oldest record behind the offsets that a group committed.", &Lag::seconds);
}

std::string GroupOperations::NameOf(TopicId topic) const {
  const auto found = stores_.log().FindTopic(topic);
  return found ? found->name : topic.ToString();
}

Result<nlohmann::json> GroupOperations::Describe(const std::string& name) const {
  if (const auto consumers = stores_.groups().DescribeConsumers(name)) {
    return DescriptionJson(stores_, name, *consumers);
  }
  const auto group = stores_.groups().Describe(name);
  if (!group) return std::unexpected(ErrorOf(group::Outcome::kGroupIdNotFound, name));
  return DescriptionJson(stores_, name, *group);
}

Result<std::vector<TopicPartition>> GroupOperations::PartitionsOf(const std::string& group,
                                                                  const std::string& topic) const {
  std::vector<TopicPartition> partitions;
  if (topic.empty()) {
    for (const auto& [tp, offset] : stores_.groups().OffsetsOf(group)) partitions.push_back(tp);
    if (!partitions.empty()) return partitions;
    return Fail(
        ErrorCode::kNotFound,
        "group \"{}\" has no offsets; name with --topic the topic that it is to have some of",
        group);
  }
  const auto found = stores_.log().FindTopic(topic);
  if (!found) {
    return Fail(ErrorCode::kNotFound, "no topic \"{}\"; `steelthread topic ls` lists them", topic);
  }
  for (std::int32_t p = 0; p < found->partitions; ++p) {
    partitions.push_back({found->id, PartitionId(p)});
  }
  return partitions;
}

GroupOperations::Target GroupOperations::Within(TopicPartition tp, std::int64_t wanted) const {
  const auto start = stores_.log().StartOffset(tp);
  const auto end = stores_.log().EndOffset(tp);
  if (wanted < start.value()) return {.to = start, .bound = "start", .wanted = wanted};
  if (wanted > end.value()) return {.to = end, .bound = "end", .wanted = wanted};
  return {.to = Offset(wanted), .bound = "", .wanted = {}};
}

Result<GroupOperations::Target> GroupOperations::TargetOf(TopicPartition tp, std::int64_t committed,
                                                          const nlohmann::json& arguments) const {
  const auto& log = stores_.log();
  const auto to = arguments.value("to", "");
  if (to == "earliest") return Target{.to = log.StartOffset(tp), .bound = "", .wanted = {}};
  if (to == "latest") return Target{.to = log.EndOffset(tp), .bound = "", .wanted = {}};
  if (to == "datetime") {
    const auto at = arguments.value("at", "");
    const auto time_us = event::ParseTimestamp(at);
    if (!time_us) {
      return Fail(ErrorCode::kInvalidArgument, "\"{}\" is no time such as 2026-11-30T05:40:00Z",
                  at);
    }
    const auto found = log.OffsetForTime(tp, (*time_us + 999) / 1'000);
    if (found) return Target{.to = found->first, .bound = "", .wanted = {}};
    return Target{.to = log.EndOffset(tp), .bound = "end", .wanted = {}};
  }
  const auto by = arguments.value("by", std::int64_t{0});
  if (to == "offset") return Within(tp, by);
  if (to != "shift") {
    return Fail(ErrorCode::kInvalidArgument,
                "offsets are moved to: earliest, latest, offset, shift, datetime");
  }
  if (committed < 0) {
    return Fail(ErrorCode::kInvalidArgument,
                "partition {} of topic {} has no offset that could be shifted", tp.partition,
                NameOf(tp.topic));
  }
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  return Within(tp, by > kMost - committed ? kMost : committed + by);
}

Result<nlohmann::json> GroupOperations::Reset(const std::string& name,
                                              const nlohmann::json& arguments) const {
  ST_TRY(const auto partitions, PartitionsOf(name, arguments.value("topic", "")));
  const auto group = stores_.groups().Describe(name);
  const auto consumers = stores_.groups().DescribeConsumers(name);
  if ((group && !group->members.empty()) || (consumers && !consumers->members.empty())) {
    return std::unexpected(ErrorOf(group::Outcome::kNonEmptyGroup, name));
  }
  const auto committed = stores_.groups().OffsetsOf(name);
  const auto now_ms = stores_.env().clock.NowUs() / 1'000;
  group::CommitRequest commit{
      .member = {.group = name, .member = "", .instance = {}}, .offsets = {}, .client = {}};
  auto moves = nlohmann::json::array();
  for (const auto& tp : partitions) {
    const auto now = committed.find(tp);
    const auto from = now == committed.end() ? -1 : now->second.offset.value();
    ST_TRY(const auto target, TargetOf(tp, from, arguments));
    commit.offsets.emplace_back(
        tp, log::CommittedOffset{.offset = target.to, .commit_time_ms = now_ms, .metadata = ""});
    nlohmann::json move{{"topic", NameOf(tp.topic)},
                        {"partition", tp.partition.value()},
                        {"from", from < 0 ? nlohmann::json() : nlohmann::json(from)},
                        {"to", target.to.value()}};
    if (!target.bound.empty()) {
      move["bound"] = target.bound;
      move["wanted"] = target.wanted ? nlohmann::json(*target.wanted) : nlohmann::json();
    }
    moves.push_back(std::move(move));
  }
  if (!arguments.value("is_dry", false)) {
    ST_TRY_STATUS(Await(name, [&](const auto& done) { stores_.groups().Commit(commit, done); }));
  }
  return nlohmann::json{
      {"group", name}, {"is_new", !group && !consumers}, {"partitions", std::move(moves)}};
}

Result<nlohmann::json> GroupOperations::Delete(const std::string& name) const {
  const auto offsets = stores_.groups().OffsetsOf(name).size();
  ST_TRY_STATUS(Await(name, [&](const auto& done) { stores_.groups().Delete(name, done); }));
  return nlohmann::json{{"group", name}, {"offsets", offsets}};
}

}  // namespace st::app
