// A named thread that is joined by its destructor.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace st::os {

// Threads: owned by one thread. `name` (at most 15 bytes are shown by the system) says who owns
// what.
class Thread {
 public:
  Thread() = default;
  Thread(std::string name, std::function<void()> body);
  Thread(Thread&&) = default;
  Thread& operator=(Thread&&) = default;
  ~Thread() { Join(); }
  // Not an error if it has no body or was joined.
  void Join();

 private:
  std::thread thread_;
};

}  // namespace st::os
