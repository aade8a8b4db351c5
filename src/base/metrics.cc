#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>

namespace st {
namespace {

void AppendSample(std::string& out, std::string_view name, std::string_view labels, double value) {
  if (labels.empty()) {
    out += fmt::format("{} {}\n", name, value);
  } else {
    out += fmt::format("{}{{{}}} {}\n", name, labels, value);
  }
}

void AppendHistogram(std::string& out, std::string_view name, const std::string& labels,
                     const Histogram& histogram) {
  const std::string bucket = fmt::format("{}_bucket", name);
  const std::string before = labels.empty() ? "" : labels + ",";
  const auto counts = histogram.Cumulated();
  for (std::size_t i = 0; i < histogram.bounds().size(); ++i) {
    AppendSample(out, bucket, fmt::format("{}le=\"{}\"", before, histogram.bounds()[i]),
                 static_cast<double>(counts[i]));
  }
  const auto all = static_cast<double>(counts.back());
  AppendSample(out, bucket, before + "le=\"+Inf\"", all);
  AppendSample(out, fmt::format("{}_sum", name), labels, histogram.sum());
  AppendSample(out, fmt::format("{}_count", name), labels, all);
}

}  // namespace

void Histogram::Observe(double value) {
  const auto at = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::vector<std::int64_t> Histogram::Cumulated() const {
  std::vector<std::int64_t> out;
  std::int64_t total = 0;
  for (const auto& count : counts_) {
    total += count.load(std::memory_order_relaxed);
    out.push_back(total);
  }
  return out;
}

Metric& MetricRegistry::Find(std::string_view name, std::string_view help, std::string_view type,
                             std::string_view labels) {
  MutexLock lock(mu_);
  Family& family = families_[std::string(name)];
  family.help = help;
  family.type = type;
  auto& slot = family.metrics[std::string(labels)];
  if (!slot) slot = std::make_unique<Metric>();
  return *slot;
}

Metric& MetricRegistry::Counter(std::string_view name, std::string_view help,
                                std::string_view labels) {
  return Find(name, help, "counter", labels);
}

Metric& MetricRegistry::Gauge(std::string_view name, std::string_view help,
                              std::string_view labels) {
  return Find(name, help, "gauge", labels);
}

Histogram& MetricRegistry::Distribution(std::string_view name, std::string_view help,
                                        std::vector<double> bounds, std::string_view labels) {
  MutexLock lock(mu_);
  Family& family = families_[std::string(name)];
  family.help = help;
  family.type = "histogram";
  auto& slot = family.histograms[std::string(labels)];
  if (!slot) slot = std::make_unique<Histogram>(std::move(bounds));
  return *slot;
}

void MetricRegistry::Collected(std::string_view name, std::string_view help, std::string_view type,
                               std::function<Samples()> read) {
  MutexLock lock(mu_);
  Family& family = families_[std::string(name)];
  family.help = help;
  family.type = type;
  family.read = std::move(read);
}

std::string MetricRegistry::Render() const {
  MutexLock lock(mu_);
  std::string out;
  for (const auto& [name, family] : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family.help, name, family.type);
    for (const auto& [labels, metric] : family.metrics) {
      AppendSample(out, name, labels, static_cast<double>(metric->value()));
    }
    for (const auto& [labels, histogram] : family.histograms) {
      AppendHistogram(out, name, labels, *histogram);
    }
    if (!family.read) continue;
    for (const auto& [labels, value] : family.read()) AppendSample(out, name, labels, value);
  }
  return out;
}

}  // namespace st
