#include "api/control/control_api.h"

#include <deque>

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
  return net::Problem(http::HttpStatusFor(error.code()), "refused", error.message());
}

net::HttpResponse NoRoute(const http::RouteTable&, const http::Call&) {
  return net::Problem(404, "no_route", "There are /status, /reload and /pipelines/NAME/run.");
}

struct Run {
  std::function<Result<nlohmann::json>()> run;
  std::unique_ptr<net::HttpResponder> responder;
};

class ControlApiImpl : public ControlApi {
 public:
  explicit ControlApiImpl(ControlHooks hooks) : hooks_(std::move(hooks)) { AddRoutes(); }
  ~ControlApiImpl() override { ControlApiImpl::Stop(0); }

  Status Listen(const std::string& endpoint) {
    ST_TRY(server_, net::HttpServer::Start({.listen = endpoint, .name = "control", .limits = {}},
                                           [this](net::HttpRequest request, auto responder) {
                                             table_.Handle(std::move(request),
                                                           std::move(responder));
                                           }));
    thread_ = os::Thread("st-control", [this] { Work(); });
    return {};
  }

  void Stop(std::int64_t grace_us) override {
    {
      MutexLock lock(mu_);
      stopping_ = true;
      for (auto& run : runs_) {
        run.responder->Send(net::Problem(503, "stopping", "The server is stopping."));
      }
      runs_.clear();
      wake_.NotifyAll();
    }
    thread_.Join();
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
                  Queue(hooks_.reload, std::move(to));
                }});
    table_.Add({.methods = {"POST"},
                .path = "/pipelines/{name}/run",
                .handler = [this](const http::Call& call, std::unique_ptr<net::HttpResponder> to) {
                  Queue([this, name = call.variables[0]] { return hooks_.run_pipeline(name); },
                        std::move(to));
                }});
  }

  void Queue(std::function<Result<nlohmann::json>()> run,
             std::unique_ptr<net::HttpResponder> responder) {
    MutexLock lock(mu_);
    if (stopping_ || runs_.size() >= kMaxQueuedRuns) {
      return responder->Send(
          net::Problem(503, "busy", "Too many runs wait, or the server is stopping."));
    }
    runs_.push_back({std::move(run), std::move(responder)});
    wake_.NotifyAll();
  }

  void Work() {
    while (auto run = Next()) {
      const auto done = run->run();
      run->responder->Send(done ? Json(*done) : ProblemFor(done.error()));
    }
  }

  std::optional<Run> Next() {
    MutexLock lock(mu_);
    while (runs_.empty() && !stopping_) wake_.Wait(mu_);
    if (stopping_) return std::nullopt;
    Run run = std::move(runs_.front());
    runs_.pop_front();
    return run;
  }

  const ControlHooks hooks_;
  http::RouteTable table_{{.not_found = NoRoute}};
  std::unique_ptr<net::HttpServer> server_;
  os::Thread thread_;
  Mutex mu_;
  CondVar wake_;
  std::deque<Run> runs_ ST_GUARDED_BY(mu_);
  bool stopping_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace

Result<std::unique_ptr<ControlApi>> ControlApi::Start(const std::string& endpoint,
                                                      ControlHooks hooks) {
  auto api = std::make_unique<ControlApiImpl>(std::move(hooks));
  ST_TRY_STATUS(api->Listen(endpoint));
  return api;
}

}  // namespace st::api
