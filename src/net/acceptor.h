// Accepts the connections of a listener and spreads them over its io threads: each goes to the one
// that has the fewest. For net alone.
#pragma once

#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/result.h"
#include "net/address.h"
#include "net/server_core.h"
#include "net/stream.h"
#include "os/process.h"

namespace st::net {

// A server's options for each of its io threads; all share the same budgets and count.
ServerCore::Options SharedBy(ServerCore::Options options);

// The parts of a server that each io thread has once; a Lane has a `core`. Requires: one or more.
template <typename Lane, typename... Arguments>
std::vector<std::unique_ptr<Lane>> MakeLanes(int threads, Arguments&&... arguments) {
  std::vector<std::unique_ptr<Lane>> lanes;
  for (int i = 0; i < threads; ++i) lanes.push_back(std::make_unique<Lane>(arguments...));
  return lanes;
}
template <typename Lane>
std::vector<ServerCore*> CoresOf(const std::vector<std::unique_ptr<Lane>>& lanes) {
  std::vector<ServerCore*> cores;
  cores.reserve(lanes.size());
  for (const auto& lane : lanes) cores.push_back(&lane->core);
  return cores;
}

// A listener with its io threads.
//
// Threads: Open and Stop from one thread; it accepts on the first of the io threads.
// Owner:   `cores`, one or more, which it starts and stops, must outlive it.
class Acceptor {
 public:
  // "ADDRESS:PORT" or "unix:/path"; the listener's name in metrics, which may be null.
  struct Options {
    std::string listen;
    std::string name;
    MetricRegistry* metrics = nullptr;
  };
  Acceptor(Options options, std::vector<ServerCore*> cores);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  ~Acceptor() { Stop(0); }

  // Errors: as Listener::Open.
  Status Open();
  // With the port that was taken.
  const std::string& address() const { return address_; }
  // Stops accepting, then all threads as ServerCore::BeginStop. Idempotent.
  void Stop(std::int64_t grace_us);

 private:
  void Accept();
  // Accepts and closes waiting connections when no descriptor is left to serve them; their clients
  // would wait otherwise.
  void TurnAway();
  ServerCore& LeastLoaded() const;
  void Close();

  const Options options_;
  const std::vector<ServerCore*> cores_;
  std::string address_;
  int family_ = 0;
  Metric* accepted_ = nullptr;
  Metric* refused_ = nullptr;
  std::optional<Listener> listener_;
  os::UniqueFd spare_;  // closed for a moment to accept and close clients
  boost::asio::basic_socket_acceptor<Protocol> acceptor_;
  boost::asio::steady_timer pause_;
  bool is_closed_ = false;
  std::atomic<bool> is_stopped_ = false;
};

}  // namespace st::net
