#include "api/control/discovery_api.h"

#include <gtest/gtest.h>

namespace st::api {
namespace {

class KeepingResponder final : public net::HttpResponder {
 public:
  explicit KeepingResponder(net::HttpResponse& kept) : kept_(kept) {}
  void Send(net::HttpResponse response) override { kept_ = std::move(response); }

 private:
  net::HttpResponse& kept_;
};

net::HttpResponse Ask(const std::string& peer, net::HttpHeaders headers = {},
                      const std::string& method = "GET",
                      const std::string& path = std::string(kDiscoveryPath)) {
  const auto handler = MakeDiscoveryHandler([] { return "{}"; }, {"tools.example"},
                                            [](auto, auto responder) {
                                              net::HttpResponse response;
                                              response.body = "inner";
                                              responder->Send(std::move(response));
                                            });
  net::HttpResponse kept;
  net::HttpRequest request;
  request.method = method;
  request.path = request.target = path;
  request.headers = std::move(headers);
  if (request.Header("Host").empty()) request.headers.emplace_back("Host", "localhost:5000");
  request.peer = peer;
  handler(std::move(request), std::make_unique<KeepingResponder>(kept));
  return kept;
}

TEST(Discovery, AnswersPeersOnTheLoopbackAlone) {
  for (const auto* peer : {"127.0.0.1:4000", "127.9.9.9:1", "[::1]:4000", "unix"}) {
    EXPECT_EQ(Ask(peer).body, "{}") << peer;
    EXPECT_EQ(Ask(peer).content_type, "application/json");
  }
  for (const auto* peer :
       {"10.0.0.1:4000", "[fe80::1]:4000", "[::127]:1", "192.168.127.1:127", ""}) {
    EXPECT_EQ(Ask(peer).status, 403) << peer;
  }
}

TEST(Discovery, DoesNotAnswerThroughAProxy) {
  EXPECT_EQ(Ask("127.0.0.1:1", {{"x-forwarded-for", "10.0.0.1"}}).status, 403);
  EXPECT_EQ(Ask("127.0.0.1:1", {{"Forwarded", "for=10.0.0.1"}}).status, 403);
}

TEST(Discovery, DoesNotAnswerUnderAForeignName) {
  EXPECT_EQ(Ask("127.0.0.1:1", {{"Host", "evil.example:5000"}}).status, 403);
  EXPECT_EQ(Ask("127.0.0.1:1", {{"Host", "tools.example"}}).status, 200);
  EXPECT_EQ(Ask("127.0.0.1:1", {{"Host", "evil.example"}}, "GET", "/").body, "inner");
}

TEST(Discovery, LeavesOtherPathsAndRefusesOtherMethods) {
  EXPECT_EQ(Ask("10.0.0.1:1", {}, "GET", "/").body, "inner");
  EXPECT_EQ(Ask("127.0.0.1:1", {}, "POST").status, 405);
}

}  // namespace
}  // namespace st::api
