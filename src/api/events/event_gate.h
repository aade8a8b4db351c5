// Lets events of one declaration through until another declaration takes its place.
//
// Threads: safe from any thread. Only CloseAndWait waits.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

#include "base/mutex.h"

namespace st::api {

class EventGate {
 public:
  // One event on its way to the log, which the gate counts until the pass is destroyed; or nothing.
  class Pass {
   public:
    Pass() = default;
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&& other) = delete;
    ~Pass() {
      if (gate_ != nullptr) gate_->Leave();
    }
    explicit operator bool() const { return gate_ != nullptr; }

   private:
    friend class EventGate;
    explicit Pass(std::shared_ptr<EventGate> gate) : gate_(std::move(gate)) {}
    std::shared_ptr<EventGate> gate_;
  };

  // Nothing: the gate is closed.
  static Pass Enter(std::shared_ptr<EventGate> gate);

  // Lets nothing in any more. True: no event is on its way; false: some still are after `most`.
  bool CloseAndWait(std::chrono::microseconds most);
  void Open();

 private:
  void Leave();

  Mutex mu_;
  CondVar left_;
  std::size_t inside_ ST_GUARDED_BY(mu_) = 0;
  bool is_closed_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace st::api
