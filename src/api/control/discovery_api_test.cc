#include "api/control/discovery_api.h"

#include <gtest/gtest.h>

#include "api/control/access.h"
#include "net/testing.h"

namespace st::api {
namespace {

net::HttpResponse Ask(const std::string& method, const std::string& host) {
  http::RouteTable table(
      {.not_found = [](const auto&,
                       const auto&) { return net::HttpResponse{.status = 404, .headers = {}}; },
       .gate = MakeGate({})});
  AddDiscoveryRoute([] { return "{}"; }, table);
  return net::testing::AnswerOf(
      [&](net::HttpRequest request, auto responder) {
        table.Handle(std::move(request), std::move(responder));
      },
      net::testing::RequestOf(method, std::string(kDiscoveryPath), {{"Host", host}}));
}

TEST(Discovery, AnswersToolsOnThisMachine) {
  const auto answer = Ask("GET", "localhost:5000");
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(answer.content_type, "application/json");
  EXPECT_EQ(net::FindHeader(answer.headers, "Cache-Control"), "no-store");
  EXPECT_EQ(Ask("GET", "evil.example:5000").status, 403);
  EXPECT_EQ(Ask("POST", "localhost:5000").status, 405);
}

}  // namespace
}  // namespace st::api
