#include "os/clock.h"

#include "os/system_time.h"

namespace st::os {
namespace {

class SystemClock final : public Clock {
 public:
  std::int64_t NowUs() override { return SystemNowUs(); }
  std::int64_t MonotonicUs() override { return SystemMonotonicUs(); }
};

}  // namespace

std::unique_ptr<Clock> MakeSystemClock() { return std::make_unique<SystemClock>(); }

}  // namespace st::os
