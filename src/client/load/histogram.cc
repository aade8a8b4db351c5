#include "client/load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace st::client::load {

std::size_t Histogram::IndexOf(std::int64_t us) {
  constexpr std::int64_t kMost = (std::int64_t{1} << (kPowers + kHalfBits)) - 1;
  const auto value = static_cast<std::uint64_t>(std::clamp<std::int64_t>(us, 0, kMost));
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - kHalfBits - 1);
  return (static_cast<std::size_t>(shift) << kHalfBits) + (value >> shift);
}

std::int64_t Histogram::EndOf(std::size_t index) {
  if (index < (std::size_t{2} << kHalfBits)) return static_cast<std::int64_t>(index);
  const auto shift = (index >> kHalfBits) - 1;
  const auto top = index - (shift << kHalfBits);
  return static_cast<std::int64_t>(((top + 1) << shift) - 1);
}

void Histogram::Record(std::int64_t us) {
  ++buckets_[IndexOf(us)];
  ++count_;
  max_ = std::max(max_, us);
}

std::int64_t Histogram::Quantile(double share) const {
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (buckets_[i] > 0 && seen >= wanted) return std::min(EndOf(i), max_);
  }
  return max_;
}

Histogram Histogram::Since(const Histogram& earlier) const {
  Histogram later;
  for (std::size_t i = 0; i < buckets_.size(); ++i) {
    later.buckets_[i] = buckets_[i] - earlier.buckets_[i];
    later.count_ += later.buckets_[i];
    if (later.buckets_[i] > 0) later.max_ = std::min(EndOf(i), max_);
  }
  return later;
}

}  // namespace st::client::load
