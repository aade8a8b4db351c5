#include "format/kafka/metadata.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <functional>

#include "base/text.h"
#include "format/kafka/limits.h"
#include "format/kafka/testing.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

std::optional<std::string> Meaning(const RequestHeader& request) {
  const auto metadata = DecodeMetadata(request);
  if (!metadata) return std::nullopt;
  std::vector<std::string> ids;
  for (const auto& id : metadata->ids) ids.push_back(id.ToString());
  return fmt::format(
      "topics={} create={}{}",
      metadata->all_topics ? "*" : fmt::format("{}", fmt::join(metadata->topics, ",")),
      metadata->may_create ? 1 : 0, ids.empty() ? "" : fmt::format(" ids={}", fmt::join(ids, ",")));
}

TEST(Metadata, GoldenRequestsMeanWhatTheirSendersMeant) {
  testing::ExpectMeanings(kMetadataApi, Meaning);
}

TEST(Metadata, DamagedRequestsAreRefusedOrDecodeToNoMore) {
  testing::ExpectDamageIsHarmless(kMetadataApi.key, Meaning);
}

TEST(Metadata, NullMeansAllAndEmptyMeansNoneFromVersionOne) {
  RequestHeader request{.key = 3, .version = 1, .body = std::string_view("\xFF\xFF\xFF\xFF", 4)};
  EXPECT_TRUE(DecodeMetadata(request)->all_topics);
  request.body = std::string_view("\0\0\0\0", 4);
  EXPECT_FALSE(DecodeMetadata(request)->all_topics);
  request.version = 0;
  EXPECT_TRUE(DecodeMetadata(request)->all_topics);
}

TEST(Metadata, AnArrayLengthThatCannotFitIsRefused) {
  RequestHeader request{.key = 3, .version = 1, .body = std::string_view("\x7F\xFF\xFF\xFF", 4)};
  EXPECT_FALSE(DecodeMetadata(request).has_value());
}

// The body of a request with one array of topic names.
std::string Names(std::int32_t count, const std::function<std::string(std::int32_t)>& name) {
  Writer body;
  body.Int(count);
  for (std::int32_t i = 0; i < count; ++i) body.String(name(i));
  return body.Take();
}

TEST(Metadata, ATopicThatIsNamedTwiceIsReadOnce) {
  const auto decode = [](const std::string& body) {
    return DecodeMetadata({.key = 3, .version = 1, .body = body});
  };
  const auto body = Names(200'000, [](std::int32_t i) { return i % 2 == 0 ? "a" : "b"; });
  EXPECT_EQ(decode(body)->topics, (std::vector<std::string_view>{"a", "b"}));
  const auto number = [](std::int32_t i) { return std::to_string(i); };
  EXPECT_TRUE(decode(Names(kMaxRequestTopics, number)));
  EXPECT_FALSE(decode(Names(kMaxRequestTopics + 1, number)));
  EXPECT_FALSE(decode(Names(kMaxRequestNames + 1, [](std::int32_t) { return "a"; })));
}

TEST(Metadata, TheSizeOfAnAnswerIsKnownBeforeItIsWritten) {
  const Metadata metadata{"host", 9092, "cluster", {{ErrorCode::kNone, "topic", {}, 1024}}};
  for (std::int16_t version = 0; version <= kMetadataApi.max; ++version) {
    const auto answer = EncodeMetadata({.key = 3, .version = version}, metadata);
    EXPECT_LE(answer.size(), MetadataBytes(metadata));
    EXPECT_GT(answer.size() + 20 * 1024, MetadataBytes(metadata));
  }
}

TEST(Metadata, OperationsAreReadWhereAVersionHasThem) {
  const auto decode = [](std::int16_t version, bool cluster, bool topics) {
    Writer body;
    body.Int(std::int32_t{-1}).Bool(true);
    if (version <= 10) body.Bool(cluster);
    body.Bool(topics);
    const auto bytes = body.Take();
    return DecodeMetadata({.key = 3, .version = version, .body = bytes}).value();
  };
  EXPECT_TRUE(decode(8, true, false).wants_cluster_operations);
  EXPECT_FALSE(decode(8, true, false).wants_topic_operations);
  EXPECT_FALSE(decode(8, false, true).wants_cluster_operations);
  EXPECT_TRUE(decode(8, false, true).wants_topic_operations);
}

TEST(Metadata, OperationsAreToldOfEachTopicAndOfTheCluster) {
  const auto answer = [](bool cluster, bool topics) {
    return HexEncode(EncodeMetadata({.key = 3, .version = 8},
                                    {.host = "h",
                                     .port = 9092,
                                     .cluster_id = "c",
                                     .topics = {{ErrorCode::kUnknownTopicOrPartition, "t", {}, 0}},
                                     .has_cluster_operations = cluster,
                                     .has_topic_operations = topics}));
  };
  // At the end: those of the topic, then those of the cluster.
  EXPECT_TRUE(answer(false, false).ends_with("8000000080000000"));
  EXPECT_TRUE(answer(true, false).ends_with("8000000000001fa0"));
  EXPECT_TRUE(answer(false, true).ends_with("00000df880000000"));
}

TEST(Metadata, TheOneNodeLeadsEveryPartition) {
  EXPECT_EQ(HexEncode(EncodeMetadata({.key = 3, .version = 0, .correlation_id = 7},
                                     {"h", 9092, "c", {{ErrorCode::kNone, "t", {}, 1}}})),
            testing::Packed("00000007"
                            "00000001 00000001 000168 00002384"  // node 1 at h:9092
                            "00000001 0000 000174 00000001"
                            "0000 00000000 00000001"  // partition 0, led by node 1
                            "00000001 00000001 00000001 00000001"));
}

}  // namespace
}  // namespace st::kafka
