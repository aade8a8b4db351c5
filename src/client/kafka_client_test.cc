// KafkaClient, KafkaProducer and KafkaConsumer against librdkafka's mock broker. It has no
// CreateTopics: tests/system/test_commands.py creates topics on a real server.
#include "client/kafka_client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>

#include "base/key_partition.h"
#include "client/kafka_consumer.h"
#include "client/kafka_producer.h"

namespace st::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::int16_t kProduceApi = 0;
constexpr std::int16_t kFetchApi = 1;

// A cluster of one broker with topic "lines" of two partitions.
class KafkaClientTest : public ::testing::Test {
 protected:
  KafkaClientTest() {
    std::array<char, 512> reason{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    host_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size());
    cluster_ = rd_kafka_mock_cluster_new(host_, 1);
    rd_kafka_mock_topic_create(cluster_, "lines", 2, 1);
    address_ = rd_kafka_mock_cluster_bootstraps(cluster_);
  }
  ~KafkaClientTest() override {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(host_);
  }

  KafkaClient Client(KafkaUse use) {
    auto client = KafkaClient::Connect(address_, use);
    EXPECT_TRUE(client) << client.error().message();
    return std::move(*client);
  }
  void Produce(std::int32_t partition, std::initializer_list<std::string_view> values) {
    auto client = Client(KafkaUse::kWriting);
    KafkaProducer producer(client, {.name = "lines", .partitions = 2});
    for (const auto value : values) {
      ASSERT_TRUE(producer.Add(partition, "k", value));
    }
    const auto done = producer.Flush();
    ASSERT_TRUE(done) << done.error().message();
    EXPECT_EQ(producer.durable(), std::ssize(values));
  }
  std::vector<std::string> Read(KafkaConsumer& consumer, const KafkaConsumer::Range& range) {
    std::vector<std::string> values;
    const auto done = consumer.ReadRange(range, [&](const KafkaRecord& record) {
      values.emplace_back(record.value().value_or("none"));
      return true;
    });
    EXPECT_TRUE(done) << done.error().message();
    return values;
  }

  rd_kafka_t* host_ = nullptr;
  rd_kafka_mock_cluster_t* cluster_ = nullptr;
  std::string address_;
};

TEST_F(KafkaClientTest, ListsTopicsAndTheirEnds) {
  Produce(1, {"a", "b", "c"});
  auto client = Client(KafkaUse::kReading);
  const auto topics = client.Topics();
  ASSERT_TRUE(topics) << topics.error().message();
  ASSERT_EQ(topics->size(), 1U);
  EXPECT_EQ(topics->front().name, "lines");
  EXPECT_EQ(topics->front().partitions, 2);
  const auto ends = client.EndOffsets(topics->front());
  ASSERT_TRUE(ends) << ends.error().message();
  EXPECT_THAT(*ends, ElementsAre(0, 3));
}

TEST_F(KafkaClientTest, ReadsARangeOfOnePartition) {
  Produce(0, {"other"});
  Produce(1, {"a", "b", "c", "d"});
  auto client = Client(KafkaUse::kReading);
  KafkaConsumer consumer(client, "lines");
  EXPECT_THAT(Read(consumer, {.partition = 1, .from = 1, .to = 3}), ElementsAre("b", "c"));
  // Again, and past the end.
  EXPECT_THAT(Read(consumer, {.partition = 1, .from = 3, .to = 100}), ElementsAre("d"));
  EXPECT_THAT(Read(consumer, {.partition = 0, .from = 0, .to = 1}), ElementsAre("other"));
}

TEST_F(KafkaClientTest, ShowsPositionTimeAndKeyOfARecord) {
  Produce(1, {"a", "b"});
  auto client = Client(KafkaUse::kReading);
  KafkaConsumer consumer(client, "lines");
  const auto done =
      consumer.ReadRange({.partition = 1, .from = 1, .to = 2}, [](const auto& record) {
        EXPECT_EQ(record.partition(), 1);
        EXPECT_EQ(record.offset(), 1);
        EXPECT_GT(record.timestamp_ms(), 0);
        EXPECT_EQ(record.key(), "k");
        EXPECT_EQ(record.Header("idempotency-key"), "");
        return true;
      });
  EXPECT_TRUE(done) << done.error().message();
}

TEST_F(KafkaClientTest, FollowsSeveralPartitions) {
  auto client = Client(KafkaUse::kFollowing);
  KafkaConsumer consumer(client, "lines");
  ASSERT_TRUE(consumer.Start(0, 0));
  ASSERT_TRUE(consumer.Start(1, 0));
  Produce(0, {"zero"});
  Produce(1, {"one"});
  std::vector<std::string> values;
  for (int polls = 0; polls < 100 && values.size() < 2; ++polls) {
    ASSERT_TRUE(consumer.Poll(100, [&](const KafkaRecord& record) {
      values.emplace_back(*record.value());
      return true;
    }));
  }
  EXPECT_THAT(values, ::testing::UnorderedElementsAre("zero", "one"));
}

TEST_F(KafkaClientTest, SaysWhereAnOffsetLies) {
  Produce(0, {"a"});
  auto client = Client(KafkaUse::kReading);
  KafkaConsumer consumer(client, "lines");
  const auto done =
      consumer.ReadRange({.partition = 0, .from = 99, .to = 100}, [](const auto&) { return true; });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(
      done.error().message(),
      HasSubstr("topic \"lines\", partition 0, offset 99: the offset lies outside the log"));
}

TEST_F(KafkaClientTest, ARecordThatIsRefusedIsNotDurableAndNotSentAgain) {
  rd_kafka_mock_push_request_errors(cluster_, kProduceApi, 1,
                                    RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  auto client = Client(KafkaUse::kWriting);
  KafkaProducer producer(client, {.name = "lines", .partitions = 2});
  ASSERT_TRUE(producer.Add(0, std::nullopt, "mine"));
  const auto done = producer.Flush();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(done.error().message(),
            "topic \"lines\", partition 0: only the server writes to it; clients may not "
            "produce to it");
  EXPECT_EQ(producer.durable(), 0);
  EXPECT_FALSE(producer.Add(0, std::nullopt, "another"));
}

TEST_F(KafkaClientTest, TakesMoreRecordsThanTheQueueHolds) {
  constexpr int kRecords = 150'000;  // librdkafka queues 100,000
  auto client = Client(KafkaUse::kWriting);
  KafkaProducer producer(client, {.name = "lines", .partitions = 2});
  for (int i = 0; i < kRecords; ++i) ASSERT_TRUE(producer.Add(i % 2, std::nullopt, "x"));
  ASSERT_TRUE(producer.Flush());
  EXPECT_EQ(producer.durable(), kRecords);
}

TEST_F(KafkaClientTest, AnErrorOfAFetchEndsTheReading) {
  Produce(0, {"a"});
  rd_kafka_mock_push_request_errors(cluster_, kFetchApi, 1, RD_KAFKA_RESP_ERR_INVALID_MSG);
  auto client = Client(KafkaUse::kReading);
  KafkaConsumer consumer(client, "lines");
  const auto done =
      consumer.ReadRange({.partition = 0, .from = 0, .to = 1}, [](const auto&) { return true; });
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message(), HasSubstr("topic \"lines\", partition 0, offset 0"));
}

TEST_F(KafkaClientTest, NoticesThatTheServerIsGone) {
  Produce(0, {"a"});
  auto client = Client(KafkaUse::kFollowing);
  KafkaConsumer consumer(client, "lines");
  ASSERT_TRUE(consumer.Start(0, 0));
  ASSERT_TRUE(consumer.Poll(5000, [](const auto&) { return true; }));
  rd_kafka_mock_broker_set_down(cluster_, -1);
  Status polled;
  for (int polls = 0; polls < 100 && polled; ++polls) {
    polled = consumer.Poll(100, [](const auto&) { return true; });
  }
  ASSERT_FALSE(polled);
  EXPECT_EQ(polled.error().code(), ErrorCode::kUnavailable);
}

TEST(KafkaClient, SaysAtOnceThatNothingListens) {
  const auto client = KafkaClient::Connect("127.0.0.1:1", KafkaUse::kReading);
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().code(), ErrorCode::kUnavailable);
}

// The values are those of Kafka's Java client.
TEST(PartitionOfKey, IsLibrdkafkasMurmur2) {
  constexpr std::int32_t kPartitions = 1021;
  std::string key;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(PartitionOfKey(key, kPartitions).value(),
              rd_kafka_msg_partitioner_murmur2(nullptr, key.data(), key.size(), kPartitions,
                                               nullptr, nullptr));
    key += static_cast<char>(i * 37);
  }
}

}  // namespace
}  // namespace st::client
