#include "format/kafka/list_offsets.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "format/kafka/limits.h"
#include "format/kafka/testing.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto parts = DecodeListOffsets(request);
  if (!parts) return std::nullopt;
  std::string out;
  for (const auto& part : *parts) {
    if (!out.empty()) out += ' ';
    out += fmt::format("{}/{}@{}", part.topic, part.partition, part.timestamp);
  }
  return out;
}

TEST(ListOffsets, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kListOffsetsApi, Meaning);
}

TEST(ListOffsets, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kListOffsetsApi.key, Meaning);
}

TEST(ListOffsets, PartitionsBeyondTheLimitAreNotRead) {
  const auto decode = [](std::int32_t partitions, std::int32_t topics) {
    Writer body;
    body.Int(std::int32_t{-1}).Int(topics);
    for (std::int32_t t = 0; t < topics; ++t) {
      body.String(std::string(32'000, 't')).Int(partitions);
      for (std::int32_t p = 0; p < partitions; ++p) body.Int(p).Int(std::int64_t{-1});
    }
    const auto bytes = body.Take();
    const auto parts = DecodeListOffsets({.key = 2, .version = 1, .body = bytes});
    // The name is not copied for each partition.
    return parts ? std::optional(parts->back().topic.data() - bytes.data()) : std::nullopt;
  };
  EXPECT_EQ(decode(kMaxRequestPartitions, 1), 4 + 4 + 2);
  EXPECT_FALSE(decode(kMaxRequestPartitions + 1, 1));
  EXPECT_FALSE(decode(kMaxRequestPartitions / 2 + 1, 2)) << "of all topics";
}

TEST(ListOffsets, VersionZeroAnswersWithAListAndLaterOnesWithOneOffset) {
  const std::vector<ListedPartition> parts = {
      {.topic = "t", .partition = 1, .offset = 6, .found_timestamp = 5}};
  EXPECT_EQ(HexEncode(EncodeListOffsets({.key = 2, .version = 0, .correlation_id = 7}, parts)),
            testing::Packed("00000007 00000001 000174 00000001 "
                            "00000001 0000 00000001 0000000000000006"));
  EXPECT_EQ(HexEncode(EncodeListOffsets({.key = 2, .version = 5, .correlation_id = 7}, parts)),
            testing::Packed("00000007 00000000 00000001 000174 00000001 "
                            "00000001 0000 0000000000000005 0000000000000006 00000000"));
}

}  // namespace
}  // namespace st::kafka
