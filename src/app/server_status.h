// What a running server tells about itself: warnings, problems, the documents of status and
// discovery.
//
// Threads: safe from any thread.
// Owner:   Server; everything that Parts names must outlive it.
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/config.h"
#include "app/game.h"
#include "app/record_keeping.h"
#include "app/serving.h"
#include "app/status.h"
#include "app/stores.h"
#include "jobs/worker_starts.h"
#include "query/engine.h"
#include "stream/runner.h"
#include "upkeep/upkeep.h"

namespace st::app {

class ServerStatus {
 public:
  using Endpoints = std::map<std::string, std::string>;
  struct Parts {
    const Config& config;
    os::Clock& clock;
    Stores& stores;
    const Serving& serving;
    const stream::Runner& runner;
    const upkeep::Upkeep& upkeep;
    const query::Engine& engine;
    const jobs::WorkerStarts& worker_starts;
    const RecordKeeping& record_keeping;
    const Game* game = nullptr;  // null: the project has none
  };
  explicit ServerStatus(const Parts& parts) : parts_(parts), began_us_(parts.clock.MonotonicUs()) {}

  // A line each: a truncated tail, files that had to be set aside, mistakes of the project.
  std::vector<std::string> Warnings() const;
  std::vector<Trouble> Troubles() const;
  // The sentences of the troubles that make the server unready.
  std::vector<std::string> Unready() const;
  nlohmann::json Document(const Endpoints& endpoints) const;
  // {"product", "version", "endpoints", "game", "events"} for clients that look for the server.
  std::string Discovery(const Endpoints& endpoints) const;
  // Gauges of the troubles and of damaged data files, read until the registry goes. Requires:
  // `this` lives that long.
  void Collect(MetricRegistry& metrics) const;

 private:
  std::vector<std::string> Problems() const;

  const Parts parts_;
  const std::int64_t began_us_;  // monotonic
};

}  // namespace st::app
