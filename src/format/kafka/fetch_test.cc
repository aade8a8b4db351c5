#include "format/kafka/fetch.h"

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
  const auto fetch = DecodeFetch(request);
  if (!fetch) return std::nullopt;
  std::string out =
      fmt::format("wait={} min={} max={}", fetch->max_wait_ms, fetch->min_bytes, fetch->max_bytes);
  for (const auto& part : fetch->partitions) {
    out += fmt::format(" {}/{}@{}:{}", NameOf(part.topic), part.partition, part.offset,
                       part.max_bytes);
  }
  return out;
}

TEST(Fetch, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kFetchApi, Meaning);
}

TEST(Fetch, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kFetchApi.key, Meaning);
}

TEST(Fetch, OffersTheVersionFromWhichLibrdkafkaReadsZstd) { EXPECT_GE(kFetchApi.max, 10); }

TEST(Fetch, AnAnswerHasTheRecordsBehindTheEndsOfThePartition) {
  const std::string answer = EncodeFetch({.key = 1, .version = 11, .correlation_id = 7},
                                         {{{.name = "t"}, 3, ErrorCode::kNone, 9, 2, "rec"}});
  EXPECT_EQ(HexEncode(answer),
            testing::Packed("00000007 00000000 0000 00000000"  // throttle, error and session
                            "00000001 000174 00000001"
                            "00000003 0000 0000000000000009 0000000000000009 0000000000000002"
                            "ffffffff ffffffff"  // no aborted transactions, no preferred replica
                            "00000003 726563"));
}

TEST(Fetch, AnswersHaveTheBytesOfKafkaPythons) {
  testing::ExpectAnswers(kFetchApi, [](const RequestHeader& request) {
    const AskedTopic topic = request.version >= kFirstFetchByTopicId
                                 ? AskedTopic{.id = TopicId(LoadUuid(std::string(16, '\7')))}
                                 : AskedTopic{.name = "t"};
    return EncodeFetch(request, {{topic, 3, ErrorCode::kNone, 9, 2, "rec"},
                                 {topic, 4, ErrorCode::kOffsetOutOfRange, -1, -1, ""}});
  });
}

}  // namespace
}  // namespace st::kafka
