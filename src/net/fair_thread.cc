#include "net/fair_thread.h"

#include <exception>
#include <utility>

namespace st::net {

void FairThread::Submit(const std::string& client, Job job) {
  const MutexLock lock(mu_);
  if (is_stopping_) return;
  auto& jobs = jobs_[client];
  if (jobs.empty()) turns_.push_back(client);
  jobs.push_back(std::move(job));
  submitted_.NotifyOne();
}

void FairThread::Stop() {
  std::unordered_map<std::string, std::deque<Job>> dropped;
  {
    const MutexLock lock(mu_);
    is_stopping_ = true;
    dropped.swap(jobs_);
    turns_.clear();
    submitted_.NotifyOne();
  }
  thread_.Join();
}

bool FairThread::Next(Job& job) {
  const MutexLock lock(mu_);
  while (turns_.empty() && !is_stopping_) submitted_.Wait(mu_);
  if (is_stopping_) return false;
  auto client = std::move(turns_.front());
  turns_.pop_front();
  const auto found = jobs_.find(client);
  job = std::move(found->second.front());
  found->second.pop_front();
  if (found->second.empty()) {
    jobs_.erase(found);
  } else {
    turns_.push_back(std::move(client));
  }
  return true;
}

void FairThread::Run() {
  Job job;
  while (Next(job)) {
    try {
      job();
    } catch (const std::exception&) {
      // Its responder goes with it, and closes the connection.
    }
    job = {};
  }
}

}  // namespace st::net
