// Connections of one server that wait for room of a budget, in the order in which they began to.
// For net alone.
//
// Threads: safe from any thread.
// Limits:  kRetriedWaiters.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>

#include "base/mutex.h"

namespace st::net {

class RoomQueue {
 public:
  // Posts a task to the io thread of its connection; it does not run the task itself.
  using Retry = std::function<void()>;
  void Add(Retry retry);
  // Lets the first few try again, each once. Others are tried when more room is given back, and at
  // each sweep of their connections.
  void RetrySome();

 private:
  std::atomic<std::size_t> size_ = 0;  // of waiting_: most looks find nobody
  Guarded<std::deque<Retry>> waiting_;
};

}  // namespace st::net
