#include "net/frame_server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "net/acceptor.h"
#include "net/frame_connection.h"

namespace st::net {
namespace {

std::int64_t ShortestTimeout(const FrameOptions& options) {
  return std::min({options.first_frame_timeout_us, options.frame_timeout_us,
                   options.idle_timeout_us, options.write_timeout_us});
}

ServerCore::Options CoreOptions(const FrameOptions& options) {
  return SharedBy({.name = options.name,
                   .max_connections = options.max_connections,
                   .budgets = options.budgets,
                   .sweep_us = SweepInterval(ShortestTimeout(options)),
                   .metrics = options.metrics,
                   .served = nullptr});
}

// One of a server's io threads.
struct Lane {
  Lane(const FrameOptions& options, const FrameHandler& handler, RoomQueue& waiting,
       const ServerCore::Options& core_options)
      : shared(options, handler, waiting),
        core(core_options, [this](std::unique_ptr<Stream> stream, const ServerCore::Place& place) {
          return std::make_shared<FrameConnection>(shared, std::move(stream), place);
        }) {
    shared.core = &core;
  }
  FrameShared shared;
  ServerCore core;
};

class Server final : public FrameServer {
 public:
  Server(FrameOptions options, FrameHandler handler)
      : options_(std::move(options)),
        handler_(std::move(handler)),
        lanes_(MakeLanes<Lane>(options_.io_threads, options_, handler_, waiting_,
                               CoreOptions(options_))),
        acceptor_({.listen = options_.listen, .name = options_.name, .metrics = options_.metrics},
                  CoresOf(lanes_)) {}
  Status Open() { return acceptor_.Open(); }
  const std::string& address() const override { return acceptor_.address(); }
  void Stop(std::int64_t grace_us) override { acceptor_.Stop(grace_us); }
  void RunAfter(std::int64_t delay_us, std::function<void()> task) override {
    lanes_.front()->core.RunAfter(delay_us, std::move(task));
  }

 private:
  const FrameOptions options_;
  const FrameHandler handler_;
  RoomQueue waiting_;
  const std::vector<std::unique_ptr<Lane>> lanes_;
  Acceptor acceptor_;
};

}  // namespace

Result<std::unique_ptr<FrameServer>> FrameServer::Start(FrameOptions options,
                                                        FrameHandler handler) {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler));
  ST_TRY_STATUS(server->Open());
  return server;
}

}  // namespace st::net
