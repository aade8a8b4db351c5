// Latencies in buckets of at most 1.6 % width, as HdrHistogram's.
#pragma once

#include <array>
#include <cstdint>

namespace st::client::load {

// Units:  microseconds; below 128 exact, from 2^40 on clamped.
// Limits: 17 KiB, however many values.
class Histogram {
 public:
  void Record(std::int64_t us);
  std::uint64_t count() const { return count_; }
  std::int64_t max() const { return max_; }
  // The least value that at least `share` of all are at or below, rounded up to its bucket's end
  // and at most max(); 0 of an empty one.
  std::int64_t Quantile(double share) const;
  // The values recorded after `earlier`, a copy of this one; max() is that of the last bucket.
  Histogram Since(const Histogram& earlier) const;

 private:
  static constexpr int kHalfBits = 6;  // 64 buckets a power of two
  static constexpr int kPowers = 34;
  static std::size_t IndexOf(std::int64_t us);
  static std::int64_t EndOf(std::size_t index);

  std::array<std::uint64_t, std::size_t{kPowers + 1} << kHalfBits> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
};

}  // namespace st::client::load
