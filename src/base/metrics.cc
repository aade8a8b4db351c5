#include "base/metrics.h"

#include <fmt/format.h>

namespace st {

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
  const auto line = [&out](const std::string& name, const std::string& labels, double value) {
    if (labels.empty()) {
      out += fmt::format("{} {}\n", name, value);
    } else {
      out += fmt::format("{}{{{}}} {}\n", name, labels, value);
    }
  };
  for (const auto& [name, family] : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family.help, name, family.type);
    for (const auto& [labels, metric] : family.metrics) {
      line(name, labels, static_cast<double>(metric->value()));
    }
    if (!family.read) continue;
    for (const auto& [labels, value] : family.read()) line(name, labels, value);
  }
  return out;
}

}  // namespace st
