// Counters, gauges and histograms with Prometheus names, rendered as Prometheus text.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"

namespace st {

// A number that only rises (counter) or is set (gauge).
// Threads: safe from any thread.
class Metric {
 public:
  void Add(std::int64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  void Set(std::int64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// How often a value lay under each bound.
// Threads: safe from any thread.
class Histogram {
 public:
  // Requires: bounds rise.
  explicit Histogram(std::vector<double> bounds)
      : bounds_(std::move(bounds)), counts_(bounds_.size() + 1) {}
  void Observe(double value);
  const std::vector<double>& bounds() const { return bounds_; }
  // Values up to bounds()[i], inclusive; of the last, i == bounds().size(), all.
  std::vector<std::int64_t> Cumulated() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }

 private:
  const std::vector<double> bounds_;
  std::vector<std::atomic<std::int64_t>> counts_;
  std::atomic<double> sum_{0};
};

// The process's metrics; made in main and handed down.
//
// Threads: safe from any thread; a returned Metric& lives as long as the registry.
// Errors:  none; asking twice for one name and label set gives the same metric.
class MetricRegistry {
 public:
  // `name` ends in _total; `labels` is the inside of the braces, e.g. R"(code="200")", or "".
  Metric& Counter(std::string_view name, std::string_view help, std::string_view labels = "");
  Metric& Gauge(std::string_view name, std::string_view help, std::string_view labels = "");
  // Requires: one set of bounds a name.
  Histogram& Distribution(std::string_view name, std::string_view help, std::vector<double> bounds,
                          std::string_view labels = "");
  // A sample computed when rendered: `read` returns {labels, value} pairs and must not block.
  using Samples = std::vector<std::pair<std::string, double>>;
  void Collected(std::string_view name, std::string_view help, std::string_view type,
                 std::function<Samples()> read);
  // Prometheus text exposition format 0.0.4.
  std::string Render() const;

 private:
  struct Family {
    std::string help;
    std::string type;
    std::map<std::string, std::unique_ptr<Metric>> metrics;
    std::map<std::string, std::unique_ptr<Histogram>> histograms;
    std::function<Samples()> read;
  };
  Metric& Find(std::string_view name, std::string_view help, std::string_view type,
               std::string_view labels);

  mutable Mutex mu_;
  std::map<std::string, Family> families_ ST_GUARDED_BY(mu_);
};

}  // namespace st
