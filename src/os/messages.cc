#include "os/messages.h"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <deque>
#include <string_view>
#include <thread>

#include "base/mutex.h"

namespace st::os {

struct Messages::State {
  Mutex mu;
  CondVar changed;
  std::deque<std::string> queue ST_GUARDED_BY(mu);
  std::size_t queued_bytes ST_GUARDED_BY(mu) = 0;
  bool is_writing ST_GUARDED_BY(mu) = false;
  bool is_closed ST_GUARDED_BY(mu) = false;
  std::int64_t dropped ST_GUARDED_BY(mu) = 0;
  std::int64_t reported ST_GUARDED_BY(mu) = 0;  // how many of `dropped` a written message has told
};

namespace {

// Returns false if the descriptor refuses the write.
bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EAGAIN) {  // another process made it non-blocking
      pollfd wait{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&wait, 1, -1);
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

}  // namespace

Messages::Messages(int fd) : state_(std::make_shared<State>()) {
  // This is no os::Thread, because that is joined and a write may block for ever.
  std::thread([fd, state = state_] {
    ::pthread_setname_np(::pthread_self(), "messages");
    while (true) {
      std::string text;
      std::int64_t lost = 0;
      {
        MutexLock lock(state->mu);
        state->is_writing = false;
        state->changed.NotifyAll();
        while (state->queue.empty() && !state->is_closed) state->changed.Wait(state->mu);
        if (state->queue.empty()) return;
        text = std::move(state->queue.front());
        state->queue.pop_front();
        state->queued_bytes -= text.size();
        state->is_writing = true;
        lost = state->dropped - state->reported;
      }
      if (lost > 0) text = fmt::format("({} messages were dropped)\n", lost) + text;
      const bool is_written = WriteAll(fd, text);
      MutexLock lock(state->mu);
      if (is_written) {
        state->reported += lost;
      } else {
        ++state->dropped;
      }
    }
  }).detach();
}

Messages::~Messages() {
  MutexLock lock(state_->mu);
  state_->is_closed = true;
  state_->changed.NotifyAll();
  const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds(kMessageFlushUs);
  while (!state_->queue.empty() || state_->is_writing) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left.count() <= 0) return;
    state_->changed.WaitFor(state_->mu,
                            std::chrono::duration_cast<std::chrono::microseconds>(left));
  }
}

void Messages::Write(std::string text) {
  MutexLock lock(state_->mu);
  if (state_->queued_bytes + text.size() > kMaxQueuedMessageBytes) {
    ++state_->dropped;
    return;
  }
  state_->queued_bytes += text.size();
  state_->queue.push_back(std::move(text));
  state_->changed.NotifyAll();
}

std::int64_t Messages::dropped() const {
  MutexLock lock(state_->mu);
  return state_->dropped;
}

}  // namespace st::os
