#include "collect/lookup_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <vector>

namespace st::collect {
namespace {

TEST(LookupThread, RunsJobsInTheirOrderAndThoseThatWaitBeforeItEnds) {
  std::vector<int> ran;  // touched by the thread alone until it ended
  std::promise<void> go;
  {
    LookupThread thread;
    thread.Post([&] { go.get_future().wait(); });
    for (int i = 0; i < 5; ++i) thread.Post([&ran, i] { ran.push_back(i); });
    go.set_value();
  }
  EXPECT_EQ(ran, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(LookupThread, TheCallerDoesNotWaitForTheJob) {
  std::promise<void> go;
  std::promise<void> ran;
  LookupThread thread;
  thread.Post([&] {
    go.get_future().wait();
    ran.set_value();
  });
  go.set_value();  // would never be reached
  EXPECT_EQ(ran.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
}

}  // namespace
}  // namespace st::collect
