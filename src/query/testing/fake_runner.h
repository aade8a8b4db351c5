// A Runner without a process, whose answers a test scripts.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "query/runner.h"

namespace st::query::testing {

// What all fake runners do, and what was asked of them.
//
// Threads: safe from any thread.
class Script {
 public:
  // Pages of rows as JSON; the last one ends the statement.
  void SetPages(std::vector<std::string> pages) {
    const MutexLock lock(mu_);
    pages_ = std::move(pages);
  }
  void SetError(jobs::QueryError error) {
    const MutexLock lock(mu_);
    error_ = std::move(error);
  }
  // Statements stop in StartQuery until Release or their Cancel.
  void Hold() {
    const MutexLock lock(mu_);
    is_held_ = true;
  }
  void Release() {
    const MutexLock lock(mu_);
    is_held_ = false;
    changed_.NotifyAll();
  }
  void WaitForJobs(std::size_t count) {
    const MutexLock lock(mu_);
    while (jobs_.size() < count) changed_.Wait(mu_);
  }
  std::vector<jobs::QueryJob> jobs() const {
    const MutexLock lock(mu_);
    return jobs_;
  }
  int pages_read() const {
    const MutexLock lock(mu_);
    return pages_read_;
  }
  int cancels() const {
    const MutexLock lock(mu_);
    return cancels_;
  }

 private:
  friend class FakeRunner;
  mutable Mutex mu_;
  CondVar changed_;
  std::vector<std::string> pages_ ST_GUARDED_BY(mu_){"[[1]]"};
  std::optional<jobs::QueryError> error_ ST_GUARDED_BY(mu_);
  bool is_held_ ST_GUARDED_BY(mu_) = false;
  std::vector<jobs::QueryJob> jobs_ ST_GUARDED_BY(mu_);
  int pages_read_ ST_GUARDED_BY(mu_) = 0;
  int cancels_ ST_GUARDED_BY(mu_) = 0;
};

class FakeRunner final : public Runner {
 public:
  explicit FakeRunner(Script& script) : script_(script) {}
  Status Start() override { return {}; }

  jobs::QueryResult<std::vector<jobs::ResultColumn>> StartQuery(const jobs::QueryJob& job,
                                                                std::int64_t,
                                                                const jobs::ChooseFiles&) override {
    const MutexLock lock(script_.mu_);
    script_.jobs_.push_back(job);
    script_.changed_.NotifyAll();
    is_cancelled_ = false;
    while (script_.is_held_ && !is_cancelled_) script_.changed_.Wait(script_.mu_);
    if (is_cancelled_) return std::unexpected(jobs::QueryError{.name = "USER_CANCELED"});
    if (script_.error_) return std::unexpected(*script_.error_);
    pages_.assign(script_.pages_.begin(), script_.pages_.end());
    return std::vector<jobs::ResultColumn>{
        {.name = "n", .type = "bigint", .signature = R"({"rawType":"bigint","arguments":[]})"}};
  }

  jobs::QueryResult<jobs::QueryPage> NextPage() override {
    const MutexLock lock(script_.mu_);
    ++script_.pages_read_;
    if (pages_.empty()) return jobs::QueryPage{.rows = 0, .rows_json = "[]", .is_last = true};
    jobs::QueryPage page{.rows = 1, .rows_json = pages_.front(), .is_last = pages_.size() == 1};
    pages_.pop_front();
    return page;
  }
  void EndQuery() override {}
  void Cancel() override {
    const MutexLock lock(script_.mu_);
    is_cancelled_ = true;
    ++script_.cancels_;
    script_.changed_.NotifyAll();
  }

 private:
  Script& script_;
  bool is_cancelled_ ST_GUARDED_BY(script_.mu_) = false;
  std::deque<std::string> pages_;
};

}  // namespace st::query::testing
