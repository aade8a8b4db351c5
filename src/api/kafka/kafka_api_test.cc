#include "api/kafka/kafka_api.h"

#include "api/kafka/limits.h"
#include "api/kafka/testing.h"
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
