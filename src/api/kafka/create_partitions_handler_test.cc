#include "api/kafka/create_partitions_handler.h"

#include "api/kafka/testing.h"
#include "log/limits.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class CreatePartitionsHandlerTest : public KafkaApiTest {
 protected:
  // CreatePartitions version 0 of one topic: error and message.
  std::pair<std::int16_t, std::string> Grow(const std::string& topic, std::int32_t partitions,
                                            bool validate_only = false) {
    Writer body;
    body.Int(std::int32_t{1}).String(topic).Int(partitions).Int(std::int32_t{-1});
    const std::string answer =
        client_->Call(37, 0, body.Int(std::int32_t{1000}).Bool(validate_only).Take());
    Reader in(answer);
    in.Int<std::int32_t>();  // throttle
    EXPECT_EQ(in.Int<std::int32_t>(), 1);
    EXPECT_EQ(in.String(), topic);
    const auto error = in.Int<std::int16_t>();
    std::string message(in.String());
    EXPECT_TRUE(in.ok());
    return {error, std::move(message)};
  }
};

TEST_F(CreatePartitionsHandlerTest, MorePartitionsAreThereWhenItIsAnswered) {
  EXPECT_EQ(Grow("events", 3, true).first, 0);
  EXPECT_EQ(log_->FindTopic("events")->partitions, 1) << "only checked";
  EXPECT_EQ(Grow("events", 3).first, 0);
  EXPECT_EQ(MetadataOf(*client_, "events", false), std::pair(std::int16_t{0}, std::int32_t{3}));
  EXPECT_TRUE(
      log::testing::AppendAndWait(*log_, {log_->FindTopic("events")->id, PartitionId(2)}, One()));
}

TEST_F(CreatePartitionsHandlerTest, WhatIsBeyondTheLogIsRefusedByItsLimits) {
  const auto [error, why] = Grow("events", log::kMaxPartitions + 1);
  EXPECT_EQ(error, 44);
  EXPECT_EQ(why, "1025 partitions; a topic has at most 1024");
  for (int i = 0; i < 96; ++i) {
    ASSERT_TRUE(log_->CreateTopic("wide" + std::to_string(i), log::kMaxPartitions));
  }
  EXPECT_EQ(Grow("events", 1000, true).first, 44) << "of all topics, also where it is only checked";
  EXPECT_EQ(Grow("events", 1000).first, 44);
  EXPECT_EQ(Grow("events", 100).first, 0);
}

TEST_F(CreatePartitionsHandlerTest, TheServersOwnTopicsStayAsTheyAre) {
  api_->Stop(0);
  options_.may_write_topic = [](const std::string& name) -> Status {
    return Fail(ErrorCode::kInvalidArgument, "topic {} is the server's own", name);
  };
  Start();
  EXPECT_EQ(Grow("events", 2),
            std::pair(std::int16_t{29}, std::string("topic events is the server's own")));
  EXPECT_EQ(log_->FindTopic("events")->partitions, 1);
}

}  // namespace
}  // namespace st::api
