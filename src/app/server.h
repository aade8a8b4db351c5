// The running product: opens in order, stops in reverse.
//
// Threads: Start and Stop from one thread.
// Errors:  as the parts'; a busy port names the port and its key.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "api/control/control_api.h"
#include "api/events/events_api.h"
#include "api/http/route_table.h"
#include "api/kafka/kafka_api.h"
#include "app/config.h"
#include "app/event_tables.h"
#include "app/game.h"
#include "app/project.h"
#include "app/status.h"
#include "app/stores.h"
#include "base/mutex.h"
#include "collect/collector.h"
#include "net/budget.h"
#include "net/http.h"
#include "query/engine.h"
#include "stream/runner.h"

namespace st::app {

class Server {
 public:
  static Result<std::unique_ptr<Server>> Start(os::FileSystem& fs, os::Clock& clock,
                                               os::Random& random, const Config& config);
  ~Server() { Stop(0); }
  // {"catalog": "127.0.0.1:8181", "http": …, "kafka": …, "sql": …}
  const std::map<std::string, std::string>& endpoints() const { return endpoints_; }
  // The metrics of /metrics. Metrics registered here may be read until the server is destroyed.
  MetricRegistry& metrics() { return metrics_; }
  // Warnings for the user who started the server, a line each: a truncated tail, slips of the
  // project, ports that trust their peers.
  std::vector<std::string> Warnings() const;
  // Of them those of the project and its settings, as the last Reload read them.
  std::vector<std::string> ProjectWarnings() const;
  // Reads the project's events, pipelines and game.toml again and serves them; after an
  // error, which status shows too, the old ones are served.
  // Threads: any. kShutdown: it is stopping.
  Status Reload();
  // Calls `tell` with the outcome of each later Reload, on the thread that asked for it.
  void OnReload(std::function<void(const Status&)> tell) {
    tell_.With([&](auto& now) { now = std::move(tell); });
  }
  // Answers accepted requests within `grace_us`. Idempotent.
  void Stop(std::int64_t grace_us);

 private:
  Server(const Machine& machine, Config config)
      : machine_{machine.fs, machine.clock, machine.random, &metrics_},
        config_(std::move(config)),
        began_us_(machine.clock.MonotonicUs()) {}
  // The pipelines of the project's events and files; records new versions of events in the log.
  // `checks_tables`: kInvalidArgument, and nothing is recorded, where a pipeline would stop because
  // its table has other columns.
  Result<std::vector<dialect::spark::Definition>> Adopt(const Project& project, bool checks_tables);
  Status StartMovers(const Project& project);
  Status MayCreateTopic(const std::string& name) const;
  // What the HTTP listener serves of a project.
  std::shared_ptr<const api::http::RouteTable> MakeRoutes(const Project& project) const;
  Status StartKafka();
  // One HTTP listener under its key.
  Result<std::unique_ptr<net::HttpServer>> Listen(const std::string& name,
                                                  const std::string& address,
                                                  net::HttpHandler handler);
  Status StartListeners();
  Status StartControl();
  // The present problems; their sentences; the sentences of those that make the server unready.
  std::vector<Trouble> Troubles() const;
  std::vector<std::string> Problems() const;
  std::vector<std::string> Unready() const;
  // The warnings that status shows too.
  std::vector<std::string> Remarks() const;
  nlohmann::json StatusDocument() const;
  std::string DiscoveryDocument() const;

  // Constant after construction; the metrics outlive all members that report to them.
  MetricRegistry metrics_;
  const net::ClientBudgets budgets_ = net::ClientBudgets::ForProcess(&metrics_);
  const Machine machine_;
  const Config config_;
  const std::int64_t began_us_;
  Mutex reload_mu_;
  bool is_stopping_ ST_GUARDED_BY(reload_mu_) = false;
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<collect::Collector> collector_;
  EventVersions versions_;                 // of Start, then of the holder of reload_mu_
  Guarded<std::set<std::string>> tables_;  // names in lower case
  // The inputs of the project's warnings, except topics, which change.
  struct Warned {
    std::vector<std::string> fixed;
    std::vector<std::string> settings;  // that steelthread.toml has otherwise by now
    Project project;
  };
  Guarded<Warned> warned_;
  Guarded<std::function<void(const Status&)>> tell_;
  Guarded<std::string> reload_error_;  // "" if the last one was good
  std::unique_ptr<stream::Runner> runner_;
  std::unique_ptr<query::Engine> engine_;
  std::unique_ptr<api::EventsApi> events_api_;
  Guarded<std::shared_ptr<const api::http::RouteTable>> routes_;
  Guarded<std::vector<event::Declaration>> events_;  // as routes_ serves them
  std::unique_ptr<Game> game_;                       // of a project with a game.toml
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
