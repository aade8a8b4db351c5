// The running product: opens in order, stops in reverse.
//
// Threads: Start and Stop from one thread.
// Errors:  as the parts'; a busy port names the port and its key.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/control/control_api.h"
#include "api/events/events_api.h"
#include "api/http/route_table.h"
#include "api/kafka/kafka_api.h"
#include "app/config.h"
#include "app/game.h"
#include "app/operations.h"
#include "app/record_keeping.h"
#include "app/server_status.h"
#include "app/serving.h"
#include "app/stores.h"
#include "base/mutex.h"
#include "collect/collector.h"
#include "jobs/worker_starts.h"
#include "net/budget.h"
#include "net/http_server.h"
#include "project/project.h"
#include "query/engine.h"
#include "stream/runner.h"
#include "upkeep/upkeep.h"

namespace st::app {

class Server {
 public:
  static Result<std::unique_ptr<Server>> Start(const os::Env& env, const Config& config);
  ~Server() { Stop(0); }
  // {"catalog": "127.0.0.1:8181", "http": …, "kafka": …, "sql": …}
  const std::map<std::string, std::string>& endpoints() const { return endpoints_; }
  // The metrics of /metrics. Metrics registered here may be read until the server is destroyed.
  MetricRegistry& metrics() { return metrics_; }
  // Warnings for the user who started the server, a line each: a truncated tail, mistakes of the
  // project, ports that trust their peers.
  std::vector<std::string> Warnings() const;
  // Of them those of the project and its settings, as the last Reload read them.
  std::vector<std::string> ProjectWarnings() const { return serving_->Warnings(); }
  // Reads the project's events, pipelines and game.toml again and serves them; after an error,
  // which status shows too, the old ones are served.
  // Threads: any. kShutdown: it is stopping.
  Status Reload();
  // Calls `tell` with the outcome of each later Reload, on the thread that asked for it.
  void OnReload(std::function<void(const Status&)> tell) { serving_->OnReload(std::move(tell)); }
  // Answers accepted requests within `grace_us`. Idempotent.
  void Stop(std::int64_t grace_us);

 private:
  Server(const os::Env& env, Config config)
      : env_{env.fs, env.clock, env.random, &metrics_}, config_(std::move(config)) {}
  Status StartMovers(project::Project files);
  Status MayCreateTopic(const std::string& name) const;
  Status StartKafka();
  // One HTTP listener under its key.
  Result<std::unique_ptr<net::HttpServer>> Listen(const std::string& name,
                                                  const std::string& address,
                                                  net::HttpHandler handler);
  Status StartListeners();
  std::string DiscoveryDocument() const;
  Status StartControl();

  // Constant after construction, or synchronises itself; these two outlive all that report to them.
  MetricRegistry metrics_;
  jobs::WorkerStarts worker_starts_;
  const net::ClientBudgets budgets_ = net::ClientBudgets::ForProcess(&metrics_);
  const os::Env env_;
  const Config config_;

  // Constant once started.
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<Serving> serving_;
  std::unique_ptr<collect::Collector> collector_;
  std::unique_ptr<stream::Runner> runner_;
  std::unique_ptr<upkeep::Upkeep> upkeep_;
  std::unique_ptr<query::Engine> engine_;
  std::unique_ptr<api::EventsApi> events_api_;
  std::unique_ptr<Game> game_;  // null: the project has no game.toml
  std::unique_ptr<RecordKeeping> record_keeping_;
  std::unique_ptr<Operations> operations_;
  std::unique_ptr<ServerStatus> status_;
  std::unique_ptr<api::KafkaApi> kafka_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<net::HttpServer> sql_;
  std::unique_ptr<net::HttpServer> catalog_;
  std::unique_ptr<api::ControlApi> control_;
  std::map<std::string, std::string> endpoints_;

  // The addresses when all listeners are open; empty before, for early requests to the first one.
  Guarded<std::map<std::string, std::string>> ready_;
};

}  // namespace st::app
