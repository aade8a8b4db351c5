#include "api/kafka/offset_for_leader_epoch_handler.h"

#include <tuple>

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class OffsetForLeaderEpochHandlerTest : public KafkaApiTest {};

using Answer = std::tuple<std::int16_t, std::int32_t, std::int64_t>;  // error, epoch, end

// Version 2 of partition 0 of "events".
Answer Find(Client& client, std::int32_t current_epoch, std::int32_t epoch) {
  Writer body;
  body.Int(std::int32_t{1}).String("events").Int(std::int32_t{1});
  body.Int(std::int32_t{0}).Int(current_epoch).Int(epoch);
  const std::string answer = client.Call(23, 2, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();  // throttle
  in.Int<std::int32_t>();
  in.String();
  in.Int<std::int32_t>();
  const auto error = in.Int<std::int16_t>();
  in.Int<std::int32_t>();
  const auto found = in.Int<std::int32_t>();
  return {error, found, in.Int<std::int64_t>()};
}

TEST_F(OffsetForLeaderEpochHandlerTest, TheOneEpochEndsWhereThePartitionDoes) {
  EXPECT_EQ(Find(*client_, 0, 0), Answer(0, 0, 0));
  Produce(log::testing::Batch({"a", "b"}));
  EXPECT_EQ(Find(*client_, 0, 0), Answer(0, 0, 2));
  EXPECT_EQ(Find(*client_, -1, 0), Answer(0, 0, 2)) << "nobody need know the epoch";
  EXPECT_EQ(Find(*client_, 0, 1), Answer(0, -1, -1)) << "no such epoch is no error";
  EXPECT_EQ(Find(*client_, 1, 0), Answer(75, -1, -1));
  EXPECT_EQ(Find(*client_, -2, 0), Answer(74, -1, -1));
}

}  // namespace
}  // namespace st::api
