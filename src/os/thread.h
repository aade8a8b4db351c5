// A named thread that is joined by its destructor.
#pragma once

#include <functional>
#include <string>
#include <thread>

namespace st::os {

// Threads: owned by one thread. `name` names the owner of the data that the thread works on; the
//          system shows 15 bytes of it.
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

// Number of the processor cores that this process may use; at least 1.
int CoreCount();

}  // namespace st::os
