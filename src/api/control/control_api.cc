#include "api/control/control_api.h"

#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "api/http/problems.h"
#include "api/http/route_table.h"
#include "base/mutex.h"
#include "net/http_server.h"
#include "os/thread.h"

namespace st::api {
namespace {

net::HttpResponse Json(const nlohmann::json& json) {
  net::HttpResponse response;
  response.content_type = "application/json";
  response.body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

net::HttpResponse ProblemFor(const Error& error) {
  const bool is_damage = error.code() == ErrorCode::kCorruption;
  return net::Problem(http::HttpStatusFor(error.code()), is_damage ? kDamageCode : "refused",
                      error.message());
}

net::HttpResponse NoRoute(const http::RouteTable&, const http::Call&) {
  return net::Problem(404, "no_route",
                      "There are /status, /reload, /pipelines/NAME/VERB, /tables/NAME/VERB, "
                      "/groups/NAME/VERB and /topics/NAME/VERB.");
}

// The arguments of a verb.
Result<nlohmann::json> ArgumentsOf(const std::string& body) {
  if (body.empty()) return nlohmann::json::object();
  auto json = nlohmann::json::parse(body, nullptr, false);
  if (json.is_object()) return json;
  return Fail(ErrorCode::kInvalidArgument,
              "the body of a verb is a JSON object with its arguments, or empty");
}

using Run = std::function<Result<nlohmann::json>()>;

// Runs that wait for their turn on one thread.
class RunQueue {
 public:
  void Start(const std::string& thread_name) {
    thread_ = os::Thread(thread_name, [this] { Work(); });
  }

  void Add(Run run, std::unique_ptr<net::HttpResponder> responder) {
    MutexLock lock(mu_);
    if (stopping_ || runs_.size() >= kMaxQueuedRuns) {
      return responder->Send(
          net::Problem(503, "busy", "Too many runs wait, or the server is stopping."));
    }
    runs_.emplace_back(std::move(run), std::move(responder));
    wake_.NotifyAll();
  }

  // Refuses the runs that wait.
  void RequestStop() {
    MutexLock lock(mu_);
    stopping_ = true;
    for (auto& [run, responder] : runs_) {
      responder->Send(net::Problem(503, "stopping", "The server is stopping."));
    }
    runs_.clear();
    wake_.NotifyAll();
  }
  void Join() { thread_.Join(); }

 private:
  using Waiting = std::pair<Run, std::unique_ptr<net::HttpResponder>>;

  void Work() {
    while (auto waiting = Next()) {
      const auto done = waiting->first();
      waiting->second->Send(done ? Json(*done) : ProblemFor(done.error()));
    }
  }

  std::optional<Waiting> Next() {
    MutexLock lock(mu_);
    while (runs_.empty() && !stopping_) wake_.Wait(mu_);
    if (stopping_) return std::nullopt;
    Waiting next = std::move(runs_.front());
    runs_.pop_front();
    return next;
  }

  os::Thread thread_;
  Mutex mu_;
  CondVar wake_;
  std::deque<Waiting> runs_ ST_GUARDED_BY(mu_);
  bool stopping_ ST_GUARDED_BY(mu_) = false;
};

class ControlApiImpl : public ControlApi {
 public:
  explicit ControlApiImpl(ControlHooks hooks) : hooks_(std::move(hooks)) {
    for (const auto& verb : hooks_.long_verbs) long_.try_emplace(verb);
    AddRoutes();
  }
  ~ControlApiImpl() override { ControlApiImpl::Stop(0); }

  Status Listen(const std::string& endpoint) {
    ST_TRY(server_, net::HttpServer::Start({.listen = endpoint, .name = "control", .limits = {}},
                                           [this](net::HttpRequest request, auto responder) {
                                             table_.Handle(std::move(request),
                                                           std::move(responder));
                                           }));
    short_.Start("st-control");
    for (auto& [verb, queue] : long_) queue.Start("st-" + verb);
    return {};
  }

  void Stop(std::int64_t grace_us) override {
    short_.RequestStop();
    for (auto& [verb, queue] : long_) queue.RequestStop();
    short_.Join();
    for (auto& [verb, queue] : long_) queue.Join();
    if (server_) server_->Stop(grace_us);
  }

 private:
  void AddRoutes() {
    table_.Add({.methods = {"GET", "HEAD"},
                .path = "/status",
                .handler = [this](const http::Call&, std::unique_ptr<net::HttpResponder> to) {
                  to->Send(Json(hooks_.status()));
                }});
    table_.Add({.methods = {"POST"},
                .path = "/reload",
                .handler = [this](const http::Call&, std::unique_ptr<net::HttpResponder> to) {
                  short_.Add(hooks_.reload, std::move(to));
                }});
    AddVerbs("/pipelines/{name}/{verb}", hooks_.pipeline);
    AddVerbs("/tables/{name}/{verb}", hooks_.table);
    AddVerbs("/groups/{name}/{verb}", hooks_.group);
    AddVerbs("/topics/{name}/{verb}", hooks_.topic);
  }

  void AddVerbs(const std::string& path, const ControlHooks::Act& act) {
    table_.Add(
        {.methods = {"POST"},
         .path = path,
         .handler = [this, &act](const http::Call& call, std::unique_ptr<net::HttpResponder> to) {
           auto arguments = ArgumentsOf(call.request.body);
           if (!arguments) return to->Send(ProblemFor(arguments.error()));
           const auto& verb = call.variables[1];
           const auto found = long_.find(verb);
           auto& queue = found == long_.end() ? short_ : found->second;
           queue.Add([&act, verb, name = call.variables[0],
                      given = *std::move(arguments)] { return act(verb, name, given); },
                     std::move(to));
         }});
  }

  const ControlHooks hooks_;
  http::RouteTable table_{{.not_found = NoRoute}};
  std::unique_ptr<net::HttpServer> server_;
  RunQueue short_;
  std::map<std::string, RunQueue> long_;  // by verb; fixed from the construction on
};

}  // namespace

Result<std::unique_ptr<ControlApi>> ControlApi::Start(const std::string& endpoint,
                                                      ControlHooks hooks) {
  auto api = std::make_unique<ControlApiImpl>(std::move(hooks));
  ST_TRY_STATUS(api->Listen(endpoint));
  return api;
}

}  // namespace st::api
