#include "api/kafka/find_coordinator_handler.h"

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class FindCoordinatorHandlerTest : public KafkaApiTest {};

TEST_F(FindCoordinatorHandlerTest, GroupsAreRefusedWithAReason) {
  Writer body;
  body.String("group").Int(std::int8_t{0});
  const std::string answer = client_->Call(10, 1, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  EXPECT_EQ(in.Int<std::int16_t>(), 30);
  EXPECT_EQ(in.String(),
            "consumer groups are not offered by this server: assign partitions instead");
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
