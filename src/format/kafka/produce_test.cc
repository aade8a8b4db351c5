#include "format/kafka/produce.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/coding.h"
#include "base/text.h"
#include "format/kafka/testing.h"

namespace st::kafka {
namespace {

std::string NameOf(const AskedTopic& topic) {
  return topic.id ? topic.id->ToString() : std::string(topic.name);
}

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto produce = DecodeProduce(request);
  if (!produce) return std::nullopt;
  std::string out =
      fmt::format("tx={} acks={}", produce->transactional_id.value_or("-"), produce->acks);
  for (const auto& topic : produce->topics) {
    for (const auto& part : topic.partitions) {
      out += fmt::format(" {}/{}:{}", NameOf(topic.topic), part.partition, part.records.size());
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
  const std::string answer =
      EncodeProduce({.key = 0, .version = 8, .correlation_id = 7},
                    {{{.name = "t"}, 0, ErrorCode::kNone, 5, ""},
                     {{.name = "t"}, 1, ErrorCode::kMessageTooLarge, -1, "large"}});
  EXPECT_EQ(HexEncode(answer),
            testing::Packed("00000007"
                            "00000001 000174"  // one topic: "t"
                            "00000002"         // of two partitions
                            "00000000 0000 0000000000000005 ffffffffffffffff 0000000000000000"
                            "00000000 ffff"  // no record at fault, no text
                            "00000001 000a ffffffffffffffff ffffffffffffffff ffffffffffffffff"
                            "00000000 00056c61726765"
                            "00000000"));  // throttle
}

TEST(Produce, AnAnswerNamesTopicsByIdsWhereTheRequestDoes) {
  const std::string answer = EncodeProduce(
      {.key = 0, .version = 13, .correlation_id = 7},
      {{{.id = TopicId(LoadUuid(std::string(16, '\7')))}, 2, ErrorCode::kNone, 5, ""}});
  EXPECT_EQ(HexEncode(answer),
            testing::Packed("00000007 00"
                            "02 07070707070707070707070707070707 02"
                            "00000002 0000 0000000000000005 ffffffffffffffff 0000000000000000"
                            "01 00 00"           // no record at fault, no text, no leader
                            "00 00000000 00"));  // throttle, no nodes
}

}  // namespace
}  // namespace st::kafka
