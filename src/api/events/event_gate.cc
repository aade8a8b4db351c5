#include "api/events/event_gate.h"

namespace st::api {

EventGate::Pass EventGate::Enter(std::shared_ptr<EventGate> gate) {
  {
    MutexLock lock(gate->mu_);
    if (gate->is_closed_) return {};
    ++gate->inside_;
  }
  return Pass(std::move(gate));
}

void EventGate::Leave() {
  MutexLock lock(mu_);
  if (--inside_ == 0) left_.NotifyAll();
}

bool EventGate::CloseAndWait(std::chrono::microseconds most) {
  MutexLock lock(mu_);
  is_closed_ = true;
  while (inside_ != 0 && left_.WaitFor(mu_, most)) {
  }
  return inside_ == 0;
}

void EventGate::Open() {
  MutexLock lock(mu_);
  is_closed_ = false;
}

}  // namespace st::api
