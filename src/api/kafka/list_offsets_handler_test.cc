#include "api/kafka/list_offsets_handler.h"

#include <tuple>

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class ListOffsetsHandlerTest : public KafkaApiTest {};

// ListOffsets version 1 of partition 0 of "events": error, timestamp, offset.
std::tuple<std::int16_t, std::int64_t, std::int64_t> List(Client& client, std::int64_t timestamp) {
  Writer body;
  body.Int(std::int32_t{-1}).Int(std::int32_t{1}).String("events").Int(std::int32_t{1});
  body.Int(std::int32_t{0}).Int(timestamp);
  const std::string answer = client.Call(2, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  in.String();
  in.Int<std::int32_t>();
  in.Int<std::int32_t>();
  const auto error = in.Int<std::int16_t>();
  const auto found = in.Int<std::int64_t>();
  return {error, found, in.Int<std::int64_t>()};
}

TEST_F(ListOffsetsHandlerTest, OffsetsAreListedByEndAndByTime) {
  Produce(log::testing::Batch({"a", "b"}));  // both at 1000 ms
  EXPECT_EQ(List(*client_, -1), std::tuple(0, -1, 2));
  EXPECT_EQ(List(*client_, -2), std::tuple(0, -1, 0));
  EXPECT_EQ(List(*client_, 1000), std::tuple(0, 1000, 0));
  EXPECT_EQ(List(*client_, 1001), std::tuple(0, -1, -1)) << "no such record is no error";
}

TEST_F(ListOffsetsHandlerTest, TimesOfAHeaderAreThoseOfItsRecords) {
  for (const std::int64_t claimed : {0LL, 1LL << 62}) {
    for (const auto attributes : {std::int16_t{0}, std::int16_t{8}}) {
      ASSERT_EQ(Produce(Claiming(One(), attributes, claimed)).error, 0);
    }
  }
  const std::string stored = ReadFetched(client_->Call(1, 4, FetchBody({}))).records;
  EXPECT_EQ(stored, One() + Based(One(), 1) + Based(One(), 2) + Based(One(), 3));
  EXPECT_EQ(List(*client_, 1000), std::tuple(0, 1000, 0));
  EXPECT_EQ(List(*client_, 1001), std::tuple(0, -1, -1));
  std::string damaged = Claiming(One(), 0, 0);
  damaged[20] = static_cast<char>(damaged[20] ^ 1);
  EXPECT_EQ(Produce(damaged).error, 2) << "a wrong crc is not made right";
}

}  // namespace
}  // namespace st::api
