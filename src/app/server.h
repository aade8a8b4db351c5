// The running product: opens in order, stops in reverse.
//
// Threads: Start and Stop from one thread.
// Errors:  as the parts'; a busy port names the port and its key.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/control/control_api.h"
#include "api/events/events_api.h"
#include "api/kafka/kafka_api.h"
#include "app/config.h"
#include "app/project.h"
#include "app/stores.h"
#include "collect/collector.h"
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
  // What whoever started the server should know, a line each: a tail that was cut, …
  std::vector<std::string> Notices() const;
  // Finishes what was accepted within `grace_us`. Idempotent.
  void Stop(std::int64_t grace_us);

 private:
  Server(const Machine& machine, Config config)
      : machine_{machine.fs, machine.clock, machine.random, &metrics_},
        config_(std::move(config)),
        began_us_(machine.clock.MonotonicUs()) {}
  Status StartMovers(Project project);
  Status StartKafka();
  // One HTTP listener under its key.
  Result<std::unique_ptr<net::HttpServer>> Listen(const std::string& name,
                                                  const std::string& address,
                                                  net::HttpHandler handler);
  Status StartListeners();
  Status StartControl();
  nlohmann::json StatusDocument() const;

  // Constant after construction; the metrics outlive what reports to them.
  MetricRegistry metrics_;
  const Machine machine_;
  const Config config_;
  const std::int64_t began_us_;
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<collect::Collector> collector_;
  std::unique_ptr<stream::Runner> runner_;
  std::unique_ptr<query::Engine> engine_;
  std::unique_ptr<api::EventsApi> events_api_;
  std::unique_ptr<api::KafkaApi> kafka_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<net::HttpServer> sql_;
  std::unique_ptr<net::HttpServer> catalog_;
  std::unique_ptr<api::ControlApi> control_;
  std::map<std::string, std::string> endpoints_;
};

}  // namespace st::app
