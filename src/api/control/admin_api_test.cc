#include "api/control/admin_api.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "net/testing.h"

namespace st::api {
namespace {

constexpr std::chrono::seconds kWait(20);

class AdminApiTest : public ::testing::Test {
 protected:
  AdminApiTest() {
    AddAdminRoutes(metrics_, [this] { return reasons_; }, table_);
  }
  net::HttpResponse Ask(const std::string& method, const std::string& path) {
    return net::testing::AnswerOf(
        [&](net::HttpRequest request, auto responder) {
          table_.Handle(std::move(request), std::move(responder));
        },
        net::testing::RequestOf(method, path));
  }
  MetricRegistry metrics_;
  std::vector<std::string> reasons_;
  http::RouteTable table_{{.not_found = NoAdminRoute}};
};

TEST_F(AdminApiTest, ReadinessIsJsonWithReasons) {
  EXPECT_EQ(Ask("GET", "/livez").body, "ok\n");
  auto ready = Ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.content_type, "application/json");
  EXPECT_EQ(ready.body, "{\"status\":\"ready\"}\n");
  reasons_ = {"log: \"full\"", "bad \xFF byte"};
  ready = Ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body,
            "{\"reasons\":[\"log: \\\"full\\\"\",\"bad \xEF\xBF\xBD byte\"],"
            "\"status\":\"unready\"}\n");
  EXPECT_EQ(Ask("GET", "/livez").status, 200);
}

TEST_F(AdminApiTest, OtherPathsAndMethodsAreRefused) {
  EXPECT_EQ(Ask("GET", "/v1/info").status, 404);
  EXPECT_EQ(Ask("HEAD", "/readyz").status, 200);
  metrics_.Counter("shown_total", "A counter.", "").Add();
  EXPECT_TRUE(Ask("GET", "/metrics").body.contains("shown_total 1"));
  const auto refused = Ask("POST", "/metrics");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers, (net::HttpHeaders{{"Allow", "GET, HEAD"}}));
}

// What it looks at may lie on a disk that does not answer.
TEST_F(AdminApiTest, LivenessWaitsForNoReadiness) {
  std::promise<void> looks;
  std::promise<void> let_go;
  http::RouteTable table({.not_found = NoAdminRoute});
  AddAdminRoutes(
      metrics_,
      [&] {
        looks.set_value();
        EXPECT_EQ(let_go.get_future().wait_for(kWait), std::future_status::ready);
        return std::vector<std::string>();
      },
      table);
  const auto ask = [&](const std::string& path) {
    return net::testing::AnswerOf(
        [&](net::HttpRequest request, auto responder) {
          table.Handle(std::move(request), std::move(responder));
        },
        net::testing::RequestOf("GET", path));
  };
  auto ready = std::async(std::launch::async, [&] { return ask("/readyz").status; });
  ASSERT_EQ(looks.get_future().wait_for(kWait), std::future_status::ready);
  EXPECT_EQ(ask("/livez").status, 200);
  let_go.set_value();
  EXPECT_EQ(ready.get(), 200);
}

}  // namespace
}  // namespace st::api
