#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/mutex.h"
#include "os/environment.h"
#include "os/system_time.h"
#include "os/thread.h"

namespace st::cli {
namespace {

constexpr std::int64_t kBetweenUs = 200'000;
constexpr std::int64_t kLookUs = 1'000'000;

}  // namespace

Progress::Progress() : is_terminal_(os::IsTerminal(STDERR_FILENO)) {}

void Progress::Show(const std::string& text) {
  if (!is_terminal_) return;
  const auto now_us = os::SystemMonotonicUs();
  if (last_us_ != 0 && now_us - last_us_ < kBetweenUs) return;
  last_us_ = now_us;
  has_line_ = true;
  std::fprintf(stderr, "\r\x1b[K%s", text.c_str());  // to the line's beginning, and clears it
  std::fflush(stderr);
}

void Progress::Clear() {
  if (!has_line_) return;
  has_line_ = false;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
}

void WithProgress(const std::function<void()>& work, const std::function<std::string()>& text) {
  Progress progress;
  if (!progress.is_shown()) return work();
  bool is_over = false;
  Mutex mu;
  CondVar over;
  const os::Thread working("work", [&] {
    work();
    const MutexLock lock(mu);
    is_over = true;
    over.NotifyAll();
  });
  while (true) {
    {
      const MutexLock lock(mu);
      if (!is_over) over.WaitFor(mu, std::chrono::microseconds(kLookUs));
      if (is_over) return;
    }
    const auto line = text();
    if (!line.empty()) progress.Show(line);
  }
}

std::string Percent(std::int64_t done, std::int64_t all) {
  if (all <= 0) return "100 %";
  const auto share = static_cast<double>(done) / static_cast<double>(all);
  return fmt::format("{} %", static_cast<int>(100 * std::clamp(share, 0.0, 1.0)));
}

}  // namespace st::cli
