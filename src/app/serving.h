// Holds the project that a server serves: made at start, swapped whole by each reload.
//
// Threads: safe from any thread; reloads run one at a time.
// Owner:   Server, which calls Stop before it stops what follows the project. The stores must
//          outlive it.
// Durable: a version of an event is in the log before the project that declares it is served, and
//          behind each event that was validated by the version before (EventsApi::BeginChange).
// Errors:  as LoadProject, project::MakeServedProject and CheckTables; after an error of Reload the
//          project is served as it was.
// Metrics: steelthread_reloads_total by outcome.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/events/events_api.h"
#include "app/config.h"
#include "app/stores.h"
#include "base/mutex.h"
#include "project/served_project.h"

namespace st::app {

class Serving {
 public:
  using Served = std::shared_ptr<const project::ServedProject>;
  using MakeRoutes =
      std::function<std::shared_ptr<const api::http::RouteTable>(const project::ServedProject&)>;
  // Makes and records the project that is about to be served.
  using Record = std::function<Result<Served>()>;
  // Stops whoever moves records of events, calls `record`, and starts them with what it gave, or as
  // they were after its error. While `record` runs no record is moved, so that a new version of an
  // event begins behind all records that its old version took (I12).
  using Restart = std::function<Status(const Record& record)>;

  // `events` has the routes of events that `make_routes` makes.
  Serving(const os::Env& env, const Config& config, Stores& stores, api::EventsApi& events,
          MakeRoutes make_routes)
      : env_(env),
        config_(config),
        stores_(stores),
        events_(events),
        make_routes_(std::move(make_routes)) {}

  // Makes the first value from the loaded files. Tables with other columns are no error here: their
  // pipelines stop by themselves and the others go on.
  Status Start(project::Project files);
  // Reads the folder again and serves it.
  // Errors: kInvalidArgument also where game.toml came or went, and where a pipeline would stop
  //         because its table has other columns; kUnavailable as EventsApi::BeginChange;
  //         kShutdown after Stop.
  Status Reload(const Restart& restart);
  // Waits for a reload that runs; later ones are refused.
  void Stop();

  // The value that is served. Requires: Start succeeded.
  Served now() const {
    return served_.With([](const auto& served) { return served; });
  }
  const Config& config() const { return config_; }
  // Probable mistakes of the project and its settings, as the log's topics are now, a line each.
  std::vector<std::string> Warnings() const;
  // The error of the last reload; nullopt: it succeeded, or there was none.
  std::optional<Error> last_error() const {
    return last_error_.With([](const auto& error) { return error; });
  }
  // Calls `tell` with the outcome of each later Reload, on its thread.
  void OnReload(std::function<void(const Status&)> tell) {
    tell_.With([&](auto& now) { now = std::move(tell); });
  }

 private:
  Result<project::ServedProject> Make(project::Project files) const;
  // Makes the project, and writes the new versions of its events into the log.
  Result<Served> MakeAndRecord(project::Project files);
  Status Swap(const Restart& restart);

  // Constant after construction.
  const os::Env env_;
  const Config& config_;
  Stores& stores_;
  api::EventsApi& events_;
  const MakeRoutes make_routes_;
  // They synchronise themselves.
  Guarded<Served> served_;
  Guarded<std::optional<Error>> last_error_;
  Guarded<std::function<void(const Status&)>> tell_;

  Mutex reload_mu_;  // of the thread that reloads
  bool is_stopping_ ST_GUARDED_BY(reload_mu_) = false;
};

}  // namespace st::app
