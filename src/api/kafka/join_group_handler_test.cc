// A member's way through the requests of groups; every version is in tests/clients.
#include "api/kafka/join_group_handler.h"

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class JoinGroupHandlerTest : public KafkaApiTest {
 protected:
  // JoinGroup version 1 of a member that offers one protocol; the body of the answer.
  std::string Join(Client& client, const std::string& member) {
    Writer body;
    body.String("g").Int(std::int32_t{10'000}).Int(std::int32_t{60'000}).String(member);
    body.String("consumer").Int(std::int32_t{1}).String("range").Bytes("topics");
    return client.Call(11, 1, body.Take());
  }
  std::int16_t Heartbeat(const std::string& member, std::int32_t generation) {
    Writer body;
    body.String("g").Int(generation).String(member);
    const auto answer = client_->Call(12, 0, body.Take());
    return Reader(answer).Int<std::int16_t>();
  }
  // OffsetCommit version 2 of partition 0 of "events": its error.
  std::int16_t Commit(const std::string& member, std::int32_t generation, std::int64_t offset) {
    Writer body;
    body.String("g").Int(generation).String(member).Int(std::int64_t{-1});
    body.Int(std::int32_t{1}).String("events").Int(std::int32_t{1});
    body.Int(std::int32_t{0}).Int(offset).String("note");
    const auto answer = client_->Call(8, 2, body.Take());
    Reader in(answer);
    in.Int<std::int32_t>();
    in.String();
    in.Int<std::int32_t>();
    in.Int<std::int32_t>();
    return in.Int<std::int16_t>();
  }
  // OffsetFetch version 1 of the same partition.
  std::int64_t Committed() {
    Writer body;
    body.String("g").Int(std::int32_t{1}).String("events");
    body.Int(std::int32_t{1}).Int(std::int32_t{0});
    const auto answer = client_->Call(9, 1, body.Take());
    Reader in(answer);
    in.Int<std::int32_t>();
    in.String();
    in.Int<std::int32_t>();
    in.Int<std::int32_t>();
    return in.Int<std::int64_t>();
  }
};

TEST_F(JoinGroupHandlerTest, AMemberJoinsSyncsCommitsAndLeaves) {
  const auto joined = Join(*client_, "");
  Reader in(joined);
  ASSERT_EQ(in.Int<std::int16_t>(), 0);
  const auto generation = in.Int<std::int32_t>();
  EXPECT_EQ(generation, 1);
  EXPECT_EQ(in.String(), "range");
  const std::string leader(in.String());
  const std::string member(in.String());
  EXPECT_EQ(leader, member);
  EXPECT_TRUE(member.starts_with("test-"));
  EXPECT_EQ(Commit(member, generation, 1), 27) << "before the assignment";
  Writer body;
  body.String("g").Int(generation).String(member);
  body.Int(std::int32_t{1}).String(member).Bytes("all");
  const auto synced = client_->Call(14, 0, body.Take());
  Reader sync(synced);
  EXPECT_EQ(sync.Int<std::int16_t>(), 0);
  EXPECT_EQ(sync.Bytes(), "all");
  EXPECT_EQ(Heartbeat(member, generation), 0);
  EXPECT_EQ(Heartbeat(member, generation + 1), 22);
  EXPECT_EQ(Heartbeat("other", generation), 25);
  EXPECT_EQ(Commit(member, generation, 7), 0);
  EXPECT_EQ(Committed(), 7);
  Writer leave;
  leave.String("g").String(member);
  const auto left = client_->Call(13, 0, leave.Take());
  EXPECT_EQ(Reader(left).Int<std::int16_t>(), 0);
  EXPECT_EQ(Heartbeat(member, generation), 25);
  EXPECT_EQ(Committed(), 7) << "offsets stay";
}

TEST_F(JoinGroupHandlerTest, WhoWaitsForARebalanceIsAnsweredAtStop) {
  const auto joined = Join(*client_, "");
  EXPECT_EQ(Reader(joined).Int<std::int16_t>(), 0);
  Client second(api_->address());
  Writer body;
  body.String("g").Int(std::int32_t{10'000}).Int(std::int32_t{60'000}).String("");
  body.String("consumer").Int(std::int32_t{1}).String("range").Bytes("topics");
  second.Send(11, 1, body.Take());
  while (groups_->Describe("g")->members.size() < 2) std::this_thread::yield();
  groups_->Stop();
  const auto answer = second.Receive();
  EXPECT_EQ(Reader(answer).Int<std::int16_t>(), 15);
}

}  // namespace
}  // namespace st::api
