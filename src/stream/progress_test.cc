#include "stream/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace st::stream {
namespace {

using ::testing::HasSubstr;

TEST(Progress, IsReadAsItWasWritten) {
  Progress progress{.log_id = Uuid::Parse("00000000-0000-4000-8000-000000000001").value(),
                    .flows = {}};
  auto& flow = progress.flows["t"];
  flow.topics[TopicId(Uuid::Parse("00000000-0000-4000-8000-000000000002").value())] = {{0, 42},
                                                                                       {1, 7}};
  flow.crcs[{.topic = flow.topics.begin()->first, .partition = PartitionId(0)}] = 4'000'000'000;
  flow.dead_letters = 3;
  flow.failing = {{.id = {.tp = {.topic = flow.topics.begin()->first, .partition = PartitionId(1)},
                          .offset = Offset(6)},
                   .code = "sql_error",
                   .reason = "é \"x\""}};
  const std::string text = EncodeProgress(progress);
  EXPECT_EQ(
      text,
      R"({"flows":{"t":{"dead_letters":3,"judged":[{"code":"sql_error","offset":6,)"
      R"("partition":1,"reason":"é \"x\""}],"topics":{"00000000-0000-4000-8000-000000000002":)"
      R"({"0":{"crc":4000000000,"next":42,"replay_from":42},"1":{"next":7,"replay_from":7}}},)"
      R"("watermark":null}},"log_id":"00000000-0000-4000-8000-000000000001"})");
  const auto read = DecodeProgress(text).value();
  EXPECT_EQ(EncodeProgress(read), text);
  for (std::size_t i = 0; i < text.size(); ++i) EXPECT_FALSE(DecodeProgress(text.substr(0, i)));
}

TEST(Progress, NamesTheTopicOfAVerdictWhereThereAreSeveral) {
  Progress progress{.log_id = Uuid::Parse("00000000-0000-4000-8000-000000000001").value(),
                    .flows = {}};
  auto& flow = progress.flows["t"];
  const TopicId first(Uuid::Parse("00000000-0000-4000-8000-000000000002").value());
  const TopicId second(Uuid::Parse("00000000-0000-4000-8000-000000000003").value());
  flow.topics = {{first, {{0, 42}}}, {second, {{0, 7}}}};
  flow.failing = {
      {.id = {.tp = {.topic = second, .partition = PartitionId(0)}, .offset = Offset(6)},
       .code = "sql_error",
       .reason = "x"}};
  const std::string text = EncodeProgress(progress);
  EXPECT_THAT(text, HasSubstr("\"topic\":\"00000000-0000-4000-8000-000000000003\""));
  const auto read = DecodeProgress(text).value();
  EXPECT_EQ(read.flows.at("t").failing.at(0).id.tp.topic, second);
  EXPECT_EQ(EncodeProgress(read), text);
  auto without = text;
  without.replace(without.find("\"topic\""), 7, "\"other\"");
  EXPECT_FALSE(DecodeProgress(without)) << "which topic's record it is must be known";
}

}  // namespace
}  // namespace st::stream
