#include "net/http_server.h"

#include <algorithm>

#include "net/http_connection.h"
#include "net/limits.h"
#include "net/server_core.h"

namespace st::net {
namespace {

std::int64_t ShortestTimeout(const HttpLimits& limits) {
  return std::min({limits.header_timeout_us, limits.body_timeout_us, limits.idle_timeout_us,
                   limits.write_timeout_us});
}

class Server final : public HttpServer {
 public:
  Server(const HttpOptions& options, HttpHandler handler)
      : shared_(options, std::move(handler)),
        core_({.listen = options.listen,
               .name = options.name,
               .max_connections = options.limits.max_connections,
               .max_refusals = kMaxLingeringRefusals,
               .budgets = options.budgets,
               .sweep_us = SweepInterval(ShortestTimeout(options.limits)),
               .metrics = options.metrics},
              [this](std::unique_ptr<Stream> stream, const ServerCore::Place& place) {
                return std::make_shared<HttpConnection>(shared_, std::move(stream), place);
              }) {
    shared_.core = &core_;
  }
  Status Open() { return core_.Open(); }
  const std::string& address() const override { return core_.address(); }
  void Stop(std::int64_t grace_us) override { core_.Stop(grace_us); }

 private:
  HttpShared shared_;
  ServerCore core_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(HttpOptions options, HttpHandler handler) {
  auto server = std::make_unique<Server>(options, std::move(handler));
  ST_TRY_STATUS(server->Open());
  return server;
}

}  // namespace st::net
