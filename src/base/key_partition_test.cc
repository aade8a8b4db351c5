#include "base/key_partition.h"

#include <gtest/gtest.h>

namespace st {
namespace {

// Values of UtilsTest.testMurmur2 in Kafka's clients.
TEST(PartitionOfKey, IsThatOfKafkasClients) {
  constexpr std::int32_t kPositive = 0x7fffffff;
  const auto of = [](std::string_view key) { return PartitionOfKey(key, kPositive).value(); };
  EXPECT_EQ(of("21"), -973932308 & kPositive);
  EXPECT_EQ(of("foobar"), -790332482 & kPositive);
  EXPECT_EQ(of("a-little-bit-long-string"), -985981536 & kPositive);
  EXPECT_EQ(of("a-little-bit-longer-string"), -1486304829 & kPositive);
  EXPECT_EQ(of("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971 & kPositive);
  EXPECT_EQ(of("abc"), 479470107);
  EXPECT_EQ(PartitionOfKey("abc", 1), PartitionId(0));
  EXPECT_EQ(PartitionOfKey("abc", 4), PartitionId(479470107 % 4));
}

}  // namespace
}  // namespace st
