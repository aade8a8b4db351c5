#include "cli/interrupts.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <future>

#include "os/process.h"

namespace st::cli {
namespace {

constexpr std::chrono::seconds kWait(20);

// The signals are blocked before the first thread starts, as main does.
class InterruptsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { os::BlockTerminationSignals(); }
  static void Interrupt() { ASSERT_EQ(::kill(::getpid(), SIGINT), 0); }
};

TEST_F(InterruptsTest, TheFirstSignalCancels) {
  std::promise<void> cancelled;
  const Interrupts interrupts([&] { cancelled.set_value(); });
  EXPECT_FALSE(interrupts.interrupted());
  Interrupt();
  ASSERT_EQ(cancelled.get_future().wait_for(kWait), std::future_status::ready);
  EXPECT_TRUE(interrupts.interrupted());
}

TEST_F(InterruptsTest, WithoutASignalNothingIsCalled) {
  bool is_called = false;
  {
    const Interrupts interrupts([&] { is_called = true; }, [&] { is_called = true; });
    EXPECT_FALSE(interrupts.interrupted());
  }
  EXPECT_FALSE(is_called);
}

TEST_F(InterruptsTest, TheSecondSignalLeaves) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto interrupt_twice = [] {
    std::promise<void> cancelled;
    const Interrupts interrupts([&] { cancelled.set_value(); }, [] { ::_exit(7); });
    Interrupt();
    cancelled.get_future().wait_for(kWait);
    Interrupt();
    std::promise<void>().get_future().wait_for(kWait);
  };
  EXPECT_EXIT(interrupt_twice(), ::testing::ExitedWithCode(7), "");
}

}  // namespace
}  // namespace st::cli
