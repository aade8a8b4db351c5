#include "api/kafka/kafka_api.h"

#include "api/kafka/limits.h"
#include "api/kafka/testing.h"
#include "format/kafka/api_name.h"
#include "format/kafka/limits.h"
#include "log/limits.h"
#include "net/address.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

TEST_F(KafkaApiTest, UnknownKeysAndOldVersionsCloseTheConnection) {
  client_->Send(999, 0, "");
  EXPECT_EQ(client_->Receive(), "closed");
  client_ = std::make_unique<Client>(api_->address());
  client_->Send(0, 2, ProduceBody("events", One()));
  EXPECT_EQ(client_->Receive(), "closed");
}

TEST_F(KafkaApiTest, ARequestThatDoesNotDecodeClosesItsConnectionAndIsCounted) {
  client_.reset();
  api_->Stop(0);
  options_.metrics = &metrics_;
  Start();
  for (const auto& [key, version] : {std::pair<std::int16_t, std::int16_t>{0, 8},
                                     {1, 4},
                                     {2, 5},
                                     {3, 8},
                                     {19, 4},
                                     {22, 1},
                                     {32, 3}}) {
    Client client(api_->address());
    EXPECT_EQ(client.Call(key, version, "short"), "closed") << "key " << key;
  }
  EXPECT_NE(metrics_.Render().find("steelthread_kafka_refused_total 7\n"), std::string::npos);
}

TEST_F(KafkaApiTest, RequestsAreCountedByApiAndVersion) {
  client_.reset();
  api_->Stop(0);
  options_.metrics = &metrics_;
  Start();
  EXPECT_EQ(metrics_.Render().find("steelthread_kafka_requests_total"), std::string::npos);
  Client client(api_->address());
  const std::string answer = client.Call(18, 0, "");
  client.Call(18, 0, "");
  client.Call(18, 2, "");
  client.Call(18, 99, "");
  Client(api_->address()).Call(0, 2, ProduceBody("events", One()));
  for (const auto* line : {R"(requests_total{api="ApiVersions",version="0"} 2)",
                           R"(requests_total{api="ApiVersions",version="2"} 1)",
                           R"(requests_total{api="Produce",version="2"} 1)"}) {
    EXPECT_NE(metrics_.Render().find(line), std::string::npos) << metrics_.Render();
  }
  EXPECT_EQ(metrics_.Render().find(R"(version="99")"), std::string::npos)
      << "a client cannot make time series";
  Reader keys(answer);
  ASSERT_EQ(keys.Int<std::int16_t>(), 0);
  const auto count = keys.Int<std::int32_t>();
  for (std::int32_t i = 0; i < count; ++i) {
    const auto key = keys.Int<std::int16_t>();
    keys.Int<std::int32_t>();  // its two versions
    EXPECT_NE(kafka::ApiName(static_cast<kafka::ApiKey>(key)), "") << key;
  }
  EXPECT_GT(count, 0);
}

// What one limit allows another must hold.
TEST(KafkaLimits, Compose) {
  const auto budgets = net::ClientBudgets::ForProcess(nullptr);
  const auto& memory = budgets.memory->options();
  const auto large_share = std::min(memory.per_charge, memory.per_address - memory.per_address / 4);
  constexpr std::uint64_t kFetchBytes = kMaxFetchBytes;
  constexpr std::uint64_t kPartitions = kafka::kMaxRequestPartitions;
  EXPECT_LE(kMaxRequestBytes, large_share) << "the largest request is read";
  EXPECT_GT(kMaxRequestBytes, log::kMaxBatchBytes) << "and holds the largest batch";
  EXPECT_GE(kMaxRequestRecordBytes, log::kMaxBatchBytes) << "which may be of records as they are";
  EXPECT_LE(kFetchBytes + log::kMaxBatchBytes + kPartitions * kFetchedPartitionBytes, large_share)
      << "the largest answer to a fetch can be sent";
  EXPECT_LE(kPartitions * (kafka::kMaxTopicNameBytes + 64), kMaxPlainRequestBytes)
      << "a request of the most partitions, each of another topic, is read";
  EXPECT_GE(kafka::kMaxRequestPartitions, log::kMaxPartitions) << "a topic is fetched whole";
  EXPECT_GE(kafka::kMaxRequestTopics, log::kMaxTopics - log::kOwnTopics);
  EXPECT_LT(memory.per_address, log::LogOptions{}.max_queued_bytes)
      << "one client does not fill the log's queue";
}

}  // namespace
}  // namespace st::api
