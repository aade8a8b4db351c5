// The requests of the command line to a running server, as HTTP on a Unix socket in the data
// folder: only users who may open the folder can connect, and no web page can.
//
//   GET  /status                  → 200, the status document
//   POST /pipelines/NAME/run      → 200, the result of the run, when it is done
//   POST /reload                  → 200, the events, pipelines and rules that are served now
//   An error is a problem document (RFC 9457) of code refused; its `detail` is for people.
//
// Threads: Start and Stop from one thread. Runs and reloads block a thread of their own, one after
//          the other.
// Limits:  kMaxQueuedRuns of them wait; beyond: 503.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace st::api {

inline constexpr std::size_t kMaxQueuedRuns = 64;

struct ControlHooks {
  std::function<nlohmann::json()> status;  // must not block
  // From where the table stands to the log's end; returns when that is committed.
  std::function<Result<nlohmann::json>(const std::string& pipeline)> run_pipeline;
  // Reads the project again; after an error the server serves the old one.
  std::function<Result<nlohmann::json>()> reload;
};

class ControlApi {
 public:
  virtual ~ControlApi() = default;
  // `endpoint` is "unix:/path".
  static Result<std::unique_ptr<ControlApi>> Start(const std::string& endpoint, ControlHooks hooks);
  // A run in hand is waited for; the hooks must be able to end it.
  virtual void Stop(std::int64_t grace_us) = 0;
};

}  // namespace st::api
