#include "api/control/admin_api.h"

#include <gtest/gtest.h>

namespace st::api {
namespace {

// Keeps the answer.
class KeepingResponder final : public net::HttpResponder {
 public:
  explicit KeepingResponder(net::HttpResponse& kept) : kept_(kept) {}
  void Send(net::HttpResponse response) override { kept_ = std::move(response); }

 private:
  net::HttpResponse& kept_;
};

net::HttpResponse Ask(const net::HttpHandler& handler, const std::string& method,
                      const std::string& path) {
  net::HttpResponse kept;
  net::HttpRequest request;
  request.method = method;
  request.path = request.target = path;
  handler(std::move(request), std::make_unique<KeepingResponder>(kept));
  return kept;
}

TEST(AdminHandler, ReadinessIsJsonWithReasons) {
  MetricRegistry metrics;
  std::vector<std::string> reasons;
  const auto handler = MakeAdminHandler(metrics, [&] { return reasons; });
  EXPECT_EQ(Ask(handler, "GET", "/livez").body, "ok\n");
  auto ready = Ask(handler, "GET", "/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.content_type, "application/json");
  EXPECT_EQ(ready.body, "{\"status\":\"ready\"}\n");
  reasons = {"log: \"full\"", "bad \xFF byte"};
  ready = Ask(handler, "GET", "/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.body,
            "{\"reasons\":[\"log: \\\"full\\\"\",\"bad \xEF\xBF\xBD byte\"],"
            "\"status\":\"unready\"}\n");
  EXPECT_EQ(Ask(handler, "GET", "/livez").status, 200);
}

TEST(AdminHandler, OtherPathsFallThroughOrAre404) {
  MetricRegistry metrics;
  const auto none = [] { return std::vector<std::string>(); };
  EXPECT_EQ(Ask(MakeAdminHandler(metrics, none), "GET", "/v1/info").status, 404);
  std::string seen;
  const auto handler = MakeAdminHandler(metrics, none, [&](net::HttpRequest request, auto to) {
    seen = request.method + " " + request.path;
    to->Send({.status = 202, .body = "", .headers = {}});
  });
  EXPECT_EQ(Ask(handler, "POST", "/v1/statement").status, 202);
  EXPECT_EQ(seen, "POST /v1/statement");
  EXPECT_EQ(Ask(handler, "HEAD", "/readyz").status, 200);
  const auto refused = Ask(handler, "POST", "/metrics");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers, (net::HttpHeaders{{"Allow", "GET, HEAD"}}));
}

}  // namespace
}  // namespace st::api
