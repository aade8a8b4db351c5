#include "cli/interrupts.h"

#include <unistd.h>

#include <utility>

#include "cli/exit_code.h"
#include "os/process.h"

namespace st::cli {

Interrupts::Interrupts(std::function<void()> cancel, std::function<void()> leave)
    : cancel_(std::move(cancel)),
      leave_(std::move(leave)),
      thread_("signals", [this] { Watch(); }) {}

void Interrupts::Watch() {
  constexpr std::int64_t kLookUs = 10'000;
  while (!is_done_) {
    if (os::WaitForTerminationSignal(kLookUs) == 0) continue;
    if (interrupted_) {
      if (leave_) leave_();
      ::_exit(kExitInterrupted);
    }
    interrupted_ = true;
    cancel_();
  }
}

}  // namespace st::cli
