// The requests of the command line to a running server, as HTTP on a Unix socket in the data
// folder: only users who may open the folder can connect, and no web page can.
//
//   GET  /status                  → 200, the status document
//   POST /pipelines/NAME/VERB     → 200, the result, when it is done
//   POST /tables/NAME/VERB        → 200, likewise
//   POST /groups/NAME/VERB        → 200, likewise
//   POST /topics/NAME/VERB        → 200, likewise
//   POST /reload                  → 200, the events, pipelines and rules that are served now
//   The body of a verb is a JSON object with its arguments, or empty: none.
//   An error is a problem document (RFC 9457) of code damage (kCorruption) or refused; its `detail`
//   is for people.
//
// Threads: Start and Stop from one thread. Verbs and reloads block a thread of their own, one after
//          the other; each verb that may last long blocks another one.
// Limits:  kMaxQueuedRuns wait for each of these threads; beyond: 503.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/result.h"

namespace st::api {

inline constexpr std::size_t kMaxQueuedRuns = 64;
// The code of the problem of an error that is damage (kCorruption).
inline constexpr std::string_view kDamageCode = "damage";

struct ControlHooks {
  // Does what `verb` says to the pipeline, table, consumer group or topic `name`. `arguments` is an
  // object. kNotFound names the verbs, or the names, that there are.
  using Act = std::function<Result<nlohmann::json>(const std::string& verb, const std::string& name,
                                                   const nlohmann::json& arguments)>;

  std::function<nlohmann::json()> status;  // must not block
  Act pipeline;
  Act table;
  Act group;
  Act topic;
  // The verbs that may last for hours, such as run: others do not wait for them. Each has a thread.
  std::set<std::string> long_verbs;
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
