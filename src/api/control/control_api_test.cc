#include "api/control/control_api.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "net/http_client.h"

namespace st::api {
namespace {

class ControlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/st_control_XXXXXX";
    dir_ = ::mkdtemp(pattern);
    endpoint_ = "unix:" + dir_ + "/control.sock";
    auto started = ControlApi::Start(
        endpoint_, {.status = [] { return nlohmann::json{{"topics", 3}}; },
                    .run_pipeline = [](const std::string& name) -> Result<nlohmann::json> {
                      if (name == "swords") return nlohmann::json{{"rows", 7}};
                      return Fail(ErrorCode::kNotFound, "no pipeline \"{}\"; there is \"swords\"",
                                  name);
                    }});
    ASSERT_TRUE(started) << started.error().message();
    api_ = std::move(*started);
  }
  void TearDown() override {
    if (api_) api_->Stop(0);
    std::filesystem::remove_all(dir_);
  }
  net::ClientReply Ask(const std::string& method, const std::string& target) {
    auto reply = net::Fetch(endpoint_, {.method = method, .target = target});
    EXPECT_TRUE(reply) << reply.error().message();
    return reply ? *reply : net::ClientReply{};
  }
  std::string dir_;
  std::string endpoint_;
  std::unique_ptr<ControlApi> api_;
};

TEST_F(ControlTest, AnswersTheStatusDocument) {
  const auto reply = Ask("GET", "/status");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"topics\":3}\n");
}

TEST_F(ControlTest, RunsAPipelineAndAnswersWhatItDid) {
  const auto reply = Ask("POST", "/pipelines/swords/run");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"rows\":7}\n");
}

TEST_F(ControlTest, NamesTheMistakeInARequest) {
  const auto unknown = Ask("POST", "/pipelines/axes/run");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body.find("there is \\\"swords\\\""), std::string::npos) << unknown.body;
  EXPECT_EQ(Ask("GET", "/pipelines/swords/run").status, 405);
  EXPECT_EQ(Ask("POST", "/pipelines//run").status, 404);
  EXPECT_EQ(Ask("POST", "/else").status, 404);
}

TEST_F(ControlTest, OnlyTheOwnerMayOpenTheSocket) {
  const auto mode = std::filesystem::status(dir_ + "/control.sock").permissions();
  EXPECT_EQ(mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
}

TEST_F(ControlTest, AStoppedServerIsUnavailable) {
  api_->Stop(0);
  const auto reply = net::Fetch(endpoint_, {.method = "GET", .target = "/status"});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code(), ErrorCode::kUnavailable);
}

}  // namespace
}  // namespace st::api
