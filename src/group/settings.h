// The settings of consumer groups, with Kafka's defaults but for the shortest session.
#pragma once

#include <cstdint>

namespace st::group {

struct Settings {
  // A rebalance of an empty group waits this long for more members, again and again while some
  // come, up to their rebalance time-out.
  std::int64_t initial_rebalance_delay_ms = 3'000;
  std::int64_t min_session_timeout_ms = 1'000;
  std::int64_t max_session_timeout_ms = 1'800'000;
  std::int64_t max_size = 1'000;  // members of one group
  // Of groups of the new protocol, whose members do not choose them.
  std::int64_t consumer_session_timeout_ms = 45'000;
  std::int64_t consumer_heartbeat_interval_ms = 5'000;
  // Offsets stay so long after their group became empty; those of a consumer without a group's
  // management, after their commit.
  std::int64_t offsets_retention_ms = 7LL * 24 * 3600 * 1'000;
};

}  // namespace st::group
