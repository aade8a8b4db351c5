// Sets up the pipelines' runner, the upkeep of tables and the query engine from the settings, and
// reports on pipelines.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "app/stores.h"
#include "dialect/spark/definition.h"
#include "query/engine.h"
#include "stream/runner.h"
#include "upkeep/upkeep.h"

namespace st::app {

// `starts` is told by both whether their workers start, and must outlive them.
query::EngineOptions EngineOptionsFor(const Config& config, Stores& stores,
                                      jobs::WorkerStarts* starts);

Result<std::unique_ptr<stream::Runner>> StartRunner(
    Stores& stores, const Config& config, jobs::WorkerStarts* starts,
    std::vector<dialect::spark::Definition> pipelines);

// Starts the upkeep of the tables, which with lake.upkeep = false only does what a person asks
// for. `starts` as above.
std::unique_ptr<upkeep::Upkeep> StartUpkeep(Stores& stores, const Config& config,
                                            jobs::WorkerStarts* starts);

// Registers gauges of each pipeline: lag, also by topic, rows, dead letters, state. `runner` must
// outlive the last time that they are read.
void CollectPipelines(const stream::Runner& runner, MetricRegistry& metrics);

// [{"name", "table", "topic", "missing_topics", "state", "lags": [{"topic", "lag"}], "lag", "rows",
// "dead_letters", "paused", "slowed", "last_error"}], by name.
nlohmann::json PipelinesStatus(const stream::Runner& runner);

// Runs one pipeline to the log's end and returns the result: {"pipeline", "table", "topic",
// "is_waiting_for_topic", "records_read", "rows", "dead_letters", "elapsed_us"}. kNotFound names
// the nearest.
Result<nlohmann::json> RunPipeline(stream::Runner& runner, os::Clock& clock,
                                   const std::string& name);

}  // namespace st::app
