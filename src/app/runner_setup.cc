#include "app/runner_setup.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "app/status.h"
#include "base/text.h"

namespace st::app {
namespace {

constexpr std::int64_t kRunTimeoutUs = 24LL * 3600 * 1'000'000;  // a first run may take a day

std::string TopicNames(const stream::PipelineStatus& status) {
  return fmt::format("{}", fmt::join(status.topics, ", "));
}

// Topics that the log did not have when the status was read. Where the position is not known, none.
std::vector<std::string> MissingTopics(const stream::PipelineStatus& status) {
  std::vector<std::string> missing;
  if (!status.is_position_known) return missing;
  for (const auto& name : status.topics) {
    const bool is_there =
        std::ranges::count(status.partitions, name, &stream::PartitionStatus::topic) > 0;
    if (!is_there) missing.push_back(name);
  }
  return missing;
}

// The lag of each topic that exists, in the order of the pipeline's text. Requires: the position is
// known.
std::vector<std::pair<std::string, std::int64_t>> LagByTopic(const stream::PipelineStatus& status) {
  std::vector<std::pair<std::string, std::int64_t>> lags;
  for (const auto& name : status.topics) {
    std::optional<std::int64_t> lag;
    for (const auto& one : status.partitions) {
      if (one.topic == name) lag = lag.value_or(0) + std::max<std::int64_t>(one.end - one.next, 0);
    }
    if (lag) lags.emplace_back(name, *lag);
  }
  return lags;
}

}  // namespace

query::EngineOptions EngineOptionsFor(const Config& config, Stores& stores,
                                      jobs::WorkerStarts* starts) {
  return {.worker_program = "",
          .warehouse = stores.data().warehouse_dir(),
          .statement_timeout_us = config.sql_statement_timeout_s * 1'000'000,
          .max_rows = config.sql_max_rows,
          .memory_limit_bytes = config.worker_memory_bytes / 2,
          .worker_starts = starts,
          .make_runner = {}};
}

Result<std::unique_ptr<stream::Runner>> StartRunner(
    Stores& stores, const Config& config, jobs::WorkerStarts* starts,
    std::vector<dialect::spark::Definition> pipelines) {
  return stream::Runner::Start({stores.log(), stores.lake(), stores.env()},
                               {.definitions = std::move(pipelines),
                                .worker_program = "",
                                .warehouse = stores.data().warehouse_dir(),
                                .worker_memory_bytes = config.worker_memory_bytes,
                                .worker_starts = starts,
                                .make_transformer = {}});
}

std::unique_ptr<upkeep::Upkeep> StartUpkeep(Stores& stores, const Config& config,
                                            jobs::WorkerStarts* starts) {
  auto upkeep = upkeep::Upkeep::Make({stores.lake(), stores.env()},
                                     {.worker_program = "",
                                      .warehouse = stores.data().warehouse_dir(),
                                      .worker_memory_bytes = config.worker_memory_bytes,
                                      .worker_starts = starts,
                                      .is_automatic = config.lake_upkeep,
                                      .make_rewriter = {}});
  upkeep->Start();
  return upkeep;
}

void CollectPipelines(const stream::Runner& runner, MetricRegistry& metrics) {
  // Returns nullopt for a pipeline whose value is unknown, so that it has no sample.
  using Read = std::function<std::optional<double>(const stream::PipelineStatus&)>;
  const auto gauge = [&](const std::string& name, const std::string& help, const Read& read) {
    metrics.Collected("steelthread_pipeline_" + name, help, "gauge", [&runner, read] {
      MetricRegistry::Samples samples;
      for (const auto& status : runner.Status()) {
        const auto value = read(status);
        if (value) samples.emplace_back(fmt::format("pipeline=\"{}\"", status.name), *value);
      }
      return samples;
    });
  };
  const auto known = [](std::int64_t stream::PipelineStatus::* field) -> Read {
    return [field](const auto& status) -> std::optional<double> {
      if (!status.is_position_known) return std::nullopt;
      return static_cast<double>(status.*field);
    };
  };
  gauge("lag_records", "Records of the log that are not in the table yet.",
        known(&stream::PipelineStatus::lag));
  metrics.Collected(
      "steelthread_pipeline_topic_lag_records",
      "Records of each topic of a pipeline that are not in the table yet.", "gauge", [&runner] {
        MetricRegistry::Samples samples;
        for (const auto& status : runner.Status()) {
          if (!status.is_position_known) continue;
          for (const auto& [topic, lag] : LagByTopic(status)) {
            samples.emplace_back(fmt::format("pipeline=\"{}\",topic=\"{}\"", status.name, topic),
                                 static_cast<double>(lag));
          }
        }
        return samples;
      });
  gauge("table_rows", "Rows in the pipeline's table.", known(&stream::PipelineStatus::rows));
  gauge("dead_letters", "Rows of the pipeline in bad.rows.",
        known(&stream::PipelineStatus::dead_letters));
  gauge("needs_person", "1 if it is stopped until a person decides; `steelthread status` says why.",
        [](const auto& status) {
          return status.state == stream::PipelineState::kNeedsPerson ? 1.0 : 0.0;
        });
  metrics.Collected(
      "steelthread_pipeline_state", "1 for the state that the pipeline is in.", "gauge", [&runner] {
        MetricRegistry::Samples samples;
        for (const auto& status : runner.Status()) {
          samples.emplace_back(fmt::format("pipeline=\"{}\",state=\"{}\"", status.name,
                                           stream::PipelineStateName(status.state)),
                               1.0);
        }
        return samples;
      });
}

nlohmann::json PipelinesStatus(const stream::Runner& runner) {
  auto pipelines = nlohmann::json::array();
  for (const auto& status : runner.Status()) {
    auto partitions = nlohmann::json::array();
    for (const auto& p : status.partitions) {
      partitions.push_back(
          {{"topic", p.topic}, {"partition", p.partition}, {"next", p.next}, {"end", p.end}});
    }
    auto lags = nlohmann::json::array();
    if (status.is_position_known) {
      for (const auto& [topic, lag] : LagByTopic(status)) {
        lags.push_back({{"topic", topic}, {"lag", lag}});
      }
    }
    pipelines.push_back({{"name", status.name},
                         {"table", status.table},
                         {"topic", TopicNames(status)},
                         {"missing_topics", MissingTopics(status)},
                         {"state", stream::PipelineStateName(status.state)},
                         {"partitions", std::move(partitions)},
                         {"lags", std::move(lags)},
                         {"lag", status.is_position_known ? nlohmann::json(status.lag) : nullptr},
                         {"rows", status.rows},
                         {"dead_letters", status.dead_letters},
                         {"paused", status.paused},
                         {"slowed", status.slowed},
                         {"last_error", status.last_error},
                         {"is_problem", IsInTrouble(status)}});
  }
  return pipelines;
}

Result<nlohmann::json> RunPipeline(stream::Runner& runner, os::Clock& clock,
                                   const std::string& name) {
  const std::int64_t began = clock.MonotonicUs();
  ST_TRY(const auto report, runner.RunOnce(name, kRunTimeoutUs));
  const auto all = runner.Status();
  const auto found = std::ranges::find_if(
      all, [&](const auto& status) { return EqualsIgnoreCase(status.name, name); });
  return nlohmann::json{{"pipeline", found == all.end() ? name : found->name},
                        {"table", found == all.end() ? name : found->table},
                        {"topic", found == all.end() ? "" : TopicNames(*found)},
                        {"is_waiting_for_topic", report.is_waiting_for_topic},
                        {"records_read", report.records},
                        {"rows", report.rows},
                        {"dead_letters", report.dead_letters},
                        {"elapsed_us", clock.MonotonicUs() - began}};
}

}  // namespace st::app
