#include "api/kafka/metadata_handler.h"

#include "api/kafka/testing.h"

namespace st::api {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

class MetadataHandlerTest : public KafkaApiTest {};

TEST_F(MetadataHandlerTest, FirstUseMakesATopicWhereTheClientAllowsIt) {
  EXPECT_EQ(MetadataOf(*client_, "new", false), std::pair(std::int16_t{3}, 0));
  EXPECT_FALSE(log_->FindTopic("new"));
  EXPECT_EQ(MetadataOf(*client_, "new", true), std::pair(std::int16_t{0}, 1));
  EXPECT_EQ(MetadataOf(*client_, "bad name", true).first, 17);
}

TEST_F(MetadataHandlerTest, ClientsAreSentToTheAddressTheyDialledOrTheOneAdvertised) {
  std::string host;
  MetadataOf(*client_, "events", false, &host);
  EXPECT_EQ(host, api_->address());
  api_->Stop(0);
  options_.advertise = "broker.example:29092";
  Start();
  MetadataOf(*client_, "events", false, &host);
  EXPECT_EQ(host, "broker.example:29092");
}

}  // namespace
}  // namespace st::api
