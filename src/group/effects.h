// What the rules of membership have their coordinator do.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "group/group.h"
#include "group/state.h"

namespace st::group {

// Threads: those of the coordinator, under its lock.
class Effects {
 public:
  virtual ~Effects() = default;
  virtual std::int64_t NowUs() = 0;  // monotonic
  virtual std::int64_t NowMs() = 0;  // of the day
  virtual std::string NewId() = 0;
  // Runs `reply` once the coordinator's lock is released; in the order of the calls.
  virtual void Reply(std::function<void()> reply) = 0;
  // Makes the group's state durable as if it were in `as`; then runs `then` with the group and
  // whether it is durable, under the lock.
  virtual void Store(Group& group, State as, std::function<void(Group&, bool)> then) = 0;
};

}  // namespace st::group
