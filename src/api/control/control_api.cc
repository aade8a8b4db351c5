#include "api/control/control_api.h"

#include <deque>

#include "base/mutex.h"
#include "os/thread.h"

namespace st::api {
namespace {

constexpr std::string_view kPipelines = "/pipelines/";
constexpr std::string_view kRun = "/run";
constexpr std::string_view kReload = "/reload";

net::HttpResponse Json(const nlohmann::json& json) {
  net::HttpResponse response;
  response.content_type = "application/json";
  response.body = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return response;
}

net::HttpResponse ProblemFor(const Error& error) {
  return net::Problem(HttpStatusFor(error.code()), "refused", error.message());
}

struct Run {
  std::function<Result<nlohmann::json>()> run;
  std::unique_ptr<net::HttpResponder> responder;
};

class ControlApiImpl : public ControlApi {
 public:
  explicit ControlApiImpl(ControlHooks hooks) : hooks_(std::move(hooks)) {}
  ~ControlApiImpl() override { ControlApiImpl::Stop(0); }

  Status Listen(const std::string& endpoint) {
    ST_TRY(server_, net::HttpServer::Start({.listen = endpoint, .name = "control", .limits = {}},
                                           [this](net::HttpRequest request, auto responder) {
                                             Handle(request, std::move(responder));
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
  void Handle(const net::HttpRequest& request, std::unique_ptr<net::HttpResponder> responder) {
    if (request.path == "/status") return responder->Send(Json(hooks_.status()));
    std::string_view path = request.path;
    const bool is_run = path.starts_with(kPipelines) && path.ends_with(kRun) &&
                        path.size() > kPipelines.size() + kRun.size();
    if (!is_run && path != kReload) {
      return responder->Send(
          net::Problem(404, "no_route", "There are /status, /reload and /pipelines/NAME/run."));
    }
    if (request.method != "POST") {
      auto problem = net::Problem(405, "method_not_allowed", "It is asked for by POST.");
      problem.headers.emplace_back("Allow", "POST");
      return responder->Send(std::move(problem));
    }
    if (!is_run) return Queue(hooks_.reload, std::move(responder));
    path.remove_prefix(kPipelines.size());
    path.remove_suffix(kRun.size());
    Queue([this, name = std::string(path)] { return hooks_.run_pipeline(name); },
          std::move(responder));
  }

  void Queue(std::function<Result<nlohmann::json>()> run,
             std::unique_ptr<net::HttpResponder> responder) {
    MutexLock lock(mu_);
    if (stopping_ || runs_.size() >= kMaxQueuedRuns) {
      return responder->Send(net::Problem(503, "busy", "Too many runs wait, or it is stopping."));
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

int HttpStatusFor(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kAlreadyExists:
    case ErrorCode::kConflict:
      return 409;
    case ErrorCode::kUnsupported:
      return 501;
    case ErrorCode::kUnavailable:
    case ErrorCode::kShutdown:
      return 503;
    case ErrorCode::kDeadline:
      return 504;
    case ErrorCode::kOutcomeUnknown:
    case ErrorCode::kCorruption:
    case ErrorCode::kIo:
      return 500;
  }
  return 500;
}

}  // namespace st::api
