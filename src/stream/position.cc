#include "stream/position.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stream/standing.h"

namespace st::stream {
namespace {

// The topics of the definition that a topic which is not in the log any more may have been: those
// that do not exist, and those of which nothing was read. By name, with their present ids.
std::map<std::string, std::optional<TopicId>> ReplacedTopics(
    const dialect::spark::Definition& definition, const FlowProgress& at,
    const std::vector<log::TopicInfo>& topics) {
  std::map<std::string, std::optional<TopicId>> replaced;
  for (const auto& name : definition.topics) {
    const auto now = std::ranges::find(topics, name, &log::TopicInfo::name);
    if (now == topics.end()) {
      replaced[name] = std::nullopt;
    } else if (!at.topics.contains(now->id)) {
      replaced[name] = now->id;
    }
  }
  return replaced;
}

Status CheckTopic(const dialect::spark::Definition& definition, const lake::TableName& table,
                  TopicId id, const FlowProgress& at, const std::vector<log::TopicInfo>& topics,
                  const log::LogContents& log) {
  if (std::ranges::find(topics, id, &log::TopicInfo::id) != topics.end()) return {};
  if (const auto other = log.FindTopic(id)) {
    return Fail(ErrorCode::kInvalidArgument,
                "table {}.{} was filled from topic '{}', and the pipeline at {} reads {} now; "
                "either let it read '{}' again, or fill the table anew by `steelthread pipeline "
                "reset {}`, or give the pipeline a new name",
                table.schema, table.name, other->name, definition.place,
                fmt::join(definition.topics, ", "), other->name, definition.name);
  }
  const auto candidates = ReplacedTopics(definition, at, topics);
  if (candidates.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "table {}.{} was filled from a topic with id {}, which the log does not have, and "
                "the pipeline at {} reads {} now; either bring back the log it was filled from, or "
                "fill the table anew by `steelthread pipeline reset {}`, or give the pipeline a "
                "new name",
                table.schema, table.name, id.ToString(), definition.place,
                fmt::join(definition.topics, ", "), definition.name);
  }
  std::vector<std::string> names;
  std::vector<std::string> ids;
  for (const auto& [name, topic_now] : candidates) {
    names.push_back(fmt::format("'{}'", name));
    if (topic_now) ids.push_back(topic_now->ToString());
  }
  return Fail(ErrorCode::kInvalidArgument,
              "table {}.{} was filled from a topic {} with id {}, and the topic of that "
              "name is {} now; either bring back the log it was filled from, or give the "
              "pipeline at {} a new name, under which it is filled from the new topic, or have "
              "the table emptied and filled from the new topic by `steelthread pipeline reset {}`",
              table.schema, table.name, fmt::join(names, " or "), id.ToString(),
              ids.empty() ? "missing" : fmt::format("{}", fmt::join(ids, " or ")), definition.place,
              definition.name);
}

// A log that was restored from an older copy and written to has other records at offsets that the
// table has.
Status CheckRecord(const PositionedLog& log, const dialect::spark::Definition& definition,
                   const lake::TableName& table, TopicPartition tp, const FlowProgress& at) {
  const auto crc = at.crcs.find(tp);
  const std::int64_t next = NextOf(at, tp, 0);
  if (crc == at.crcs.end() || next <= log.contents.StartOffset(tp).value()) return {};
  const auto found = log.entry_crc(tp, Offset(next - 1));
  // The table read a record that damage has destroyed since.
  if (!found && found.error().code() == ErrorCode::kNotFound) return {};
  if (!found) return std::unexpected(found.error());
  if (*found == crc->second) return {};
  const auto topic = log.contents.FindTopic(tp.topic);
  return Fail(ErrorCode::kInvalidArgument,
              "table {}.{} has {}/{} up to offset {}, and the log has another record before that "
              "offset: an older copy of the log was put back and went on from there; either bring "
              "back the log the table was filled from (events since then are lost), or bring back "
              "the tables that belong to this log, or give the pipeline at {} a new name, under "
              "which it is filled from this log",
              table.schema, table.name, topic ? topic->name : tp.topic.ToString(), tp.partition,
              next, definition.place);
}

// Compares the position of a flow in `table`, which is the pipeline's or bad.rows, with the log.
// Only the table's must not be below the start: bad.rows stays where its last dead letter was.
Status CheckPosition(const PositionedLog& log, const dialect::spark::Definition& definition,
                     const lake::TableName& table, const FlowProgress& at) {
  const bool may_be_below = table == kBadRows;
  const auto topics = TopicsOf(log.contents, definition);
  for (const auto& [id, offsets] : at.topics) {
    ST_TRY_STATUS(CheckTopic(definition, table, id, at, topics, log.contents));
    const auto topic = std::ranges::find(topics, id, &log::TopicInfo::id);
    for (const auto& [partition, next] : offsets) {
      const TopicPartition tp{.topic = id, .partition = PartitionId(partition)};
      const std::int64_t end = log.contents.EndOffset(tp).value();
      const std::int64_t start = log.contents.StartOffset(tp).value();
      if (partition < topic->partitions && next <= end && (next >= start || may_be_below)) {
        ST_TRY_STATUS(CheckRecord(log, definition, table, tp, at));
        continue;
      }
      return Fail(
          ErrorCode::kInvalidArgument,
          "table {}.{} has {}/{} up to offset {}, and the log has offsets {} to {}: "
          "{}; either bring back the log it was filled from, or give the pipeline at {} a "
          "new name, under which it is filled from this log{}",
          table.schema, table.name, topic->name, partition, next, start, end,
          next > end ? "the log lost records" : "records were removed before they were read",
          definition.place,
          next > end ? ""
                     : fmt::format(", or go on without them by `steelthread pipeline accept {}`",
                                   definition.name));
    }
  }
  return {};
}

// Compares the dead letters that the table goes with and those that bad.rows has.
Status CheckDeadLetters(const dialect::spark::Definition& definition, const FlowProgress& at,
                        const FlowProgress& bad_at) {
  if (bad_at.dead_letters >= at.dead_letters) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "table default.{} goes with {} dead letters, and {}.{} has {} of them: it was "
              "removed, or is an older copy; either bring back the folder warehouse/{} that "
              "belongs to the table, or give the pipeline at {} a new name, under which rows and "
              "dead letters are made anew",
              definition.name, at.dead_letters, kBadRows.schema, kBadRows.name, bad_at.dead_letters,
              kBadRows.schema, definition.place);
}

}  // namespace

Status CheckPositions(const PositionedLog& log, const dialect::spark::Definition& definition,
                      const FlowProgress& at, const FlowProgress& bad_at) {
  ST_TRY_STATUS(CheckPosition(log, definition, {"default", definition.name}, at));
  ST_TRY_STATUS(CheckPosition(log, definition, kBadRows, bad_at));
  return CheckDeadLetters(definition, at, bad_at);
}

Status CheckTogether(const PositionedLog& log, const dialect::spark::Definition& definition,
                     const lake::View* table, const lake::View* bad) {
  const auto flow_in = [&](const lake::View* view) -> Result<FlowProgress> {
    if (view == nullptr) return FlowProgress();
    ST_TRY(const auto progress, ReadProgress(log.contents, definition, *view));
    return FlowOf(progress, definition.name);
  };
  ST_TRY(const auto bad_at, flow_in(bad));
  ST_TRY(const auto at, flow_in(table));
  if (at.topics.empty() && TopicsOf(log.contents, definition).empty()) return {};
  return CheckPositions(log, definition, at, bad_at);
}

log::LogFiles::Records NamedRecords(const lake::View& view) {
  log::LogFiles::Records records;
  const auto property = view.properties.find(kOffsetsProperty);
  if (property == view.properties.end()) return records;
  const auto progress = DecodeProgress(property->second);
  if (!progress) return records;
  for (const auto& [name, flow] : progress->flows) {
    for (const auto& [tp, crc] : flow.crcs) records[tp].insert(NextOf(flow, tp, 0) - 1);
  }
  return records;
}

}  // namespace st::stream
