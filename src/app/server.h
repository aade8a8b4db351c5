// The running product: opens in order, stops in reverse.
//
// Threads: Start and Stop from one thread.
// Errors:  as the parts'; a busy port names the port and its key.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "api/control/control_api.h"
#include "api/kafka/kafka_api.h"
#include "app/config.h"
#include "app/data_dir.h"
#include "collect/collector.h"
#include "event/declaration.h"
#include "lake/lake.h"
#include "log/log.h"
#include "net/http.h"
#include "os/clock.h"
#include "os/random.h"
#include "query/engine.h"

namespace st::app {

class Server {
 public:
  static Result<std::unique_ptr<Server>> Start(os::FileSystem& fs, os::Clock& clock,
                                               os::Random& random, const Config& config);
  ~Server() { Stop(0); }
  // {"http": "127.0.0.1:5000", "kafka": …, "sql": …}
  const std::map<std::string, std::string>& endpoints() const { return endpoints_; }
  // Finishes what was accepted within `grace_us`. Idempotent.
  void Stop(std::int64_t grace_us);

 private:
  Server() = default;
  Status StartLog(os::FileSystem& fs, os::Clock& clock, os::Random& random, const Config& config);
  Status StartKafka(const Config& config);
  Status StartHttp(const Config& config, os::Clock& clock, std::vector<event::Declaration> events);
  Status StartQueries(os::FileSystem& fs, os::Clock& clock, os::Random& random,
                      const Config& config);
  Status StartAdmin(const Config& config);
  Status StartControl(const Config& config, os::Clock& clock);

  std::unique_ptr<DataDir> data_;
  MetricRegistry metrics_;
  std::unique_ptr<collect::Collector> collector_;
  std::unique_ptr<log::Log> log_;
  std::unique_ptr<lake::Lake> lake_;
  std::unique_ptr<query::Engine> engine_;
  std::unique_ptr<api::KafkaApi> kafka_;
  std::unique_ptr<net::HttpServer> http_;
  std::unique_ptr<net::HttpServer> admin_;
  std::unique_ptr<api::ControlApi> control_;
  std::map<std::string, std::string> endpoints_;
};

}  // namespace st::app
