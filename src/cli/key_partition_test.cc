#include "cli/key_partition.h"

#include <gtest/gtest.h>

namespace st::cli {
namespace {

// The values are those of Kafka's Java client.
TEST(KeyPartition, IsThatOfKafkasClients) {
  const auto murmur2 = [](std::string_view text) {
    return static_cast<std::int32_t>(Murmur2(text));
  };
  EXPECT_EQ(murmur2("21"), -973932308);
  EXPECT_EQ(murmur2("abc"), 479470107);
  EXPECT_EQ(murmur2("foobar"), -790332482);
  EXPECT_EQ(murmur2("a-little-bit-long-string"), -985981536);
  EXPECT_EQ(PartitionOfKey("abc", 1), 0);
  EXPECT_EQ(PartitionOfKey("abc", 4), 479470107 % 4);
}

}  // namespace
}  // namespace st::cli
