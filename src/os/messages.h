// Writes messages for people to a descriptor and never blocks its caller, also with a full pipe, a
// stopped or closed terminal, or a full disk.
//
// Threads: safe from any thread. A thread of its own writes, and is left behind at the end of the
//          process if the descriptor takes nothing.
// Limits:  kMaxQueuedMessageBytes wait; further messages are dropped and counted, and the next
//          message that is written gives their number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace st::os {

inline constexpr std::size_t kMaxQueuedMessageBytes = 64 << 10;
inline constexpr std::int64_t kMessageFlushUs = 200'000;  // the longest wait of the destructor

class Messages {
 public:
  // `fd` stays open until the process ends.
  explicit Messages(int fd);
  Messages(const Messages&) = delete;
  Messages& operator=(const Messages&) = delete;
  ~Messages();
  // `text` ends with a newline.
  void Write(std::string text);
  // Not written: the queue was full, or the descriptor refused them.
  std::int64_t dropped() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace st::os
