// The APIs of Kafka that are served, each with its versions and its handler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "api/kafka/handler.h"
#include "api/kafka/request_counter.h"
#include "base/metrics.h"
#include "format/kafka/api.h"

namespace st::api {

// Threads: filled before the listener starts, constant afterwards but for the counts.
// Owner:   the adapter; it owns the handlers.
class ApiTable {
 public:
  struct Row {
    kafka::ApiRange versions;
    std::unique_ptr<Handler> handler;
    RequestCounter asked;
  };

  // `metrics` may be nullptr and must outlive the table.
  explicit ApiTable(MetricRegistry* metrics) : metrics_(metrics) {}

  void Add(kafka::ApiRange versions, std::unique_ptr<Handler> handler) {
    versions_.push_back(versions);
    rows_.push_back({versions, std::move(handler), RequestCounter(metrics_, versions)});
  }
  // nullptr: no such API is served.
  Row* Find(std::int16_t key) {
    for (auto& row : rows_) {
      if (static_cast<std::int16_t>(row.versions.key) == key) return &row;
    }
    return nullptr;
  }
  // Of all rows, in the order in which they were added.
  std::span<const kafka::ApiRange> versions() const { return versions_; }
  void Stop() {
    for (const auto& row : rows_) row.handler->Stop();
  }

 private:
  MetricRegistry* const metrics_;
  std::vector<Row> rows_;
  std::vector<kafka::ApiRange> versions_;
};

}  // namespace st::api
