#include "api/kafka/delete_topics_handler.h"

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class DeleteTopicsHandlerTest : public KafkaApiTest {
 protected:
  // DeleteTopics version 5 of one topic: error and message.
  std::pair<std::int16_t, std::string> Delete(const std::string& topic) {
    Writer body(0, true);
    body.Tags().ArrayLength(std::vector<int>(1)).String(topic).Int(std::int32_t{1'000}).Tags();
    const std::string answer = client_->Call(20, 5, body.Take());
    Reader in(answer, true);
    in.Tags();
    in.Int<std::int32_t>();  // throttle
    EXPECT_EQ(in.ArrayLength(1), 1);
    EXPECT_EQ(in.String(), topic);
    const auto error = in.Int<std::int16_t>();
    std::string message(in.String());
    EXPECT_TRUE(in.ok());
    return {error, std::move(message)};
  }
};

TEST_F(DeleteTopicsHandlerTest, ADeletedTopicIsGoneAndOneOfItsNameIsAnother) {
  EXPECT_EQ(Produce(One()).offset, 0);
  const auto before = log_->FindTopic("events")->id;
  EXPECT_EQ(Delete("events").first, 0);
  EXPECT_FALSE(log_->FindTopic("events"));
  EXPECT_EQ(Produce(One()).error, 3);
  EXPECT_EQ(Delete("events").first, 3);
  ASSERT_TRUE(log_->CreateTopic("events", 1));
  EXPECT_NE(log_->FindTopic("events")->id, before);
  EXPECT_EQ(Produce(One()).offset, 0);
}

TEST_F(DeleteTopicsHandlerTest, AFetchThatWaitsIsAnsweredWhenItsTopicGoes) {
  Client waiting(api_->address());
  waiting.Send(1, 4, FetchBody({.offset = 0}));
  EXPECT_EQ(Delete("events").first, 0);
  EXPECT_EQ(ReadFetched(waiting.Receive()).error, 3) << "whether it came before or after";
}

TEST_F(DeleteTopicsHandlerTest, WhatIsReadByThisServerIsRefusedWithTheReason) {
  api_->Stop(0);
  options_.may_delete_topic = [](const std::string& name) -> Status {
    return Fail(ErrorCode::kInvalidArgument, "a pipeline reads {}", name);
  };
  Start();
  EXPECT_EQ(Delete("events"), std::pair(std::int16_t{44}, std::string("a pipeline reads events")));
  EXPECT_TRUE(log_->FindTopic("events"));
}

}  // namespace
}  // namespace st::api
