#include "app/status.h"

namespace st::app {

nlohmann::json TopicsStatus(const log::Log& log) {
  auto topics = nlohmann::json::array();
  for (const auto& topic : log.Topics()) {
    auto partitions = nlohmann::json::array();
    for (std::int32_t p = 0; p < topic.partitions; ++p) {
      const TopicPartition tp{topic.id, PartitionId(p)};
      partitions.push_back({{"partition", p},
                            {"start_offset", log.StartOffset(tp).value()},
                            {"end_offset", log.EndOffset(tp).value()}});
    }
    topics.push_back({{"name", topic.name}, {"partitions", std::move(partitions)}});
  }
  return topics;
}

nlohmann::json AnswersStatus(const collect::Answers& answers) {
  const auto status = answers.status();
  return {{"keys", status.keys},
          {"window_seconds", status.window_ms / 1000},
          {"files", status.files},
          {"last_error", status.last_error}};
}

nlohmann::json TablesStatus(const lake::Lake& lake) {
  auto tables = nlohmann::json::array();
  for (const auto& name : lake.Tables()) {
    const auto view = lake.Load(name);
    if (!view) continue;  // damaged: it is among the problems
    std::int64_t bytes = 0;
    for (const auto& file : (*view)->files) bytes += file.file_size_bytes;
    tables.push_back({{"schema", name.schema},
                      {"name", name.name},
                      {"rows", (*view)->record_count},
                      {"snapshots", (*view)->snapshot_count},
                      {"files", (*view)->files.size()},
                      {"bytes", bytes},
                      {"last_commit_ms", (*view)->snapshot_time_ms}});
  }
  return tables;
}

nlohmann::json ProblemsStatus(const lake::Lake& lake) {
  auto problems = nlohmann::json::array();
  for (const auto& problem : lake.Problems()) {
    problems.push_back(fmt::format("table {}.{}: {}", problem.table.schema, problem.table.name,
                                   problem.error.message()));
  }
  return problems;
}

}  // namespace st::app
