#include "group/outbox.h"

#include <utility>

namespace st::group {

void Outbox::Add(std::function<void()> one) {
  MutexLock lock(mu_);
  waiting_.push_back(std::move(one));
}

void Outbox::Drain() {
  {
    MutexLock lock(mu_);
    if (is_draining_) return;
    is_draining_ = true;
  }
  while (true) {
    std::vector<std::function<void()>> due;
    {
      MutexLock lock(mu_);
      if (waiting_.empty()) {
        is_draining_ = false;
        return;
      }
      due = std::exchange(waiting_, {});
    }
    for (const auto& one : due) one();
  }
}

}  // namespace st::group
