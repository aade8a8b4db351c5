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
  const bool is_of_session = fetch->session != kNoFetchSession;
  if (is_of_session) out += fmt::format(" session={}:{}", fetch->session, fetch->session_epoch);
  for (const auto& part : fetch->partitions) {
    out += fmt::format(" {}/{}@{}:{}", NameOf(part.topic), part.partition, part.offset,
                       part.max_bytes);
    if (is_of_session && part.leader_epoch >= 0) out += fmt::format(" in {}", part.leader_epoch);
    if (is_of_session && part.last_epoch >= 0) out += fmt::format(" behind {}", part.last_epoch);
  }
  if (!is_of_session) return out;
  for (const auto& part : fetch->forgotten) {
    out += fmt::format(" -{}/{}", NameOf(part.topic), part.partition);
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
                                         {.session = 5,
                                          .partitions = {{.topic = {.name = "t"},
                                                          .partition = 3,
                                                          .high_watermark = 9,
                                                          .log_start = 2,
                                                          .records = "rec"}}});
  EXPECT_EQ(HexEncode(answer),
            testing::Packed("00000007 00000000 0000 00000005"  // throttle, error and session
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
    const bool has_session = request.version >= 7;
    return EncodeFetch(
        request,
        {.error = has_session ? ErrorCode::kInvalidFetchSessionEpoch : ErrorCode::kNone,
         .session = has_session ? 77 : kNoFetchSession,
         .partitions = {
             {.topic = topic,
              .partition = 3,
              .high_watermark = 9,
              .log_start = 2,
              .records = "rec"},
             {.topic = topic, .partition = 4, .error = ErrorCode::kOffsetOutOfRange, .records = ""},
             {.topic = topic,
              .partition = 5,
              .high_watermark = 9,
              .log_start = 2,
              .diverging_end = 9,
              .records = ""}}});
  });
}

}  // namespace
}  // namespace st::kafka
