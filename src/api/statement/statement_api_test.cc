#include "api/statement/statement_api.h"

#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/http_server.h"
#include "os/testing/memory_file_system.h"
#include "query/testing/fake_catalog.h"
#include "query/testing/fake_runner.h"

namespace st::api {
namespace {

class StatementApi : public ::testing::Test {
 protected:
  StatementApi() : clock_(os::MakeSystemClock()), random_(os::MakeSeededRandom(3)) {
    lake_.Add("default", "purchases", {{1, "host", "string"}});
    engine_ = std::make_unique<query::Engine>(
        os::Env{fs_, *clock_, *random_}, lake_, query::EngineOptions{.make_runner = [this] {
          return std::make_unique<query::testing::FakeRunner>(script_);
        }});
    AddStatementRoutes(*engine_, table_);
    auto server = net::HttpServer::Start({.listen = "127.0.0.1:0", .name = "sql"},
                                         [this](net::HttpRequest request, auto responder) {
                                           table_.Handle(std::move(request), std::move(responder));
                                         });
    EXPECT_TRUE(server.has_value());
    server_ = std::move(*server);
  }
  ~StatementApi() override {
    script_.Release();
    engine_->Stop();
    server_->Stop(0);
  }

  net::ClientReply Send(net::ClientRequest request) {
    auto reply = net::Fetch(server_->address(), request);
    EXPECT_TRUE(reply.has_value());
    return reply.value_or(net::ClientReply{});
  }
  statement::QueryResults Results(const net::ClientReply& reply) {
    EXPECT_EQ(reply.status, 200) << reply.body;
    auto results = statement::Parse(reply.body);
    EXPECT_TRUE(results.has_value()) << reply.body;
    return results.value_or(statement::QueryResults{});
  }
  net::ClientReply Post(const std::string& sql, net::HttpHeaders headers = {}) {
    return Send({.method = "POST", .target = "/v1/statement", .headers = headers, .body = sql});
  }
  std::string Target(const std::string& uri) {
    const std::string base = "http://" + server_->address();
    EXPECT_TRUE(uri.starts_with(base)) << uri;
    return uri.substr(base.size());
  }
  net::ClientReply Follow(const std::string& uri) {
    return Send({.target = Target(uri), .headers = {}, .body = {}});
  }

  os::testing::MemoryFileSystem fs_;
  std::unique_ptr<os::Clock> clock_;
  std::unique_ptr<os::Random> random_;
  query::testing::FakeCatalog lake_;
  query::testing::Script script_;
  std::unique_ptr<query::Engine> engine_;
  http::RouteTable table_{{.not_found = [](const auto&, const auto&) {
    return net::Problem(404, "no_route", "other");
  }}};
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(StatementApi, AnswersFollowNextUriToTheirEnd) {
  script_.SetPages({"[[1]]", "[[2]]"});
  auto results = Results(Post("select n from purchases"));
  EXPECT_EQ(results.stats.state, "QUEUED");
  std::string rows;
  while (!results.next_uri.empty()) {
    results = Results(Follow(results.next_uri));
    rows += results.rows_json;
  }
  EXPECT_EQ(rows, "[[1]][[2]]");
  EXPECT_EQ(results.stats.state, "FINISHED");
  ASSERT_EQ(results.columns.size(), 1u);
  EXPECT_EQ(results.columns[0].type, "bigint");
}

TEST_F(StatementApi, AnAnswerCanBeRepeatedUntilTheNextOneIsFetched) {
  script_.SetPages({"[[1]]", "[[2]]"});
  const auto first = Results(Post("select n from purchases"));
  const auto page = Follow(first.next_uri);
  EXPECT_EQ(Follow(first.next_uri).body, page.body);
  Follow(Results(page).next_uri);
  EXPECT_EQ(Follow(first.next_uri).status, 410);
}

TEST_F(StatementApi, DeleteCancels) {
  script_.Hold();
  const auto first = Results(Post("select 1"));
  const std::string target = Target(first.next_uri);
  EXPECT_EQ(Send({.method = "DELETE", .target = target}).status, 204);
  EXPECT_EQ(Results(Follow(first.next_uri)).failure->name, "USER_CANCELED");
  EXPECT_EQ(Send({.method = "DELETE", .target = "/v1/statement/executing/a/b/1"}).status, 404);
}

TEST_F(StatementApi, UseAnswersInTheClientsHeaders) {
  auto results = Results(Post("use bad", {{"X-Presto-User", "ann"}}));
  const auto last = Follow(results.next_uri);
  EXPECT_EQ(last.Header("X-Presto-Set-Schema"), "bad");
  EXPECT_EQ(last.Header("X-Presto-Set-Catalog"), "lake");
}

TEST_F(StatementApi, UrisNameTheHostTheClientDialled) {
  const auto reply = Post("select 1", {{"Host", "localhost:1234"}});
  EXPECT_NE(reply.body.find(R"("nextUri":"http://localhost:1234/v1/statement/executing/)"),
            std::string::npos);
  const auto proxied =
      Post("select 1", {{"X-Forwarded-Proto", "https"}, {"X-Forwarded-Host", "sql.example"}});
  EXPECT_NE(proxied.body.find(R"("nextUri":"https://sql.example/v1/)"), std::string::npos);
}

TEST_F(StatementApi, RefusesRequestsOutsideTheProtocol) {
  EXPECT_EQ(Post("").status, 400);
  EXPECT_EQ(Post(" \n").status, 400);
  EXPECT_EQ(Post("select '\xff'").status, 400);
  const auto put = Send({.method = "PUT", .target = "/v1/statement", .body = "select 1"});
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(put.Header("Allow"), "POST");
  const auto head = Send({.method = "HEAD", .target = "/v1/statement/executing/a/b/1"});
  EXPECT_EQ(head.status, 405);
  EXPECT_EQ(head.Header("Allow"), "GET, DELETE");
  for (const char* bad :
       {"/v1/statement/", "/v1/statement/executing/a/b/x", "/v1/statement/executing/a/b",
        "/v1/statement/executing/a/b/1/2", "/v1/statement/executing/a/b/99999999999999999999"}) {
    EXPECT_EQ(Send({.target = bad}).status, 404) << bad;
  }
}

TEST_F(StatementApi, DescribesTheServerAndLeavesOtherPathsAlone) {
  EXPECT_NE(Send({.target = "/v1/info"}).body.find(R"("coordinator":true)"), std::string::npos);
  EXPECT_EQ(Send({.target = "/v1/info/state"}).body, "\"ACTIVE\"");
  const auto first = Results(Post("select 1"));
  EXPECT_EQ(Send({.target = "/v1/query/" + first.id}).status, 200);
  EXPECT_EQ(Send({.target = "/v1/query/nosuch"}).status, 404);
  EXPECT_NE(Send({.target = "/v1/statements"}).body.find("other"), std::string::npos);
}

}  // namespace
}  // namespace st::api
