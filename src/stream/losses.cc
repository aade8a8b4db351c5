#include "stream/losses.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <utility>

#include "log/gaps.h"
#include "log/lost_records.h"
#include "log/partition_choice.h"
#include "stream/flow_tables.h"
#include "stream/known_commit.h"
#include "stream/standing.h"

namespace st::stream {
namespace {

using ViewPtr = std::shared_ptr<const lake::View>;

constexpr std::string_view kHoldPrefix = "pipeline ";
// The accepted losses of a table: the names of LossName, each followed by a blank.
constexpr const char* kAcceptedProperty = "steelthread.accepted-losses";

// Of the entry that records the loss. Lsns come again where an older copy of the log is put back,
// so the time is part of the name.
std::string LossName(const log::LostRecords& one) {
  return fmt::format("{}@{} ", one.lsn, one.repaired_us);
}

bool IsAccepted(const lake::View& table, const log::LostRecords& one) {
  const auto property = table.properties.find(kAcceptedProperty);
  if (property == table.properties.end()) return false;
  return (" " + property->second).contains(" " + LossName(one));
}

struct Loss {
  log::LostRecords records;
  std::string text;
};

// Those that no person accepted.
std::vector<Loss> LossesOf(const log::LocalLog& log, const dialect::spark::Definition& definition,
                           const lake::View& table) {
  std::vector<Loss> losses;
  const auto topics = TopicsOf(log, definition);
  for (const auto& one : log::LostIn(log)) {
    const auto topic = std::ranges::find(topics, one.tp.topic, &log::TopicInfo::id);
    if (topic == topics.end() || IsAccepted(table, one)) continue;
    losses.push_back(
        {one, log::DescribeLost(topic->name, one.tp.partition.value(), one.from, one.to)});
  }
  return losses;
}

// Those that were removed by force from partitions in which the pipeline has no position, and that
// no person accepted. A new pipeline begins at the start; one whose hold was overridden must not.
std::vector<Loss> ForcedOf(const log::LocalLog& log, const dialect::spark::Definition& definition,
                           const lake::View& table, const FlowProgress& at) {
  std::vector<Loss> losses;
  const auto topics = TopicsOf(log, definition);
  for (const auto& gap : log::GapsIn(log)) {
    const auto from = gap.from.find(HoldNameOf(definition.name));
    const auto topic = std::ranges::find(topics, gap.tp.topic, &log::TopicInfo::id);
    if (from == gap.from.end() || topic == topics.end() || NextOf(at, gap.tp, -1) >= 0) continue;
    log::LostRecords records{.tp = gap.tp,
                             .from = from->second.value(),
                             .to = gap.to.value(),
                             .lsn = gap.lsn,
                             .repaired_us = gap.removed_us};
    if (IsAccepted(table, records)) continue;
    auto text = log::DescribeLost(topic->name, gap.tp.partition.value(), records.from, records.to);
    losses.push_back({records, std::move(text)});
  }
  return losses;
}

// Those between positions of the pipeline and the starts of their partitions.
std::vector<Loss> RemovedBelowStarts(const log::LocalLog& log,
                                     const dialect::spark::Definition& definition,
                                     const FlowProgress& at) {
  std::vector<Loss> losses;
  for (const auto& topic : TopicsOf(log, definition)) {
    for (const auto tp : log::PartitionsOf(topic)) {
      const std::int64_t start = log.StartOffset(tp).value();
      const std::int64_t next = NextOf(at, tp, start);
      if (next >= start) continue;
      losses.push_back({{.tp = tp, .from = next, .to = start},
                        log::DescribeLost(topic.name, tp.partition.value(), next, start)});
    }
  }
  return losses;
}

// "a, b and 3 more"
std::string Named(const std::vector<std::string>& texts) {
  constexpr std::size_t kMostNamed = 5;
  const auto named = std::min(texts.size(), kMostNamed);
  return fmt::format(
      "{}{}", fmt::join(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(named), ", "),
      texts.size() > named ? fmt::format(" and {} more", texts.size() - named) : "");
}

// Adds the names of the losses to those that the table has accepted; false: it has them all.
bool AddNames(const std::vector<Loss>& losses, const lake::View& table, std::string& names) {
  const auto before = table.properties.find(kAcceptedProperty);
  names = before == table.properties.end() ? "" : before->second;
  bool is_changed = false;
  for (const auto& [records, text] : losses) {
    if ((" " + names).contains(" " + LossName(records))) continue;
    names += LossName(records);
    is_changed = true;
  }
  return is_changed;
}

// Moves the flow behind what was removed; false: it is there.
bool MoveBehind(const std::vector<Loss>& removed, FlowProgress& flow) {
  bool is_moved = false;
  for (const auto& [records, text] : removed) {
    auto& next =
        flow.topics[records.tp.topic].try_emplace(records.tp.partition.value(), 0).first->second;
    if (next >= records.to) continue;
    next = records.to;
    flow.crcs.erase(records.tp);
    is_moved = true;
  }
  return is_moved;
}

}  // namespace

std::string HoldNameOf(const std::string& pipeline) {
  return fmt::format("{}{}", kHoldPrefix, pipeline);
}

std::string PipelineOfHold(const std::string& hold) {
  return hold.starts_with(kHoldPrefix) ? hold.substr(kHoldPrefix.size()) : "";
}

Status CheckLosses(const log::LocalLog& log, const dialect::spark::Definition& definition,
                   const lake::View& table, const FlowProgress& at) {
  std::vector<std::string> unread;
  for (const auto& [records, text] : LossesOf(log, definition, table)) {
    if (records.to > NextOf(at, records.tp, 0)) unread.push_back(text);
  }
  if (!unread.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "the log lost records that were not read yet, as its repair says: {}; bring back "
                "the log from a copy that has them, or go on without them by `steelthread pipeline "
                "accept {}`",
                Named(unread), definition.name);
  }
  std::vector<std::string> forced;
  for (auto& loss : ForcedOf(log, definition, table, at)) forced.push_back(std::move(loss.text));
  if (forced.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "records were removed by force before they were read: {}; go on without them by "
              "`steelthread pipeline accept {}`, or bring back the log from a copy that has them",
              Named(forced), definition.name);
}

Result<std::vector<std::string>> AcceptLosses(const Dependencies& to,
                                              const dialect::spark::Definition& definition) {
  ST_TRY(const auto table, OpenTable(to, definition));
  ST_TRY(const auto standing, ReadProgress(to.log, definition, *table));
  const auto at = FlowOf(standing, definition.name);
  auto named = LossesOf(to.log, definition, *table);
  auto removed = ForcedOf(to.log, definition, *table, at);
  named.insert(named.end(), removed.begin(), removed.end());
  const auto below = RemovedBelowStarts(to.log, definition, at);
  removed.insert(removed.end(), below.begin(), below.end());
  std::vector<std::string> accepted;
  if (named.empty() && removed.empty()) return accepted;
  const auto attempt = [&](const ViewPtr& now) -> Result<Tried> {
    std::string names;
    const bool has_names = AddNames(named, *now, names);
    ST_TRY(auto progress, ReadProgress(to.log, definition, *now));
    const bool has_moved = MoveBehind(removed, progress.flows[definition.name]);
    if (!has_names && !has_moved) return Tried{now};
    lake::Append accept{.table = table->name, .expected_version = now->version};
    if (has_names) accept.properties[kAcceptedProperty] = names;
    if (has_moved) accept.properties[kOffsetsProperty] = EncodeProgress(progress);
    return Tried{to.lake.Commit(accept)};
  };
  ST_TRY_STATUS(CommitUntilKnown(to.lake, table->name, attempt));
  for (const auto& loss : named) accepted.push_back(loss.text);
  for (const auto& loss : below) accepted.push_back(loss.text);
  return accepted;
}

}  // namespace st::stream
