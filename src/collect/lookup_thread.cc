#include "collect/lookup_thread.h"

#include <utility>

namespace st::collect {

LookupThread::~LookupThread() {
  {
    MutexLock lock(mu_);
    is_stopping_ = true;
    wake_.NotifyAll();
  }
  thread_.Join();
}

void LookupThread::Post(Job job) {
  MutexLock lock(mu_);
  jobs_.push_back(std::move(job));
  if (!std::exchange(is_started_, true)) {
    thread_ = os::Thread("key-lookup", [this] { Loop(); });
  }
  wake_.NotifyAll();
}

void LookupThread::Loop() {
  while (true) {
    Job job;
    {
      MutexLock lock(mu_);
      while (jobs_.empty() && !is_stopping_) wake_.WaitFor(mu_, std::chrono::seconds(1));
      if (jobs_.empty()) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace st::collect
