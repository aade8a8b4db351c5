#include "os/thread.h"

#include <pthread.h>

#include <algorithm>
#include <utility>

namespace st::os {

Thread::Thread(std::string name, std::function<void()> body)
    : thread_([name = std::move(name), body = std::move(body)] {
        ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
        body();
      }) {}

void Thread::Join() {
  if (thread_.joinable()) thread_.join();
}

int CoreCount() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

}  // namespace st::os
