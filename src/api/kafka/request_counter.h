// Counts the requests of one API of Kafka by version.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/metrics.h"
#include "format/kafka/api.h"

namespace st::api {

// A version gets its time series with its first request, so that a scrape has those only that the
// clients of this server ask for; there are at most as many as the range has versions.
//
// Threads: safe from any thread.
// Owner:   ApiTable; `metrics` must outlive it.
// Metrics: steelthread_kafka_requests_total by api (its name in the protocol guide) and version.
class RequestCounter {
 public:
  // `metrics` may be nullptr: nothing is counted.
  RequestCounter(MetricRegistry* metrics, const kafka::ApiRange& api)
      : metrics_(metrics), api_(api), counts_(static_cast<std::size_t>(api.max - api.min) + 1) {}

  // Does nothing for a version outside of the range.
  void Count(std::int16_t version);

 private:
  MetricRegistry* const metrics_;
  const kafka::ApiRange api_;
  std::vector<std::atomic<Metric*>> counts_;  // by version from api_.min on; nullptr: none yet
};

}  // namespace st::api
