#include "api/kafka/init_producer_id_handler.h"

#include <optional>

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class InitProducerIdHandlerTest : public KafkaApiTest {};

// InitProducerId version 0: error and id.
std::pair<std::int16_t, std::int64_t> Init(Client& client, const std::optional<std::string>& id) {
  Writer body;
  body.NullableString(id).Int(std::int32_t{1000});
  const std::string answer = client.Call(22, 0, body.Take());
  Reader in(answer);
  in.Int<std::int32_t>();
  const auto error = in.Int<std::int16_t>();
  return {error, in.Int<std::int64_t>()};
}

TEST_F(InitProducerIdHandlerTest, EachProducerGetsAnIdAndTransactionsAreRefused) {
  const auto first = Init(*client_, std::nullopt);
  const auto second = Init(*client_, std::nullopt);
  EXPECT_EQ(first.first, 0);
  EXPECT_NE(first.second, second.second);
  EXPECT_EQ(Init(*client_, "tx"), std::pair(std::int16_t{53}, std::int64_t{-1}));
}

}  // namespace
}  // namespace st::api
