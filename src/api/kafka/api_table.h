// The APIs of Kafka that are served, each with its versions and its handler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "api/kafka/handler.h"
#include "format/kafka/api.h"

namespace st::api {

// Threads: filled before the listener starts, constant afterwards.
// Owner:   the adapter; it owns the handlers.
class ApiTable {
 public:
  struct Row {
    kafka::ApiRange versions;
    std::unique_ptr<Handler> handler;
  };

  void Add(kafka::ApiRange versions, std::unique_ptr<Handler> handler) {
    versions_.push_back(versions);
    rows_.push_back({versions, std::move(handler)});
  }
  // nullptr: no such API is served.
  const Row* Find(std::int16_t key) const {
    for (const auto& row : rows_) {
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
  std::vector<Row> rows_;
  std::vector<kafka::ApiRange> versions_;
};

}  // namespace st::api
