#include "net/http_server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "net/acceptor.h"
#include "net/http_connection.h"
#include "net/limits.h"
#include "net/server_core.h"

namespace st::net {
namespace {

std::int64_t ShortestTimeout(const HttpLimits& limits) {
  return std::min({limits.header_timeout_us, limits.body_timeout_us, limits.idle_timeout_us,
                   limits.write_timeout_us});
}

ServerCore::Options CoreOptions(const HttpOptions& options) {
  return SharedBy({.name = options.name,
                   .max_connections = options.limits.max_connections,
                   .max_refusals = kMaxLingeringRefusals,
                   .budgets = options.budgets,
                   .sweep_us = SweepInterval(ShortestTimeout(options.limits)),
                   .metrics = options.metrics,
                   .served = nullptr});
}

// One of a server's io threads.
struct Lane {
  Lane(const HttpOptions& options, HttpHandler handler, const ServerCore::Options& core_options)
      : shared(options, std::move(handler)),
        core(core_options, [this](std::unique_ptr<Stream> stream, const ServerCore::Place& place) {
          return std::make_shared<HttpConnection>(shared, std::move(stream), place);
        }) {
    shared.core = &core;
  }
  HttpShared shared;
  ServerCore core;
};

class Server final : public HttpServer {
 public:
  Server(const HttpOptions& options, const HttpHandler& handler)
      : lanes_(MakeLanes<Lane>(options.io_threads, options, handler, CoreOptions(options))),
        acceptor_({.listen = options.listen, .name = options.name, .metrics = options.metrics},
                  CoresOf(lanes_)) {}
  Status Open() { return acceptor_.Open(); }
  const std::string& address() const override { return acceptor_.address(); }
  void Stop(std::int64_t grace_us) override { acceptor_.Stop(grace_us); }

 private:
  const std::vector<std::unique_ptr<Lane>> lanes_;
  Acceptor acceptor_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpOptions& options,
                                                      const HttpHandler& handler) {
  auto server = std::make_unique<Server>(options, handler);
  ST_TRY_STATUS(server->Open());
  return server;
}

}  // namespace st::net
