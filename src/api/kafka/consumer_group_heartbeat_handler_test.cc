// A member of the new protocol over the wire; every version and every answer is in tests/clients.
#include "api/kafka/consumer_group_heartbeat_handler.h"

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class ConsumerGroupHeartbeatHandlerTest : public KafkaApiTest {
 protected:
  // ConsumerGroupHeartbeat version 1; the body of the answer behind its tagged fields. A member
  // that joins is subscribed to "events".
  std::string Beat(const std::string& group, std::int32_t epoch) {
    Writer body(0, true);
    body.Tags().String(group).String("m").Int(epoch);
    body.NullableString(std::nullopt).NullableString(std::nullopt);
    const bool is_joining = epoch == 0;
    body.Int(is_joining ? std::int32_t{1'000} : std::int32_t{-1});
    if (is_joining) {
      body.ArrayLength(std::vector<int>(1)).String("events");
    } else {
      body.Int(std::int8_t{0});
    }
    body.NullableString(std::nullopt).NullableString(std::nullopt);
    body.Int(is_joining ? std::int8_t{1} : std::int8_t{0}).Tags();
    return client_->Call(68, 1, body.Take()).substr(1);
  }
};

TEST_F(ConsumerGroupHeartbeatHandlerTest, AMemberJoinsStaysAndLeaves) {
  const auto joined = Beat("g", 0);
  Reader in(joined, true);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.Int<std::int16_t>(), 0);
  EXPECT_EQ(in.NullableString(), std::nullopt);
  EXPECT_EQ(in.String(), "m");
  EXPECT_EQ(in.Int<std::int32_t>(), 1);
  EXPECT_EQ(in.Int<std::int32_t>(), 5'000);
  EXPECT_EQ(in.Int<std::int8_t>(), 1);
  EXPECT_EQ(in.ArrayLength(9), 1);
  EXPECT_EQ(TopicId(in.Id()), log_->FindTopic("events")->id);
  EXPECT_EQ(in.ArrayLength(9), 1);
  EXPECT_EQ(in.Int<std::int32_t>(), 0);
  for (const std::int32_t epoch : {1, -1}) {
    const auto answer = Beat("g", epoch);
    Reader later(answer, true);
    later.Int<std::int32_t>();
    EXPECT_EQ(later.Int<std::int16_t>(), 0);
    later.NullableString();
    later.String();
    EXPECT_EQ(later.Int<std::int32_t>(), epoch);
  }
}

TEST_F(ConsumerGroupHeartbeatHandlerTest, ARefusalSaysWhy) {
  const auto answer = Beat("nowhere", 1);
  Reader in(answer, true);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.Int<std::int16_t>(), 69);
  EXPECT_EQ(in.String(), "Consumer group nowhere not found.");
}

TEST_F(ConsumerGroupHeartbeatHandlerTest, WhatDoesNotDecodeClosesTheConnection) {
  EXPECT_EQ(client_->Call(68, 1, "nonsense"), "closed");
}

}  // namespace
}  // namespace st::api
