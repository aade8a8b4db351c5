#include "api/control/control_api.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>

#include "net/http_client.h"
#include "os/thread.h"

namespace st::api {
namespace {

class ControlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/st_control_XXXXXX";
    dir_ = ::mkdtemp(pattern);
    endpoint_ = "unix:" + dir_ + "/control.sock";
    using nlohmann::json;
    const auto pipeline = [this](const std::string& verb, const std::string& name,
                                 const json& arguments) -> Result<json> {
      if (name != "swords") {
        return Fail(ErrorCode::kNotFound, "no pipeline \"{}\"; there is \"swords\"", name);
      }
      if (verb == "wait") {
        is_waiting_.wait(true);
        return json{{"waited", true}};
      }
      return json{{"verb", verb}, {"arguments", arguments}};
    };
    const auto table = [](const std::string& verb, const std::string& name,
                          const json&) -> Result<json> {
      if (verb == "compact") return Fail(ErrorCode::kCorruption, "a.parquet is damaged");
      return Fail(ErrorCode::kNotFound, "{}: there is no {}; there is rollback", name, verb);
    };
    auto started = ControlApi::Start(endpoint_, {.status = [] { return json{{"topics", 3}}; },
                                                 .pipeline = pipeline,
                                                 .table = table,
                                                 .long_verbs = {"compact", "wait"},
                                                 .reload = {}});
    ASSERT_TRUE(started) << started.error().message();
    api_ = std::move(*started);
  }
  void TearDown() override {
    if (api_) api_->Stop(0);
    std::filesystem::remove_all(dir_);
  }
  net::ClientReply Ask(const std::string& method, const std::string& target,
                       const std::string& body = "") {
    auto reply =
        net::Fetch(endpoint_, {.method = method, .target = target, .headers = {}, .body = body});
    EXPECT_TRUE(reply) << reply.error().message();
    return reply ? *reply : net::ClientReply{};
  }
  std::string dir_;
  std::string endpoint_;
  std::unique_ptr<ControlApi> api_;
  std::atomic<bool> is_waiting_ = true;  // the verb `wait` ends when it is false
};

TEST_F(ControlTest, AnswersTheStatusDocument) {
  const auto reply = Ask("GET", "/status");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"topics\":3}\n");
}

TEST_F(ControlTest, CarriesAVerbOutAndAnswersWhatItDid) {
  const auto reply = Ask("POST", "/pipelines/swords/run");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"arguments\":{},\"verb\":\"run\"}\n");
}

TEST_F(ControlTest, HandsTheArgumentsOfAVerbOn) {
  const auto reply = Ask("POST", "/pipelines/swords/reset", R"({"yes": true})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "{\"arguments\":{\"yes\":true},\"verb\":\"reset\"}\n");
}

TEST_F(ControlTest, RefusesABodyThatIsNoObject) {
  for (const char* body : {"yes", "[]", "7", "{", "null"}) {
    const auto reply = Ask("POST", "/pipelines/swords/reset", body);
    EXPECT_EQ(reply.status, 400) << body;
    EXPECT_TRUE(reply.body.contains("a JSON object with its arguments")) << reply.body;
  }
}

TEST_F(ControlTest, TellsTheVerbsOfATable) {
  const auto reply = Ask("POST", "/tables/swords/rol");
  EXPECT_EQ(reply.status, 404);
  EXPECT_TRUE(reply.body.contains("there is rollback")) << reply.body;
}

TEST_F(ControlTest, TellsDamageByItsCode) {
  const auto reply = Ask("POST", "/tables/swords/compact");
  EXPECT_EQ(reply.status, 500);
  EXPECT_TRUE(reply.body.contains(R"("code":"damage")")) << reply.body;
}

TEST_F(ControlTest, NoVerbWaitsForALongOne) {
  os::Thread waits("waits", [this] {
    EXPECT_EQ(Ask("POST", "/pipelines/swords/wait").body, "{\"waited\":true}\n");
  });
  EXPECT_EQ(Ask("POST", "/pipelines/swords/pause").status, 200);
  EXPECT_EQ(Ask("POST", "/tables/swords/compact").status, 500);
  is_waiting_ = false;
  is_waiting_.notify_all();
  waits.Join();
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
