#include "client/load/histogram.h"

#include <gtest/gtest.h>

namespace st::client::load {
namespace {

TEST(Histogram, KeepsSmallValuesExactly) {
  Histogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), 0);
  for (int us = 1; us <= 100; ++us) histogram.Record(us);
  EXPECT_EQ(histogram.count(), 100U);
  EXPECT_EQ(histogram.Quantile(0.5), 50);
  EXPECT_EQ(histogram.Quantile(0.99), 99);
  EXPECT_EQ(histogram.Quantile(1), 100);
  EXPECT_EQ(histogram.max(), 100);
}

TEST(Histogram, IsOffByAtMostOneSixtyFourth) {
  for (std::int64_t us = 1; us < (std::int64_t{1} << 39); us = us * 3 / 2 + 1) {
    Histogram histogram;
    histogram.Record(us);
    histogram.Record(std::int64_t{1} << 39);
    const auto got = histogram.Quantile(0.5);
    EXPECT_GE(got, us);
    EXPECT_LE(got - us, us / 64 + 1) << us;
  }
}

TEST(Histogram, TakesValuesBeyondItsRange) {
  Histogram histogram;
  histogram.Record(-5);
  histogram.Record(INT64_MAX);
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.Quantile(0.5), 0);
  EXPECT_EQ(histogram.max(), INT64_MAX);
}

TEST(Histogram, TellsWhatCameLater) {
  Histogram histogram;
  histogram.Record(1'000'000);
  const Histogram before = histogram;
  for (int i = 0; i < 10; ++i) histogram.Record(7);
  const auto later = histogram.Since(before);
  EXPECT_EQ(later.count(), 10U);
  EXPECT_EQ(later.max(), 7);
  EXPECT_EQ(later.Quantile(0.999), 7);
}

}  // namespace
}  // namespace st::client::load
