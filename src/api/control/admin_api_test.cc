#include "api/control/admin_api.h"

#include <gtest/gtest.h>

#include "net/testing.h"

namespace st::api {
namespace {

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

}  // namespace
}  // namespace st::api
