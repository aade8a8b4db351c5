#include "api/kafka/describe_topic_partitions_handler.h"

#include <fmt/format.h>

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

struct Cursor {
  std::string topic;
  std::int32_t partition = 0;
};

class DescribeTopicPartitionsHandlerTest : public KafkaApiTest {
 protected:
  void SetUp() override {
    KafkaApiTest::SetUp();
    ASSERT_TRUE(log_->CreateTopic("more", 3));
  }

  // "events 0/0-1, more 0/0-3 -> more/3": each topic with its error, its first partition and the
  // end of them, and with which partition it goes on.
  std::string Describe(const std::vector<std::string>& topics, std::int32_t most,
                       const std::optional<Cursor>& cursor = {}) {
    Writer body(0, true);
    body.Tags().ArrayLength(topics);
    for (const auto& topic : topics) body.String(topic).Tags();
    body.Int(most).Int(std::int8_t{cursor ? std::int8_t{1} : std::int8_t{-1}});
    if (cursor) body.String(cursor->topic).Int(cursor->partition).Tags();
    return Told(client_->Call(75, 0, body.Tags().Take()));
  }

 private:
  static std::string Told(const std::string& answer) {
    Reader in(answer, true);
    in.Tags();
    in.Int<std::int32_t>();  // throttle
    std::string told;
    for (auto n = in.ArrayLength(100); n > 0; --n) {
      const auto error = in.Int<std::int16_t>();
      const std::string name(in.String());
      in.Id();
      in.Bool();
      const auto partitions = in.ArrayLength(100);
      std::int32_t first = 0;
      for (std::int32_t i = 0; i < partitions; ++i) {
        in.Int<std::int16_t>();
        const auto partition = in.Int<std::int32_t>();
        if (i == 0) first = partition;
        EXPECT_EQ(partition, first + i);
        in.Int<std::int32_t>();  // leader and its epoch
        in.Int<std::int32_t>();
        for (const int nodes : {1, 1, 0, 0, 0}) {
          EXPECT_EQ(in.ArrayLength(1), nodes);
          if (nodes > 0) in.Int<std::int32_t>();
        }
        in.Tags();
      }
      in.Int<std::int32_t>();  // operations
      in.Tags();
      if (!told.empty()) told += ", ";
      told += fmt::format("{} {}/{}-{}", name, error, first, first + partitions);
    }
    if (in.Int<std::int8_t>() >= 0) {
      const std::string topic(in.String());
      told += fmt::format(" -> {}/{}", topic, in.Int<std::int32_t>());
    }
    EXPECT_TRUE(in.ok());
    return told;
  }
};

TEST_F(DescribeTopicPartitionsHandlerTest, TellsTopicsByNameUpToSoManyPartitions) {
  EXPECT_EQ(Describe({"more", "events"}, 2'000), "events 0/0-1, more 0/0-3");
  EXPECT_EQ(Describe({}, 4), "events 0/0-1, more 0/0-3");
  EXPECT_EQ(Describe({}, 3), "events 0/0-1, more 0/0-2 -> more/2");
  EXPECT_EQ(Describe({}, 1), "events 0/0-1 -> more/0");
  EXPECT_EQ(Describe({}, -5), "events 0/0-1 -> more/0") << "one at least";
}

TEST_F(DescribeTopicPartitionsHandlerTest, GoesOnFromACursor) {
  EXPECT_EQ(Describe({}, 9, Cursor{"more", 1}), "more 0/1-3");
  EXPECT_EQ(Describe({}, 1, Cursor{"more", 1}), "more 0/1-2 -> more/2");
  EXPECT_EQ(Describe({"more", "events"}, 9, Cursor{"more", 0}), "more 0/0-3");
  EXPECT_EQ(Describe({"events"}, 9, Cursor{"more", 0}), "events 42/0-0") << "not asked for";
  EXPECT_EQ(Describe({"more"}, 9, Cursor{"more", -1}), "more 42/0-0");
}

TEST_F(DescribeTopicPartitionsHandlerTest, NamesWithoutATopicHaveTheirError) {
  EXPECT_EQ(Describe({"nowhere", "a b", "events"}, 9), "a b 17/0-0, events 0/0-1, nowhere 3/0-0");
  EXPECT_EQ(Describe({std::string(300, 'n')}, 9), std::string(300, 'n') + " 17/0-0");
}

}  // namespace
}  // namespace st::api
