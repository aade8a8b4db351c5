#include "api/kafka/find_coordinator_handler.h"

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class FindCoordinatorHandlerTest : public KafkaApiTest {};

TEST_F(FindCoordinatorHandlerTest, TheNodeCoordinatesEveryGroup) {
  Writer body;
  body.String("group").Int(std::int8_t{0});
  const std::string answer = client_->Call(10, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.Int<std::int16_t>(), 0);
  in.NullableString();
  EXPECT_EQ(in.Int<std::int32_t>(), 1);
  const std::string host(in.String());
  EXPECT_EQ(host + ":" + std::to_string(in.Int<std::int32_t>()), api_->address());
}

TEST_F(FindCoordinatorHandlerTest, TransactionsAreRefusedByTheirOwnError) {
  Writer body;
  body.String("tx").Int(std::int8_t{1});
  const std::string answer = client_->Call(10, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.Int<std::int16_t>(), 53);
  EXPECT_TRUE(in.String().starts_with("transactions are not offered"));
}

}  // namespace
}  // namespace st::api
