#include "api/kafka/request_counter.h"

#include <fmt/format.h>

#include "format/kafka/api_name.h"

namespace st::api {

void RequestCounter::Count(std::int16_t version) {
  if (metrics_ == nullptr || version < api_.min || version > api_.max) return;
  auto& count = counts_[static_cast<std::size_t>(version - api_.min)];
  Metric* metric = count.load(std::memory_order_acquire);
  if (metric == nullptr) {
    // The registry gives the same metric to each of several threads that come here at once.
    metric = &metrics_->Counter(
        "steelthread_kafka_requests_total", "Requests of Kafka clients, by API and version.",
        fmt::format(R"(api="{}",version="{}")", kafka::ApiName(api_.key), version));
    count.store(metric, std::memory_order_release);
  }
  metric->Add();
}

}  // namespace st::api
