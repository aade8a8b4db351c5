// Checks that the log, the table and the dead letters belong together: an operator may have
// restored copies of different ages.
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "stream/pipeline.h"

namespace st::stream {

std::string Pipeline::TopicNames() const {
  return fmt::format("{}", fmt::join(definition_.topics, ", "));
}

std::string Pipeline::TopicName(TopicId id) const {
  const auto topic = to_.log.FindTopic(id);
  return topic ? topic->name : id.ToString();
}

Status Pipeline::CheckTopic(const lake::TableName& table, TopicId id,
                            const std::vector<log::TopicInfo>& topics) const {
  if (std::ranges::find(topics, id, &log::TopicInfo::id) != topics.end()) return {};
  std::vector<std::string> ids;
  for (const auto& topic : topics) ids.push_back(topic.id.ToString());
  return Fail(ErrorCode::kInvalidArgument,
              "table {}.{} was filled from a topic '{}' with id {}, and the topic of that "
              "name is {} now; either bring back the log it was filled from, or give the "
              "pipeline at {} a new name, under which it is filled from the new topic",
              table.schema, table.name, TopicNames(), id.ToString(),
              ids.empty() ? "missing" : fmt::format("{}", fmt::join(ids, ", ")), definition_.place);
}

Status Pipeline::CheckPosition(const lake::TableName& table, const FlowProgress& at,
                               const std::vector<log::TopicInfo>& topics) const {
  for (const auto& [id, offsets] : at.topics) {
    ST_TRY_STATUS(CheckTopic(table, id, topics));
    const auto topic = std::ranges::find(topics, id, &log::TopicInfo::id);
    for (const auto& [partition, next] : offsets) {
      const TopicPartition tp{.topic = id, .partition = PartitionId(partition)};
      const std::int64_t end = to_.log.EndOffset(tp).value();
      const std::int64_t start = to_.log.StartOffset(tp).value();
      if (partition < topic->partitions && next <= end && next >= start) {
        ST_TRY_STATUS(CheckRecord(table, at, tp, next));
        continue;
      }
      return Fail(
          ErrorCode::kInvalidArgument,
          "table {}.{} has {}/{} up to offset {}, and the log has offsets {} to {}: "
          "{}; either bring back the log it was filled from, or give the pipeline at {} a "
          "new name, under which it is filled from this log",
          table.schema, table.name, topic->name, partition, next, start, end,
          next > end ? "the log lost records" : "records were removed before they were read",
          definition_.place);
    }
  }
  return {};
}

// A log that was restored from an older copy and written to has other records at offsets that the
// table has.
Status Pipeline::CheckRecord(const lake::TableName& table, const FlowProgress& at,
                             TopicPartition tp, std::int64_t next) const {
  const auto crc = at.crcs.find(tp);
  if (crc == at.crcs.end() || next <= to_.log.StartOffset(tp).value()) return {};
  ST_TRY(const auto found, to_.log.EntryCrc(tp, Offset(next - 1)));
  if (found == crc->second) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "table {}.{} has {}/{} up to offset {}, and the log has another record before that "
              "offset: an older copy of the log was put back and went on from there; either bring "
              "back the log the table was filled from (events since then are lost), or bring back "
              "the tables that belong to this log, or give the pipeline at {} a new name, under "
              "which it is filled from this log",
              table.schema, table.name, TopicName(tp.topic), tp.partition, next, definition_.place);
}

Status Pipeline::CheckDeadLetters(const Tables& tables) const {
  if (tables.bad_at.dead_letters >= tables.at.dead_letters) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "table default.{} goes with {} dead letters, and {}.{} has {} of them: it was "
              "removed, or is an older copy; either bring back the folder warehouse/{} that "
              "belongs to the table, or give the pipeline at {} a new name, under which rows and "
              "dead letters are made anew",
              definition_.name, tables.at.dead_letters, kBadRows.schema, kBadRows.name,
              tables.bad_at.dead_letters, kBadRows.schema, definition_.place);
}

Status Pipeline::MoveBehind(FlowProgress& flow, const Made& made) const {
  for (const auto& [tp, offsets] : made.plan.range.OffsetsOf(made.records)) {
    ST_TRY_STATUS(MoveTo(flow, tp, offsets.to.value()));
  }
  return {};
}

Status Pipeline::MoveTo(FlowProgress& flow, TopicPartition tp, std::int64_t next) const {
  flow.topics[tp.topic][tp.partition.value()] = next;
  if (next <= to_.log.StartOffset(tp).value()) return {};
  ST_TRY(flow.crcs[tp], to_.log.EntryCrc(tp, Offset(next - 1)));
  return {};
}

}  // namespace st::stream
