#include "app/group_lag.h"

#include <algorithm>

namespace st::app {

void Lag::Add(const Lag& other) {
  records += other.records;
  seconds = std::max(seconds, other.seconds);
}

Lag LagOf(Stores& stores, TopicPartition tp, Offset committed) {
  const auto& log = stores.log();
  const auto start = log.StartOffset(tp).value();
  const auto from = std::max(committed.value(), start);
  Lag lag{.records = std::max<std::int64_t>(log.EndOffset(tp).value() - from, 0)};
  if (lag.records == 0) return lag;
  const auto time_ms = log.BatchTimeMs(tp, Offset(from));
  const auto now_ms = stores.env().clock.NowUs() / 1'000;
  if (time_ms) lag.seconds = std::max<std::int64_t>(now_ms - *time_ms, 0) / 1'000;
  return lag;
}

}  // namespace st::app
