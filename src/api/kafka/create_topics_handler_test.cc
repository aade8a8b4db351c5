#include "api/kafka/create_topics_handler.h"

#include "api/kafka/limits.h"
#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class CreateTopicsHandlerTest : public KafkaApiTest {};

struct NewTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication = 1;
  std::string config;
  bool validate_only = false;
};

// CreateTopics version 1: error and message.
std::pair<std::int16_t, std::string> Create(Client& client, const NewTopic& topic) {
  Writer body;
  body.Int(std::int32_t{1}).String(topic.name).Int(topic.partitions).Int(topic.replication);
  body.Int(std::int32_t{0}).Int(topic.config.empty() ? 0 : 1);
  if (!topic.config.empty()) body.String(topic.config).String("1");
  body.Int(std::int32_t{1000}).Bool(topic.validate_only);
  const std::string answer = client.Call(19, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.String(), topic.name);
  const auto error = in.Int<std::int16_t>();
  return {error, std::string(in.String())};
}

TEST_F(CreateTopicsHandlerTest, TopicsAreMadeOrRefusedWithAReason) {
  EXPECT_EQ(Create(*client_, {.name = "dry", .validate_only = true}).first, 0);
  EXPECT_FALSE(log_->FindTopic("dry"));
  EXPECT_EQ(Create(*client_, {.name = "a", .partitions = 3, .replication = -1}).first, 0);
  EXPECT_EQ(log_->FindTopic("a")->partitions, 3);
  EXPECT_EQ(Create(*client_, {.name = "a"}).first, 36);
  EXPECT_EQ(Create(*client_, {.name = "b", .partitions = 0}).first, 37);
  EXPECT_EQ(Create(*client_, {.name = "b c"}).first, 17);
  EXPECT_EQ(
      Create(*client_, {.name = "b", .replication = 2}),
      std::pair(std::int16_t{38},
                std::string("replication factor 2: there is one node; give 1 or leave it out")));
  const auto [error, why] = Create(*client_, {.name = "b", .config = "remote.storage.enable"});
  EXPECT_EQ(error, 40);
  EXPECT_EQ(why,
            "Invalid value 1 for configuration remote.storage.enable: Expected value to be either "
            "true or false");
  EXPECT_FALSE(log_->FindTopic("b"));
}

TEST_F(CreateTopicsHandlerTest, APolicyDecidesWhichTopicsMayBeMade) {
  api_->Stop(0);
  options_.may_create_topic = [](const std::string& name) -> Status {
    if (name != "table") return {};
    return Fail(ErrorCode::kInvalidArgument, "{} is a table", name);
  };
  Start();
  EXPECT_EQ(Create(*client_, {.name = "table"}),
            std::pair(std::int16_t{44}, std::string("table is a table")));
  EXPECT_EQ(MetadataOf(*client_, "table", true).first, 17);
  EXPECT_EQ(MetadataOf(*client_, "other", true).first, 0);
  EXPECT_FALSE(log_->FindTopic("table"));
}

TEST_F(CreateTopicsHandlerTest, OneAddressMakesSomeTopicsAtOnceAndThenFewAndOthersMakeTheirs) {
  const auto name = [](int i) { return "t" + std::to_string(i); };
  const int burst = static_cast<int>(kTopicBurst);
  for (int i = 0; i < burst; ++i) ASSERT_EQ(Create(*client_, {.name = name(i)}).first, 0);
  const auto [error, why] = Create(*client_, {.name = "more"});
  EXPECT_EQ(error, 89);
  EXPECT_EQ(why, "one address may make 250 topics at once and then 12 a minute; try again later");
  EXPECT_EQ(MetadataOf(*client_, "more", true).first, 5) << "clients ask again";
  Client other(api_->address(), "127.0.0.2");
  EXPECT_EQ(Create(other, {.name = "others"}).first, 0);
  clock_.Advance(5'000'000);
  EXPECT_EQ(MetadataOf(*client_, "more", true).first, 0);
  EXPECT_EQ(Create(*client_, {.name = "again"}).first, 89);
}

TEST_F(CreateTopicsHandlerTest, MakingTopicsByFirstUseCanBeSwitchedOff) {
  api_->Stop(0);
  options_.auto_create_topics = false;
  Start();
  EXPECT_EQ(MetadataOf(*client_, "new", true).first, 3);
  EXPECT_FALSE(log_->FindTopic("new"));
  EXPECT_EQ(Create(*client_, {.name = "new"}).first, 0) << "by request it is made";
}

TEST_F(CreateTopicsHandlerTest, ALongNameIsNobodysAndAnsweredWithAnError) {
  const std::string name(32'000, 'n');
  EXPECT_EQ(Create(*client_, {.name = name}).first, 17);
  EXPECT_EQ(MetadataOf(*client_, name, true).first, 17);
  EXPECT_EQ(MetadataOf(*client_, name, false).first, 17);
  EXPECT_EQ(Produce(One(), name).error, 3);
}

}  // namespace
}  // namespace st::api
