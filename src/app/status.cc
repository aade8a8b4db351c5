#include "app/status.h"

#include <map>
#include <set>
#include <utility>

#include "app/table_holds.h"
#include "jobs/worker_client.h"
#include "lake/names.h"
#include "stream/standing.h"

namespace st::app {

namespace {
constexpr std::int64_t kFailuresWorthTelling = 3;  // one or two failures are usually passing
}  // namespace

nlohmann::json LogStatus(const log::LocalLog& log) {
  const auto end = log.durable_end();
  return {{"segment", end.segment}, {"position", end.position}};
}

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

nlohmann::json RetentionStatus(log::LocalLog& log, const RecordKeeping& keeping) {
  const auto& retention = keeping.retention();
  const auto removed = retention.removed();
  auto holds = nlohmann::json::array();
  for (const auto& hold : keeping.Holds()) {
    std::uint64_t bytes = 0;
    for (const auto& [tp, from] : hold.from) {
      bytes += log::RemovalOf(log).BytesBetween(tp, from, log.EndOffset(tp));
    }
    holds.push_back({{"name", hold.name}, {"partitions", hold.from.size()}, {"kept_bytes", bytes}});
  }
  auto held = nlohmann::json::array();
  for (const auto& [topic, one] : retention.held()) {
    held.push_back({{"topic", topic}, {"hold", one.hold}, {"bytes", one.bytes}});
  }
  return {{"removed_segments", removed.segments},
          {"removed_bytes", removed.bytes},
          {"holds", std::move(holds)},
          {"held_back", std::move(held)},
          {"last_error", keeping.last_error()}};
}

std::vector<Trouble> HoldTroubles(const log::LocalLog& log, const RecordKeeping& keeping) {
  std::vector<Trouble> troubles;
  const auto health = log.health();
  if (!health && health.error().code() == ErrorCode::kUnavailable) {
    for (const auto& [topic, held] : keeping.retention().held()) {
      troubles.push_back({fmt::format("topic {}: its retention would free {} bytes, which are kept "
                                      "for {}",
                                      topic, held.bytes, held.hold),
                          true});
    }
  } else if (const auto error = keeping.last_error(); !error.empty()) {
    troubles.push_back({"retention: " + error});
  }
  return troubles;
}

nlohmann::json KeysStatus(const idempotency::KeyStore& store) {
  const auto status = store.status();
  return {{"keys", status.keys},
          {"window_seconds", status.window_ms / 1000},
          {"files", status.files},
          {"last_error", status.last_error}};
}

nlohmann::json TablesStatus(const lake::Lake& lake, const upkeep::Upkeep* upkeep) {
  std::map<lake::TableName, upkeep::TableUpkeep> kept;
  if (upkeep != nullptr) {
    for (auto& table : upkeep->Status()) kept[table.table] = std::move(table);
  }
  auto tables = nlohmann::json::array();
  for (const auto& name : lake.Tables()) {
    const auto view = lake.Load(name);
    if (!view) continue;  // the table is damaged, which the problems tell
    tables.push_back({{"schema", name.schema},
                      {"name", name.name},
                      {"rows", (*view)->record_count},
                      {"snapshots", (*view)->snapshot_count},
                      {"holds", TableHoldsStatus(**view)},
                      {"files", (*view)->files.size()},
                      {"bytes", (*view)->files.totals().bytes},
                      {"last_commit_ms", (*view)->snapshot_time_ms}});
    const auto found = kept.find(name);
    if (found == kept.end()) continue;
    tables.back()["small_files"] = found->second.small_files;
    tables.back()["rewrites"] = found->second.rewrites;
    tables.back()["upkeep_error"] = found->second.last_error;
  }
  return tables;
}

bool IsInTrouble(const stream::PipelineStatus& status) {
  return status.state == stream::PipelineState::kNeedsPerson ||
         status.failures >= kFailuresWorthTelling;
}

std::vector<Trouble> UpkeepTroubles(const upkeep::Upkeep& upkeep) {
  std::vector<Trouble> troubles;
  for (const auto& table : upkeep.Status()) {
    const auto name = fmt::format("table {}.{}", table.table.schema, table.table.name);
    if (table.failures >= kFailuresWorthTelling) {
      troubles.push_back({fmt::format("{}: its small files were not put together {} times: {}",
                                      name, table.failures, table.last_error)});
    } else if (table.is_behind) {
      troubles.push_back({fmt::format("{}: {} small files; upkeep puts them together and is behind",
                                      name, table.small_files)});
    }
  }
  for (auto& damage : upkeep.Damage()) troubles.push_back({std::move(damage.message)});
  return troubles;
}

std::optional<Trouble> WorkerTrouble(const jobs::WorkerStarts& starts) {
  if (const auto worker = jobs::CheckWorkerProgram(""); !worker) {
    return Trouble{worker.error().message(), true};
  }
  const auto failure = starts.failure();
  if (!failure) return std::nullopt;
  return Trouble{fmt::format("no worker starts, so no SQL and no pipeline runs: {}; `steelthread "
                             "doctor` tries again",
                             failure->message()),
                 true};
}

std::vector<Trouble> TroublesOf(const log::LocalLog& log, const idempotency::KeyStore& keys,
                                const lake::Lake& lake, const stream::Runner& runner) {
  std::vector<Trouble> troubles;
  if (const auto health = log.health(); !health) {
    troubles.push_back({health.error().message(), true});
  }
  if (const auto damage = log.damage()) troubles.push_back({damage->message(), true});
  for (const auto& problem : lake.Problems()) {
    // Each pipeline with a dead letter needs this one.
    const bool is_bad_rows = problem.table == stream::kBadRows;
    troubles.push_back({problem.error.message() +
                            (is_bad_rows ? "; pipelines wait at their next dead letter" : ""),
                        problem.is_closed || is_bad_rows});
  }
  for (const auto& status : runner.Status()) {
    if (!status.slowed.empty()) {
      troubles.push_back({fmt::format("pipeline {}: {}", status.name, status.slowed)});
    }
    if (!IsInTrouble(status)) continue;
    if (status.state == stream::PipelineState::kNeedsPerson) {
      troubles.push_back(
          {fmt::format("pipeline {} needs a person: {}", status.name, status.last_error)});
    } else {
      troubles.push_back({fmt::format("pipeline {} failed {} times in a row: {}", status.name,
                                      status.failures, status.last_error)});
    }
  }
  const auto status = keys.status();
  if (!status.last_error.empty() && status.last_error != status.damage) {
    troubles.push_back({"idempotency keys: " + status.last_error});
  }
  return troubles;
}

void CollectTables(const lake::Lake& lake, MetricRegistry& metrics) {
  metrics.Collected(
      "steelthread_table_problem",
      "1 for each table that cannot be read or committed to; `steelthread status` "
      "says why.",
      "gauge", [&lake] {
        MetricRegistry::Samples samples;
        for (const auto& problem : lake.Problems()) {
          samples.emplace_back(
              fmt::format("table=\"{}.{}\"", problem.table.schema, problem.table.name), 1.0);
        }
        return samples;
      });
}

std::vector<jobs::DamagedFile> DamagedMetadata(const lake::Lake& lake) {
  std::vector<jobs::DamagedFile> all;
  for (auto& problem : lake.Problems()) {
    if (problem.error.code() != ErrorCode::kCorruption) continue;
    const auto& text = problem.error.message();
    all.push_back({.table = lake::FullName(problem.table), .location = text, .message = text});
  }
  return all;
}

void CollectDamage(std::function<std::vector<jobs::DamagedFile>()> found, MetricRegistry& metrics) {
  metrics.Collected(
      "steelthread_table_damaged_files",
      "Files of the table, of data or of metadata, that the start, a statement, a rewrite or the "
      "daily reading found missing or damaged; `steelthread status` names them.",
      "gauge", [found = std::move(found)] {
        std::map<std::string, std::set<std::string>> files;
        for (auto& one : found()) files[one.table].insert(std::move(one.location));
        MetricRegistry::Samples samples;
        for (const auto& [table, locations] : files) {
          samples.emplace_back(fmt::format("table=\"{}\"", table),
                               static_cast<double>(locations.size()));
        }
        return samples;
      });
}

}  // namespace st::app
