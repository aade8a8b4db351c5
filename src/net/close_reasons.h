// Why a server closes a connection that its client left open, counted.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/metrics.h"

namespace st::net {

enum class CloseReason { kTooLarge, kFrameTimeout, kIdle, kWriteTimeout, kNoRoom, kFailure };

// Metrics: steelthread_net_closed_total by listener and reason.
class CloseCounter {
 public:
  // `metrics` may be null.
  CloseCounter(MetricRegistry* metrics, const std::string& listener) {
    if (metrics == nullptr) return;
    for (std::size_t i = 0; i < kNames.size(); ++i) {
      closed_[i] = &metrics->Counter(
          "steelthread_net_closed_total", "Connections that the server closed, by reason.",
          fmt::format("listener=\"{}\",reason=\"{}\"", listener, kNames[i]));
    }
  }
  void Count(CloseReason reason) {
    if (auto* metric = closed_[static_cast<std::size_t>(reason)]) metric->Add();
  }

 private:
  static constexpr std::array<std::string_view, 6> kNames = {
      "frame_too_large", "frame_timeout", "idle", "write_timeout", "no_room", "failure"};
  std::array<Metric*, kNames.size()> closed_{};
};

}  // namespace st::net
