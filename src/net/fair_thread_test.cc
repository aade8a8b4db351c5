#include "net/fair_thread.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace st::net {
namespace {

constexpr std::chrono::seconds kWait(20);

// A thread whose first job waits, so that others gather behind it.
class FairThreadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    thread_.Submit("first", [this] {
      begun_.set_value();
      let_go_.get_future().wait_for(kWait);
    });
    ASSERT_EQ(begun_.get_future().wait_for(kWait), std::future_status::ready);
  }
  // Has the jobs of client "a" run that were submitted so far.
  void Finish() {
    std::promise<void> ran;
    thread_.Submit("a", [&ran] { ran.set_value(); });
    let_go_.set_value();
    ASSERT_EQ(ran.get_future().wait_for(kWait), std::future_status::ready);
  }

  std::promise<void> begun_;
  std::promise<void> let_go_;
  FairThread thread_{"fair"};
};

TEST_F(FairThreadTest, EachClientInTurn) {
  std::string ran;
  for (int i = 0; i < 3; ++i) thread_.Submit("a", [&ran] { ran += 'a'; });
  for (int i = 0; i < 2; ++i) thread_.Submit("b", [&ran] { ran += 'b'; });
  Finish();
  EXPECT_EQ(ran, "ababa");
}

TEST_F(FairThreadTest, AnExceptionEndsItsJobAlone) {
  std::string ran;
  thread_.Submit("a", [] { throw std::runtime_error("a bug"); });
  thread_.Submit("a", [&ran] { ran += 'a'; });
  Finish();
  EXPECT_EQ(ran, "a");
}

TEST_F(FairThreadTest, AfterStopNoJobIsKeptOrRun) {
  auto held = std::make_shared<int>();
  const std::weak_ptr<int> seen = held;
  thread_.Submit("a", [held = std::move(held)] {});
  let_go_.set_value();
  thread_.Stop();
  EXPECT_TRUE(seen.expired());
  bool has_run = false;
  thread_.Submit("a", [&has_run] { has_run = true; });
  thread_.Stop();
  EXPECT_FALSE(has_run);
}

}  // namespace
}  // namespace st::net
