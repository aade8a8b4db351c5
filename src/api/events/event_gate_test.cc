#include "api/events/event_gate.h"

#include <gtest/gtest.h>

#include <optional>

#include "os/thread.h"

namespace st::api {
namespace {

constexpr std::chrono::microseconds kLong(60'000'000);
constexpr std::chrono::microseconds kShort(1);

TEST(EventGate, LetsNothingInWhileItIsClosed) {
  const auto gate = std::make_shared<EventGate>();
  EXPECT_TRUE(EventGate::Enter(gate));
  EXPECT_TRUE(gate->CloseAndWait(kLong));
  EXPECT_FALSE(EventGate::Enter(gate));
  gate->Open();
  EXPECT_TRUE(EventGate::Enter(gate));
}

TEST(EventGate, ClosingWaitsForWhatIsInside) {
  const auto gate = std::make_shared<EventGate>();
  std::optional<EventGate::Pass> inside(EventGate::Enter(gate));
  EXPECT_FALSE(gate->CloseAndWait(kShort));
  EventGate::Pass moved = std::move(*inside);
  inside.reset();
  EXPECT_FALSE(gate->CloseAndWait(kShort)) << "a pass that was moved counts once, and still does";
  os::Thread leaver("leaver", [&] { const EventGate::Pass left = std::move(moved); });
  EXPECT_TRUE(gate->CloseAndWait(kLong));
}

}  // namespace
}  // namespace st::api
