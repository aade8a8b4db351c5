#include "format/kafka/messages.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>
#include <sstream>

#include "base/text.h"
#include "format/kafka/limits.h"
#include "format/kafka/wire.h"

namespace st::kafka {
namespace {

// Bytes of kcat 1.7.1 (librdkafka 2.0.2): ApiVersions v3, its first request on a connection.
constexpr std::string_view kKcatApiVersions =
    "0012000300000001000772646b61666b61000b6c696272646b61666b6106322e302e3200";

TEST(RequestHeader, IsReadFromKcatsFirstRequest) {
  const std::string frame = HexDecode(kKcatApiVersions).value();
  const auto header = DecodeHeader(frame);
  ASSERT_TRUE(header.has_value());
  EXPECT_EQ(header->key, 18);
  EXPECT_EQ(header->version, 3);
  EXPECT_EQ(header->client_id, "rdkafka");
  for (std::size_t n = 0; n < 17; ++n) EXPECT_FALSE(DecodeHeader(frame.substr(0, n))) << n;
}

TEST(ApiVersions, AnUnknownVersionIsAnsweredInVersionZeroWithAllKeys) {
  RequestHeader request{.key = 18, .version = 9, .correlation_id = 5};
  const std::string body = EncodeApiVersions(request, true);
  // correlation id, error 35, 9 keys of 6 bytes each; nothing behind them
  EXPECT_EQ(HexEncode(body).substr(0, 20), "00000005002300000009");
  EXPECT_EQ(body.size(), 4 + 2 + 4 + ApiRanges().size() * 6);
}

TEST(Metadata, NullMeansAllAndEmptyMeansNoneFromVersionOne) {
  RequestHeader request{.key = 3, .version = 1, .body = std::string_view("\xFF\xFF\xFF\xFF", 4)};
  EXPECT_TRUE(DecodeMetadata(request)->all_topics);
  request.body = std::string_view("\0\0\0\0", 4);
  EXPECT_FALSE(DecodeMetadata(request)->all_topics);
  request.version = 0;
  EXPECT_TRUE(DecodeMetadata(request)->all_topics);
}

TEST(Requests, AnArrayLengthThatCannotFitIsRefused) {
  RequestHeader request{.key = 3, .version = 1, .body = std::string_view("\x7F\xFF\xFF\xFF", 4)};
  EXPECT_FALSE(DecodeMetadata(request).has_value());
}

TEST(ApiRanges, KeepTheOldMinimumsThatLibrdkafkaGatesCompressionBy) {
  EXPECT_EQ(FindApi(0)->min, 0);
  EXPECT_GE(FindApi(0)->max, 7);
  EXPECT_GE(FindApi(1)->max, 10);
  EXPECT_EQ(FindApi(10)->min, 0);
  EXPECT_EQ(FindApi(99), nullptr);
}

// The requests of real clients, with their meaning as kafka-python's own decoder has it; see
// tests/clients/capture_requests.py.
struct Golden {
  std::string client;
  std::int16_t key = 0;
  std::int16_t version = 0;
  std::string meaning;
  std::string frame;
};

const std::vector<Golden>& AllGolden() {
  static const std::vector<Golden> all = [] {
    std::vector<Golden> rows;
    std::ifstream in("golden_requests.txt");
    for (std::string line; std::getline(in, line);) {
      const auto first = line.find(" | ");
      const auto second = line.find(" | ", first + 1);
      if (line.starts_with('#') || second == std::string::npos) continue;
      Golden row;
      std::istringstream head(line.substr(0, first));
      head >> row.client >> row.key >> row.version;
      row.meaning = line.substr(first + 3, second - first - 3);
      row.frame = HexDecode(line.substr(second + 3)).value();
      rows.push_back(std::move(row));
    }
    return rows;
  }();
  return all;
}

std::string Say(const ProduceRequest& produce) {
  std::string out =
      fmt::format("tx={} acks={}", produce.transactional_id.value_or("-"), produce.acks);
  for (const auto& topic : produce.topics) {
    for (const auto& part : topic.partitions) {
      out += fmt::format(" {}/{}:{}", topic.name, part.partition, part.records.size());
    }
  }
  return out;
}

std::string Say(const FetchRequest& fetch) {
  std::string out =
      fmt::format("wait={} min={} max={}", fetch.max_wait_ms, fetch.min_bytes, fetch.max_bytes);
  for (const auto& part : fetch.partitions) {
    out += fmt::format(" {}/{}@{}:{}", part.topic, part.partition, part.offset, part.max_bytes);
  }
  return out;
}

std::string Say(const std::vector<ListedPartition>& parts) {
  std::string out;
  for (const auto& part : parts) {
    if (!out.empty()) out += ' ';
    out += fmt::format("{}/{}@{}", part.topic, part.partition, part.timestamp);
  }
  return out;
}

std::string Say(const MetadataRequest& metadata) {
  return fmt::format("topics={} create={}",
                     metadata.all_topics ? "*" : fmt::format("{}", fmt::join(metadata.topics, ",")),
                     metadata.may_create ? 1 : 0);
}

std::string Say(const CreateTopicsRequest& create) {
  std::string out = fmt::format("dry={}", create.validate_only ? 1 : 0);
  for (const auto& topic : create.topics) {
    out += fmt::format(" {}:{}x{}", topic.name, topic.partitions, topic.replication);
  }
  return out;
}

std::string Say(const std::vector<DescribedResource>& resources) {
  std::string out;
  for (const auto& resource : resources) {
    if (!out.empty()) out += ' ';
    out += fmt::format("{}:{}={}", resource.type, resource.name,
                       resource.wanted ? fmt::format("{}", fmt::join(*resource.wanted, ",")) : "*");
  }
  return out;
}

std::string Say(const std::optional<std::string_view>& id) {
  return fmt::format("tx={}", id.value_or("-"));
}

// What a frame says, in the words of the golden file; "none" where it does not decode.
std::string Meaning(std::string_view frame) {
  const auto header = DecodeHeader(frame);
  if (!header) return "none";
  const auto say = [](const auto& request) { return request ? Say(*request) : "none"; };
  switch (static_cast<ApiKey>(header->key)) {
    case ApiKey::kProduce:
      return say(DecodeProduce(*header));
    case ApiKey::kFetch:
      return say(DecodeFetch(*header));
    case ApiKey::kListOffsets:
      return say(DecodeListOffsets(*header));
    case ApiKey::kMetadata:
      return say(DecodeMetadata(*header));
    case ApiKey::kCreateTopics:
      return say(DecodeCreateTopics(*header));
    case ApiKey::kInitProducerId:
      return say(DecodeInitProducerId(*header));
    case ApiKey::kDescribeConfigs:
      return say(DecodeDescribeConfigs(*header));
    case ApiKey::kFindCoordinator:
    case ApiKey::kApiVersions:
      return "-";  // their bodies are not read
  }
  return "none";
}

TEST(GoldenRequests, MeanWhatTheirSendersMeant) {
  ASSERT_GE(AllGolden().size(), 40U);
  for (const auto& row : AllGolden()) {
    const auto header = DecodeHeader(row.frame);
    ASSERT_TRUE(header.has_value()) << row.client;
    EXPECT_EQ(header->key, row.key);
    EXPECT_EQ(header->version, row.version);
    EXPECT_EQ(Meaning(row.frame), row.meaning) << row.client;
  }
}

TEST(GoldenRequests, CoverEachVersionThatIsServed) {
  // None of the clients sends these; their bodies are empty, or a prefix of the next version's.
  // tests/clients/test_kafka_versions.py sends them.
  const std::set<std::pair<std::int16_t, std::int16_t>> unseen = {
      {18, 1}, {18, 2}, {19, 0}, {32, 0}};
  for (const auto& api : ApiRanges()) {
    const auto key = static_cast<std::int16_t>(api.key);
    for (std::int16_t version = api.served_from; version <= api.max; ++version) {
      const bool seen = std::ranges::any_of(
          AllGolden(), [&](const Golden& row) { return row.key == key && row.version == version; });
      EXPECT_NE(seen, unseen.contains({key, version})) << key << " version " << version;
    }
  }
}

TEST(GoldenRequests, EveryTruncationIsRefused) {
  for (const auto& row : AllGolden()) {
    if (row.meaning == "-") continue;
    for (std::size_t n = 0; n < row.frame.size(); ++n) {
      EXPECT_EQ(Meaning(row.frame.substr(0, n)), "none") << row.client << " cut at " << n;
    }
  }
}

TEST(GoldenRequests, EveryFlippedByteDecodesOrIsRefused) {
  for (const auto& row : AllGolden()) {
    for (std::size_t n = 4; n < row.frame.size(); ++n) {  // key and version stay
      for (const int flip : {0x01, 0x55, 0x80, 0xFF}) {
        std::string damaged = row.frame;
        damaged[n] = static_cast<char>(damaged[n] ^ flip);
        EXPECT_LT(Meaning(damaged).size(), 10'000U) << "nothing is made up";
      }
    }
  }
}

// The body of a request with one array of topic names.
std::string Names(std::int32_t count, const std::function<std::string(std::int32_t)>& name) {
  Writer body;
  body.Int(count);
  for (std::int32_t i = 0; i < count; ++i) body.String(name(i));
  return body.Take();
}

TEST(KafkaMessages, ATopicThatIsNamedTwiceIsReadOnce) {
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

TEST(KafkaMessages, PartitionsBeyondTheLimitAreNotRead) {
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

TEST(KafkaMessages, AResourceIsDescribedOnceAndATopicThatIsMadeTwiceSaysSo) {
  Writer resources;
  resources.Int(std::int32_t{3});
  for (int i = 0; i < 3; ++i) resources.Int(std::int8_t{2}).String("t").Int(std::int32_t{-1});
  const auto described = DecodeDescribeConfigs({.key = 32, .version = 0, .body = resources.Take()});
  EXPECT_EQ(described->size(), 1U);
  Writer topics;
  topics.Int(std::int32_t{2});
  for (int i = 0; i < 2; ++i) {
    topics.String("t").Int(std::int32_t{1}).Int(std::int16_t{1});
    topics.Int(std::int32_t{0}).Int(std::int32_t{0});
  }
  const auto bytes = topics.Int(std::int32_t{1}).Take();
  const auto made = DecodeCreateTopics({.key = 19, .version = 0, .body = bytes});
  ASSERT_EQ(made->topics.size(), 1U);
  EXPECT_TRUE(made->topics[0].is_repeated);
}

TEST(KafkaMessages, AnErrorsTextIsNoLongerThanItsLength) {
  const auto answer = EncodeCreateTopics(
      {.key = 19, .version = 1}, {{"t", ErrorCode::kInvalidTopic, std::string(40'000, 'x')}});
  EXPECT_LT(answer.size(), kMaxMessageBytes + 100);
}

TEST(KafkaMessages, TheSizeOfMetadataIsKnownBeforeItIsWritten) {
  const Metadata metadata{"host", 9092, "cluster", {{ErrorCode::kNone, "topic", 1024}}};
  for (std::int16_t version = 0; version <= 8; ++version) {
    const auto answer = EncodeMetadata({.key = 3, .version = version}, metadata);
    EXPECT_LE(answer.size(), MetadataBytes(metadata));
    EXPECT_GT(answer.size() + 20 * 1024, MetadataBytes(metadata));
  }
}

}  // namespace
}  // namespace st::kafka
