#include "api/kafka/delete_records_handler.h"

#include "api/kafka/testing.h"
#include "log/record_removal.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class DeleteRecordsHandlerTest : public KafkaApiTest {
 protected:
  void SetUp() override {
    options_.delete_records = [this](TopicPartition tp, std::optional<Offset> before, auto done) {
      log::RemovalOf(*log_).MoveStart({.tp = tp, .to = before}, std::move(done));
    };
    KafkaApiTest::SetUp();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(Produce(One()).offset, i);
  }
  using Part = std::pair<std::int32_t, std::int64_t>;
  static Writer& Add(Writer& body, const std::string& topic, const std::vector<Part>& parts) {
    body.String(topic).Int(static_cast<std::int32_t>(parts.size()));
    for (const auto& [partition, before] : parts) body.Int(partition).Int(before);
    return body;
  }
  // DeleteRecords version 1 of one topic, named once or twice: what is answered, in a line.
  std::string Delete(const std::string& topic, const std::vector<Part>& parts,
                     bool is_twice = false) {
    Writer body;
    body.Int(std::int32_t{is_twice ? 2 : 1});
    Add(body, topic, parts);
    if (is_twice) Add(body, topic, parts);
    const std::string answer = client_->Call(21, 1, body.Int(std::int32_t{1'000}).Take());
    Reader in(answer);
    in.Int<std::int32_t>();  // throttle
    EXPECT_EQ(in.Int<std::int32_t>(), 1) << "each topic once";
    EXPECT_EQ(in.String(), topic);
    std::string out;
    for (auto n = in.Int<std::int32_t>(); in.ok() && n > 0; --n) {
      out += fmt::format("{}{}:", out.empty() ? "" : " ", in.Int<std::int32_t>());
      out += fmt::format("{}", in.Int<std::int64_t>());
      if (const auto error = in.Int<std::int16_t>(); error != 0) out += fmt::format("e{}", error);
    }
    EXPECT_TRUE(in.ok());
    return out;
  }
  Offset Start() const {
    return log_->StartOffset({log_->FindTopic("events")->id, PartitionId(0)});
  }
};

TEST_F(DeleteRecordsHandlerTest, RecordsBeforeAnOffsetAreGone) {
  EXPECT_EQ(Delete("events", {{0, 2}}), "0:2");
  EXPECT_EQ(Start(), Offset(2));
  EXPECT_EQ(ReadFetched(client_->Call(1, 4, FetchBody({.offset = 1}))).error, 1);
  EXPECT_EQ(ReadFetched(client_->Call(1, 4, FetchBody({.offset = 2}))).records, Based(One(), 2));
  EXPECT_EQ(Delete("events", {{0, 1}}), "0:2") << "they are gone already";
  EXPECT_EQ(Delete("events", {{0, 4}}), "0:-1e1") << "behind the end";
  EXPECT_EQ(Delete("events", {{0, -2}}), "0:-1e1");
  EXPECT_EQ(Delete("events", {{0, -1}}), "0:3") << "up to the high watermark";
  EXPECT_EQ(Produce(One()).offset, 3);
}

TEST_F(DeleteRecordsHandlerTest, EachPartitionIsAnsweredOnce) {
  EXPECT_EQ(Delete("events", {{1, 0}, {0, 1}, {-1, 0}}), "1:-1e3 0:1 -1:-1e3");
  EXPECT_EQ(Delete("nothing", {{0, 1}}), "0:-1e3");
  EXPECT_EQ(Delete("events", {{0, 9}, {0, 2}}, true), "0:2") << "the last offset counts";
}

TEST_F(DeleteRecordsHandlerTest, WhatAHoldKeepsIsRefused) {
  const TopicPartition tp{log_->FindTopic("events")->id, PartitionId(0)};
  ASSERT_TRUE(log_->SetHold({.name = "pipeline p", .from = {{tp, Offset(1)}}}));
  EXPECT_EQ(Delete("events", {{0, 2}}), "0:-1e44");
  EXPECT_EQ(Delete("events", {{0, 1}}), "0:1");
}

TEST_F(DeleteRecordsHandlerTest, ItIsOfferedWhereRecordsCanBeDeleted) {
  api_->Stop(0);
  options_.delete_records = {};
  KafkaApiTest::Start();
  client_->Send(21, 1, Writer().Int(std::int32_t{0}).Int(std::int32_t{1}).Take());
  EXPECT_EQ(client_->Receive(), "closed");
}

}  // namespace
}  // namespace st::api
