#include "api/kafka/alter_configs_handler.h"

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

// A batch of one record of an idempotent producer.
std::string Sequenced(std::int32_t sequence) {
  auto batch = One();
  StoreBig(batch.data() + 43, std::int64_t{7});  // its id
  StoreBig(batch.data() + 51, std::int16_t{0});  // its epoch
  return With(std::move(batch), 53, sequence);
}

class AlterConfigsHandlerTest : public KafkaApiTest {
 protected:
  // IncrementalAlterConfigs version 0 that sets one setting of "events": error and message.
  std::pair<std::int16_t, std::string> Set(const std::string& name, const std::string& value,
                                           bool validate_only = false) {
    Writer body;
    body.Int(std::int32_t{1}).Int(std::int8_t{2}).String("events");
    body.Int(std::int32_t{1}).String(name).Int(std::int8_t{0}).String(value);
    const std::string answer = client_->Call(44, 0, body.Bool(validate_only).Take());
    Reader in(answer);
    in.Int<std::int32_t>();  // throttle
    EXPECT_EQ(in.Int<std::int32_t>(), 1);
    const auto error = in.Int<std::int16_t>();
    std::string message(in.String());
    EXPECT_EQ(in.Int<std::int8_t>(), 2);
    EXPECT_EQ(in.String(), "events");
    EXPECT_TRUE(in.ok());
    return {error, std::move(message)};
  }
  // The largest time and attributes of the batch at the offset.
  record::BatchHeader StoredAt(std::int64_t offset) {
    const auto read =
        log_->Read({log_->FindTopic("events")->id, PartitionId(0)}, Offset(offset), 1).value();
    return record::CheckBatch(read.batches).value();
  }
};

TEST_F(AlterConfigsHandlerTest, TheSizeOfABatchIsTheTopics) {
  EXPECT_EQ(Set("max.message.bytes", "100", true).first, 0);
  EXPECT_EQ(Produce(log::testing::Batch({std::string(100, 'x')})).error, 0) << "only checked";
  EXPECT_EQ(Set("max.message.bytes", "100").first, 0);
  const auto refused = Produce(log::testing::Batch({std::string(100, 'x')}));
  EXPECT_EQ(refused.error, 10);
  EXPECT_TRUE(refused.message.contains("max.message.bytes of the topic is 100")) << refused.message;
  EXPECT_EQ(Produce(One()).error, 0);
  EXPECT_EQ(Set("max.message.bytes", "2000000").first, 0);
  EXPECT_EQ(Produce(log::testing::Batch({std::string(1'500'000, 'x')})).error, 0);
}

TEST_F(AlterConfigsHandlerTest, RecordsHaveTheTimeOfTheirAppendAndTheirRetriesAreRecognised) {
  EXPECT_EQ(Set("message.timestamp.type", "LogAppendTime").first, 0);
  const auto batch = Sequenced(0);
  EXPECT_EQ(Produce(batch).offset, 0);
  const auto stored = StoredAt(0);
  EXPECT_TRUE(stored.is_log_append_time());
  EXPECT_EQ(stored.max_timestamp_ms, clock_.NowUs() / 1'000);
  clock_.Advance(5'000);
  EXPECT_EQ(Produce(batch).offset, 0) << "a retry at another time";
  EXPECT_EQ(Produce(Sequenced(1)).offset, 1);
  EXPECT_EQ(Set("message.timestamp.type", "CreateTime").first, 0);
  EXPECT_EQ(Produce(Sequenced(1)).offset, 1);
  EXPECT_EQ(Produce(Sequenced(2)).offset, 2);
  EXPECT_FALSE(StoredAt(2).is_log_append_time());
}

TEST_F(AlterConfigsHandlerTest, TimesThatAreTooFarFromNowAreRefused) {
  const auto now_ms = clock_.NowUs() / 1'000;
  const auto at = [](std::int64_t time_ms) {
    std::vector<record::NewRecord> records{
        {.key = std::nullopt, .value = "v", .timestamp_ms = time_ms, .headers = {}}};
    return record::BuildBatch(records);
  };
  EXPECT_EQ(Produce(at(now_ms + 3'600'000)).error, 0);
  EXPECT_EQ(Produce(at(now_ms + 3'600'001)).error, 32) << "Kafka's default";
  EXPECT_EQ(Produce(at(1)).error, 0);
  EXPECT_EQ(Set("message.timestamp.before.max.ms", "1000").first, 0);
  EXPECT_EQ(Produce(at(now_ms - 1'000)).error, 0);
  const auto refused = Produce(at(now_ms - 1'001));
  EXPECT_EQ(refused.error, 32);
  EXPECT_TRUE(refused.message.contains("message.timestamp.before.max.ms")) << refused.message;
  EXPECT_EQ(Produce(at(-1)).error, 0) << "it has no time";
}

TEST_F(AlterConfigsHandlerTest, TheServersOwnTopicsAndUnknownSettingsStayAsTheyAre) {
  EXPECT_EQ(Set("no.such", "1"),
            std::pair(std::int16_t{40}, std::string("Unknown topic config name: no.such")));
  api_->Stop(0);
  options_.may_write_topic = [](const std::string& name) -> Status {
    return Fail(ErrorCode::kInvalidArgument, "topic {} is the server's own", name);
  };
  Start();
  EXPECT_EQ(Set("max.message.bytes", "1").first, 29);
  EXPECT_EQ(log_->FindTopic("events")->settings, nullptr);
}

TEST_F(AlterConfigsHandlerTest, SettingsHoldAfterARestart) {
  EXPECT_EQ(Set("max.message.bytes", "100").first, 0);
  TearDown();
  groups_.reset();
  log_.reset();
  log_ = log::LocalLog::Open({fs_, clock_, *random_}, {.dir = "/log", .segment_bytes = 1 << 20})
             .value();
  groups_ = group::Coordinator::Open({fs_, clock_, *random_, &metrics_}, *log_, {}).value();
  Start();
  EXPECT_EQ(Produce(log::testing::Batch({std::string(100, 'x')})).error, 10);
}

}  // namespace
}  // namespace st::api
