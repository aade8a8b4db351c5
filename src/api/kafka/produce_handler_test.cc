#include "api/kafka/produce_handler.h"

#include <zstd.h>
#include <vector>

#include "api/kafka/limits.h"
#include "api/kafka/testing.h"
#include "log/limits.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class ProduceHandlerTest : public KafkaApiTest {};

TEST_F(ProduceHandlerTest, AProtectedTopicTakesNoBatch) {
  client_.reset();
  api_->Stop(0);
  options_.may_write_topic = [](const std::string& name) -> Status {
    if (name != "game") return {};
    return Fail(ErrorCode::kInvalidArgument, "topic game is the server's own");
  };
  Start();
  constexpr int kTopicAuthorizationFailed = 29;
  EXPECT_EQ(Produce(One(), "game").error, kTopicAuthorizationFailed) << "it is not there";
  ASSERT_TRUE(log_->CreateTopic("game", 1));
  EXPECT_EQ(Produce(One(), "game").error, kTopicAuthorizationFailed);
  EXPECT_EQ(Produce(One()).error, 0);
  const TopicPartition tp{log_->FindTopic("game")->id, PartitionId(0)};
  EXPECT_EQ(log_->EndOffset(tp), Offset(0));
}

TEST_F(ProduceHandlerTest, BatchesThatNoReaderCouldHoldAreTooLarge) {
  const std::int32_t many = record::kMaxBatchRecords + 1;
  const auto counted = Produce(With(With(One(), 23, many - 1), 57, many));
  EXPECT_EQ(counted, (Produced{10, -1, "record batch of 1000001 records; at most 1000000"}));
  const auto large = Produce(log::testing::Batch({std::string(log::kMaxBatchBytes, 'x')}));
  EXPECT_EQ(large.error, 10);
  EXPECT_TRUE(large.message.ends_with("max.message.bytes of the topic is 1048588"))
      << large.message;
}

TEST_F(ProduceHandlerTest, BatchesThatDoNotDecodeAreInvalidRecordsAndDamagedOnesAreCorrupt) {
  std::string broken = One();
  broken.back() = 1;  // one header, and no bytes for it
  EXPECT_EQ(Produce(With(broken, 57, 1)), (Produced{87, -1, "record 0 of 1 does not decode"}));
  EXPECT_EQ(Produce(broken).error, 2) << "its crc is wrong";
  EXPECT_EQ(Produce("short").error, 2);
  EXPECT_EQ(Produce(One(), "nowhere").error, 3);
  EXPECT_EQ(Produce(One()), (Produced{0, 0, ""})) << "nothing of these was kept";
}

// One record of `bytes` zeros, compressed with zstd to next to nothing.
std::string Bomb(std::size_t bytes) {
  const auto plain = log::testing::Batch({std::string(bytes, '\0')});
  const auto records = std::string_view(plain).substr(record::kBatchHeaderBytes);
  std::string packed(ZSTD_compressBound(records.size()), '\0');
  packed.resize(ZSTD_compress(packed.data(), packed.size(), records.data(), records.size(), 1));
  std::string batch = plain.substr(0, record::kBatchHeaderBytes) + packed;
  StoreBig(batch.data() + 8, static_cast<std::int32_t>(batch.size() - 12));
  batch[22] = 4;
  StoreBig(batch.data() + 17, Crc32c(std::string_view(batch).substr(21)));
  return batch;
}

// Produce version 8 of several batches to partition 0 of "events": the errors.
std::vector<std::int16_t> ProduceAll(Client& client, const std::vector<std::string>& batches) {
  Writer body;
  body.NullableString(std::nullopt).Int(std::int16_t{-1}).Int(std::int32_t{1000});
  body.Int(std::int32_t{1}).String("events").ArrayLength(batches);
  for (const auto& batch : batches) body.Int(std::int32_t{0}).Bytes(batch);
  const auto answer = client.Call(0, 8, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  in.String();
  std::vector<std::int16_t> errors;
  for (auto n = in.Int<std::int32_t>(); n > 0; --n) {
    in.Int<std::int32_t>();
    errors.push_back(in.Int<std::int16_t>());
    for (int i = 0; i < 3; ++i) in.Int<std::int64_t>();
    in.Int<std::int32_t>();
    in.NullableString();
  }
  EXPECT_TRUE(in.ok());
  return errors;
}

TEST_F(ProduceHandlerTest, ARequestIsDecompressedUpToALimitAndNotBehindARefusedBatch) {
  constexpr std::size_t kMost = kMaxRequestRecordBytes;
  EXPECT_EQ(ProduceAll(*client_, {Bomb(kMost / 2), Bomb(kMost * 2 / 3), One()}),
            (std::vector<std::int16_t>{0, 19, 19}))
      << "those behind the limit are to be sent again";
  EXPECT_EQ(ProduceAll(*client_, {One(), Bomb(kMost + 1), One()}),
            (std::vector<std::int16_t>{0, 10, 19}));
  EXPECT_EQ(Produce(Bomb(100)), (Produced{0, 2, ""})) << "the refused ones were not stored";
}

TEST_F(ProduceHandlerTest, BatchesOfAConnectionAreStoredInTheOrderSentWhereverTheyAreChecked) {
  const std::vector<std::string> batches = {Bomb(2 << 20), One(), Bomb(100), One(),
                                            log::testing::Batch({std::string(200'000, 'x')})};
  for (const auto& batch : batches) client_->Send(0, 8, ProduceBody("events", batch));
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_EQ(ReadProduced(client_->Receive()), (Produced{0, i, ""}));
  }
}

TEST_F(ProduceHandlerTest, WithoutAcksNothingIsAnsweredAndAFailureCloses) {
  client_->Send(0, 8, ProduceBody("events", One(), 0));
  client_->Send(0, 8, ProduceBody("nowhere", One(), 0));
  EXPECT_EQ(client_->Receive(), "closed");
  client_ = std::make_unique<Client>(api_->address());
  EXPECT_EQ(ReadFetched(client_->Call(1, 4, FetchBody({}))).records, Based(One(), 0));
}

TEST_F(ProduceHandlerTest, ABatchWhoseTimesWereCorrectedIsRecognisedWhenItIsRepeated) {
  const std::string batch =
      Claiming(record::BuildBatch({{.value = "x", .timestamp_ms = 1000, .headers = {}}},
                                  {.id = 77, .epoch = 0, .sequence = 0}),
               0, 5);
  EXPECT_EQ(Produce(batch).offset, 0);
  EXPECT_EQ(Produce(batch), (Produced{0, 0, ""}));
}

TEST_F(ProduceHandlerTest, TransactionalAndControlBatchesAreRefused) {
  const auto refused = Produce(Claiming(One(), 16, 1000));
  EXPECT_EQ(refused.error, 53);
  EXPECT_EQ(refused.message,
            "transactions are not offered by this server: send without transactional.id");
  EXPECT_EQ(ProduceAll(*client_, {One(), Claiming(One(), 16, 1000)}),
            (std::vector<std::int16_t>{53, 53}));
  EXPECT_EQ(Produce(Claiming(One(), 32, 1000)).error, 87);
  EXPECT_EQ(Produce(One()), (Produced{0, 0, ""})) << "nothing of these was kept";
}

}  // namespace
}  // namespace st::api
