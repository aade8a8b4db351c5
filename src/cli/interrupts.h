// Ctrl-C while a command works.
#pragma once

#include <atomic>
#include <functional>

#include "os/thread.h"

namespace st::cli {

// The first Ctrl-C (or SIGTERM, SIGHUP) calls `cancel`, which ends the work; a second one calls
// `leave` and ends the program at once.
//
// Threads:  its own thread waits for the signals and calls both. Requires
//           os::BlockTerminationSignals before any other thread was started.
class Interrupts {
 public:
  explicit Interrupts(std::function<void()> cancel, std::function<void()> leave = {});
  ~Interrupts() { is_done_ = true; }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;
  bool interrupted() const { return interrupted_; }

 private:
  void Watch();

  const std::function<void()> cancel_;
  const std::function<void()> leave_;
  std::atomic<bool> is_done_{false};
  std::atomic<bool> interrupted_{false};
  os::Thread thread_;  // last member, since it uses the others
};

}  // namespace st::cli
