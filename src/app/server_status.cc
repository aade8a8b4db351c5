#include "app/server_status.h"

#include <algorithm>

#include "app/group_operations.h"
#include "app/runner_setup.h"
#include "app/table_operations.h"
#include "app/version.h"
#include "event/timestamp.h"
#include "jobs/worker_client.h"
#include "log/lost_records.h"
#include "os/environment.h"

namespace st::app {
namespace {

// What a repair recorded as lost, as far as the log would have it still.
std::vector<std::string> LossWarnings(const log::LocalLog& log) {
  constexpr std::size_t kMostWarnings = 20;
  std::vector<std::string> warnings;
  const auto lost = log::LostIn(log);
  for (const auto& one : lost) {
    if (warnings.size() == kMostWarnings) {
      warnings.push_back(
          fmt::format("the log lost {} more ranges of records; `steelthread log "
                      "verify` lists them",
                      lost.size() - kMostWarnings));
      break;
    }
    const auto topic = log.FindTopic(one.tp.topic);
    warnings.push_back(fmt::format(
        "the log lacks {}: damage destroyed them, and a repair at {} isolated it; what their "
        "idempotency keys answered is forgotten",
        log::DescribeLost(topic ? topic->name : one.tp.topic.ToString(), one.tp.partition.value(),
                          one.from, one.to),
        event::TimestampText(one.repaired_us / 1000)));
  }
  return warnings;
}

}  // namespace

std::vector<std::string> ServerStatus::Warnings() const {
  std::vector<std::string> warnings;
  if (const auto worker = jobs::CheckWorkerProgram(""); !worker) {
    warnings.push_back(worker.error().message());
  }
  if (const auto cut = parts_.stores.log().cut_tail()) {
    warnings.push_back(
        fmt::format("{}: truncated {} bytes at byte {}: a write that a crash tore, which was never "
                    "acknowledged",
                    cut->file, cut->bytes, cut->position));
  }
  for (auto& warning : LossWarnings(parts_.stores.log())) warnings.push_back(std::move(warning));
  if (const auto keys = parts_.stores.keys().status(); !keys.damage.empty()) {
    warnings.push_back("idempotency keys: " + keys.damage);
  }
  if (parts_.game != nullptr) {
    for (auto& warning : parts_.game->Notices()) warnings.push_back(std::move(warning));
  }
  if (auto moved = MovedTablesWarning(parts_.stores.lake()); !moved.empty()) {
    warnings.push_back(std::move(moved));
  }
  for (auto& warning : parts_.serving.Warnings()) warnings.push_back(std::move(warning));
  return warnings;
}

std::vector<Trouble> ServerStatus::Troubles() const {
  auto& stores = parts_.stores;
  auto troubles = TroublesOf(stores.log(), stores.keys(), stores.lake(), parts_.runner);
  for (auto& trouble : UpkeepTroubles(parts_.upkeep)) troubles.push_back(std::move(trouble));
  for (auto& trouble : HoldTroubles(stores.log(), parts_.record_keeping)) {
    troubles.push_back(std::move(trouble));
  }
  if (auto worker = WorkerTrouble(parts_.worker_starts)) troubles.push_back(*std::move(worker));
  if (const auto place = stores.data().CheckPlace(); !place) {
    troubles.push_back({"data folder: " + place.error().message(), true});
  }
  for (auto& damage : parts_.engine.Damage()) troubles.push_back({std::move(damage.message)});
  if (parts_.game != nullptr) {
    for (auto& trouble : parts_.game->Troubles()) troubles.push_back(std::move(trouble));
  }
  if (const auto error = parts_.serving.last_error()) {
    troubles.push_back({"not reloaded, the project goes on as it was: " + error->message()});
  }
  return troubles;
}

std::vector<std::string> ServerStatus::Problems() const {
  std::vector<std::string> problems;
  for (auto& trouble : Troubles()) problems.push_back(std::move(trouble.text));
  return problems;
}

std::vector<std::string> ServerStatus::Unready() const {
  std::vector<std::string> reasons;
  for (auto& trouble : Troubles()) {
    if (trouble.is_unready) reasons.push_back(std::move(trouble.text));
  }
  return reasons;
}

nlohmann::json ServerStatus::Document(const Endpoints& endpoints) const {
  auto& stores = parts_.stores;
  const auto health = stores.log().health();
  const auto reload_error = parts_.serving.last_error();
  return {{"version", kVersion},
          {"process", os::ProcessId()},
          {"uptime_ms", (parts_.clock.MonotonicUs() - began_us_) / 1000},
          {"data_dir", parts_.config.data_dir},
          {"endpoints", endpoints},
          {"accepts_events", health.has_value()},
          {"reason", health ? "" : health.error().message()},
          {"warnings", Warnings()},
          {"reload_error", reload_error ? reload_error->message() : ""},
          {"problems", Problems()},
          {"unready", Unready()},
          {"log", LogStatus(stores.log())},
          {"topics", TopicsStatus(stores.log())},
          {"retention", RetentionStatus(stores.log(), parts_.record_keeping)},
          {"groups", GroupsStatus(stores)},
          {"pipelines", PipelinesStatus(parts_.runner)},
          {"game", parts_.game != nullptr ? parts_.game->StatusDocument() : nlohmann::json()},
          {"idempotency", KeysStatus(stores.keys())},
          {"tables",
           TablesStatus(stores.lake(), parts_.config.lake_upkeep ? &parts_.upkeep : nullptr)}};
}

std::string ServerStatus::Discovery(const Endpoints& endpoints) const {
  auto events = nlohmann::json::array();
  for (const auto& event : parts_.serving.now()->files.events) {
    events.push_back({{"name", event.name},
                      {"event_type", event.event_type()},
                      {"topic", event.topic},
                      {"table", event.table}});
  }
  return nlohmann::json{{"product", "steelthread"},
                        {"version", kVersion},
                        {"endpoints", endpoints},
                        {"game", parts_.game != nullptr},
                        {"events", std::move(events)}}
             .dump() +
         "\n";
}

void ServerStatus::Collect(MetricRegistry& metrics) const {
  metrics.Collected("steelthread_problems",
                    "What is wrong now, by whether it makes the server unready; `steelthread "
                    "status` names it.",
                    "gauge", [this] {
                      const auto all = Troubles();
                      const auto unready = std::ranges::count_if(all, &Trouble::is_unready);
                      return MetricRegistry::Samples{
                          {"unready=\"true\"", static_cast<double>(unready)},
                          {"unready=\"false\"", static_cast<double>(std::ssize(all) - unready)}};
                    });
  metrics.Collected(
      "steelthread_log_held_back_bytes",
      "What the retention of a topic would remove, by the hold that keeps most of it.", "gauge",
      [this] {
        MetricRegistry::Samples samples;
        for (const auto& [topic, held] : parts_.record_keeping.retention().held()) {
          samples.emplace_back(fmt::format("topic=\"{}\",hold=\"{}\"", topic, held.hold),
                               static_cast<double>(held.bytes));
        }
        return samples;
      });
  CollectDamage(
      [this] {
        auto all = parts_.upkeep.Damage();
        for (auto& one : parts_.engine.Damage()) all.push_back(std::move(one));
        for (auto& one : DamagedMetadata(parts_.stores.lake())) all.push_back(std::move(one));
        return all;
      },
      metrics);
}

}  // namespace st::app
