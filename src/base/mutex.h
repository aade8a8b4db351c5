// Mutex, MutexLock, CondVar with clang's thread-safety annotations, and Guarded<T>.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <utility>

#define ST_CAPABILITY(x) __attribute__((capability(x)))
#define ST_SCOPED_CAPABILITY __attribute__((scoped_lockable))
#define ST_GUARDED_BY(x) __attribute__((guarded_by(x)))
#define ST_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define ST_ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define ST_RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
#define ST_EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))
#define ST_NO_THREAD_SAFETY_ANALYSIS __attribute__((no_thread_safety_analysis))

namespace st {

class CondVar;

// A std::mutex that clang's -Wthread-safety understands.
class ST_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;
  void Lock() ST_ACQUIRE() { mu_.lock(); }
  void Unlock() ST_RELEASE() { mu_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mu_;
};

class ST_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mu) ST_ACQUIRE(mu) : mu_(mu) { mu_.Lock(); }
  ~MutexLock() ST_RELEASE() { mu_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mu_;
};

// Waits may wake without a reason: test the condition in a loop.
class CondVar {
 public:
  void Wait(Mutex& mu) ST_REQUIRES(mu) ST_NO_THREAD_SAFETY_ANALYSIS {
    std::unique_lock<std::mutex> lock(mu.mu_, std::adopt_lock);
    cv_.wait(lock);
    lock.release();
  }
  // Returns false when `timeout_us` microseconds passed.
  bool WaitFor(Mutex& mu, std::chrono::microseconds timeout)
      ST_REQUIRES(mu) ST_NO_THREAD_SAFETY_ANALYSIS {
    std::unique_lock<std::mutex> lock(mu.mu_, std::adopt_lock);
    // wait_until on the system clock: wait_for's steady clock is unknown to ThreadSanitizer.
    const bool woken = cv_.wait_until(lock, std::chrono::system_clock::now() + timeout) ==
                       std::cv_status::no_timeout;
    lock.release();
    return woken;
  }
  void NotifyOne() { cv_.notify_one(); }
  void NotifyAll() { cv_.notify_all(); }

 private:
  std::condition_variable cv_;
};

// Data that cannot be touched without its lock.
template <typename T>
class Guarded {
 public:
  Guarded() = default;
  explicit Guarded(T value) : value_(std::move(value)) {}
  // Runs `f(T&)` under the lock; `f` must not block.
  template <typename F>
  decltype(auto) With(F&& f) {
    MutexLock lock(mu_);
    return std::forward<F>(f)(value_);
  }
  template <typename F>
  decltype(auto) With(F&& f) const {
    MutexLock lock(mu_);
    return std::forward<F>(f)(value_);
  }

 private:
  mutable Mutex mu_;
  T value_ ST_GUARDED_BY(mu_){};
};

}  // namespace st
