#include "format/kafka/produce.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto produce = DecodeProduce(request);
  if (!produce) return std::nullopt;
  std::string out =
      fmt::format("tx={} acks={}", produce->transactional_id.value_or("-"), produce->acks);
  for (const auto& topic : produce->topics) {
    for (const auto& part : topic.partitions) {
      out += fmt::format(" {}/{}:{}", topic.name, part.partition, part.records.size());
    }
  }
  return out;
}

TEST(Produce, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kProduceApi, Meaning, {12});
}

TEST(Produce, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kProduceApi.key, Meaning);
}

TEST(Produce, OffersTheVersionsByWhichLibrdkafkaDecidesWhetherToCompress) {
  EXPECT_EQ(kProduceApi.min, 0);
  EXPECT_GE(kProduceApi.max, 7);
  EXPECT_FALSE(kProduceApi.Serves(2)) << "its batches have an older layout";
}

TEST(Produce, AnAnswerHasOneArrayOfPartitionsATopic) {
  const std::string answer = EncodeProduce(
      {.key = 0, .version = 8, .correlation_id = 7},
      {{"t", 0, ErrorCode::kNone, 5, ""}, {"t", 1, ErrorCode::kMessageTooLarge, -1, "large"}});
  EXPECT_EQ(HexEncode(answer),
            testing::Packed("00000007"
                            "00000001 000174"  // one topic: "t"
                            "00000002"         // of two partitions
                            "00000000 0000 0000000000000005 ffffffffffffffff 0000000000000000"
                            "00000000 ffff"  // no record at fault, no text
                            "00000001 000a ffffffffffffffff ffffffffffffffff 0000000000000000"
                            "00000000 00056c61726765"
                            "00000000"));  // throttle
}

}  // namespace
}  // namespace st::kafka
