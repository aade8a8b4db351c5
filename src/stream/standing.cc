#include "stream/standing.h"

#include "stream/new_definition.h"

namespace st::stream {
namespace {

// Returns nullptr if the table does not exist yet.
Result<std::shared_ptr<const lake::View>> LoadIfMade(const lake::Lake& lake,
                                                     const lake::TableName& name) {
  auto view = lake.Load(name);
  if (!view && view.error().code() == ErrorCode::kNotFound) return nullptr;
  return view;
}

}  // namespace

std::string PausedReason(const lake::View& table) {
  const auto found = table.properties.find(kPausedProperty);
  return found == table.properties.end() ? "" : found->second;
}

Result<Progress> ReadProgress(const log::LogContents& log,
                              const dialect::spark::Definition& definition,
                              const lake::View& view) {
  const auto property = view.properties.find(kOffsetsProperty);
  if (property == view.properties.end()) {
    return Fail(ErrorCode::kInvalidArgument,
                "{}: the table {}.{} exists and was not made by a pipeline; give the pipeline "
                "another name",
                definition.place, view.name.schema, view.name.name);
  }
  auto progress = DecodeProgress(property->second);
  if (!progress) {
    return std::unexpected(progress.error().WithContext(
        fmt::format("table {}.{} ({})", view.name.schema, view.name.name, view.metadata_file)));
  }
  if (progress->log_id != log.id()) {
    return Fail(ErrorCode::kInvalidArgument,
                "table {}.{} was filled from the log {}, and this data folder's log is {}; either "
                "bring back the log it was filled from, or give the pipeline at {} a new name, "
                "under which it is filled from this log",
                view.name.schema, view.name.name, progress->log_id.ToString(), log.id().ToString(),
                definition.place);
  }
  return progress;
}

FlowProgress FlowOf(const Progress& progress, const std::string& flow) {
  const auto at = progress.flows.find(flow);
  return at == progress.flows.end() ? FlowProgress() : at->second;
}

std::int64_t NextOf(const FlowProgress& flow, TopicPartition tp, std::int64_t otherwise) {
  const auto topic = flow.topics.find(tp.topic);
  if (topic == flow.topics.end()) return otherwise;
  const auto partition = topic->second.find(tp.partition.value());
  return partition == topic->second.end() ? otherwise : partition->second;
}

std::vector<log::TopicInfo> TopicsOf(const log::LogContents& log,
                                     const dialect::spark::Definition& definition) {
  std::vector<log::TopicInfo> topics;
  for (const auto& name : definition.topics) {
    if (auto topic = log.FindTopic(name)) topics.push_back(*std::move(topic));
  }
  return topics;
}

std::vector<PartitionStatus> PartitionsOf(const log::Log& log,
                                          const std::vector<log::TopicInfo>& topics,
                                          const FlowProgress& at) {
  std::vector<PartitionStatus> partitions;
  for (const auto& topic : topics) {
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition) {
      const TopicPartition tp{.topic = topic.id, .partition = PartitionId(partition)};
      partitions.push_back({.topic = topic.name,
                            .partition = partition,
                            .next = NextOf(at, tp, log.StartOffset(tp).value()),
                            .end = log.EndOffset(tp).value()});
    }
  }
  return partitions;
}

Result<Standing> ReadStanding(const log::Log& log, const lake::Lake& lake,
                              const dialect::spark::Definition& definition) {
  Standing standing;
  auto& at = standing.at;
  ST_TRY(const auto table, LoadIfMade(lake, {.schema = "default", .name = definition.name}));
  if (table) {
    ST_TRY(const auto progress, ReadProgress(log, definition, *table));
    at = FlowOf(progress, definition.name);
    standing.rows = table->record_count;
    if (!StoppedReason(*table)) standing.paused = PausedReason(*table);
  }
  const auto bad = LoadIfMade(lake, kBadRows);
  if (!bad) {
    standing.dead_letters = at.dead_letters;
  } else if (*bad != nullptr) {
    ST_TRY(const auto progress, ReadProgress(log, definition, **bad));
    standing.dead_letters = FlowOf(progress, definition.name).dead_letters;
  }
  standing.partitions = PartitionsOf(log, TopicsOf(log, definition), at);
  return standing;
}

}  // namespace st::stream
