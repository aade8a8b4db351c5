#include "api/http/route_table.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "net/testing.h"

namespace st::api::http {
namespace {

class RouteTableTest : public ::testing::Test {
 protected:
  // A route that answers with its name and the values of its variables.
  static Route Named(const std::string& name, std::vector<std::string> methods,
                     const std::string& path) {
    return {.methods = std::move(methods),
            .path = path,
            .handler = [name](const Call& call, std::unique_ptr<net::HttpResponder> responder) {
              std::string body = name;
              for (const auto& value : call.variables) body += " " + value;
              responder->Send({.body = body});
            }};
  }
  net::HttpResponse Ask(const std::string& method, const std::string& target) {
    return net::testing::AnswerOf(
        [&](net::HttpRequest request, auto responder) {
          table_.Handle(std::move(request), std::move(responder));
        },
        net::testing::RequestOf(method, target));
  }
  std::string BodyOf(const std::string& target) { return Ask("GET", target).body; }

  std::optional<WhoMay> refused_;
  RouteTable table_{
      {.not_found =
           [](const RouteTable& table, const Call& call) {
             const auto near = table.NearestPath(call.path);
             return net::HttpResponse{.status = 404, .body = near.value_or("none")};
           },
       .gate = [this](WhoMay who_may, const net::HttpRequest&) -> std::optional<net::HttpResponse> {
         if (who_may != refused_) return std::nullopt;
         return net::HttpResponse{.status = 403};
       }}};
};

TEST_F(RouteTableTest, TheMoreLiteralPathWins) {
  table_.Add(Named("variable", {"GET"}, "/{a}/{b}"));
  table_.Add(Named("last", {"GET"}, "/{a}/x"));
  table_.Add(Named("first", {"GET"}, "/x/{b}"));
  table_.Add(Named("both", {"GET"}, "/x/x"));
  table_.Add(Named("deep", {"GET"}, "/x/y/z"));
  table_.Add(Named("root", {"GET"}, "/"));
  table_.Add(Named("slash", {"GET"}, "/s/"));
  EXPECT_EQ(BodyOf("/x/x"), "both");
  EXPECT_EQ(BodyOf("/x/y"), "first y") << "back from /x/y/z, which does not end here";
  EXPECT_EQ(BodyOf("/y/x"), "last y");
  EXPECT_EQ(BodyOf("/y/z?q=/a"), "variable y z");
  EXPECT_EQ(BodyOf("/%7Ba%7D/%7Bb%7D"), "variable {a} {b}");
  EXPECT_EQ(BodyOf("/"), "root");
  EXPECT_EQ(BodyOf("/s/"), "slash");
  for (const auto* target : {"/x", "/x/", "//", "/s//", "/x/y/z/", "/a/b/c"}) {
    EXPECT_EQ(Ask("GET", target).status, std::string(target) == "//" ? 200 : 404) << target;
  }
}

TEST_F(RouteTableTest, TheRestTakesWhatNothingElseTakes) {
  table_.Add(Named("rest", {"GET"}, "/v1/{...}"));
  table_.Add(Named("info", {"GET"}, "/v1/info"));
  EXPECT_EQ(BodyOf("/v1/info"), "info");
  EXPECT_EQ(BodyOf("/v1/info/more"), "rest");
  EXPECT_EQ(BodyOf("/v1/"), "rest");
  EXPECT_EQ(Ask("GET", "/v1").status, 404);
}

TEST_F(RouteTableTest, AMethodThatThePathDoesNotTakeIs405WithAllow) {
  table_.Add(Named("read", {"GET", "HEAD"}, "/a b"));
  table_.Add(Named("write", {"PUT"}, "/a b"));
  table_.Add(Named("some", {"GET"}, "/c"));
  table_.Add(Named("other", {std::string(kOtherMethods)}, "/c"));
  table_.AddOptions("text/html");
  const auto refused = Ask("POST", "/a%20b");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers, (net::HttpHeaders{{"Allow", "GET, HEAD, PUT, OPTIONS"}}));
  EXPECT_NE(refused.body.find("/a%20b takes GET, HEAD, PUT, OPTIONS."), std::string::npos);
  EXPECT_EQ(Ask("HEAD", "/a%20b").status, 200);
  EXPECT_EQ(Ask("get", "/a%20b").status, 405) << "methods have a case";
  const auto options = Ask("OPTIONS", "/a%20b");
  EXPECT_EQ(options.status, 200);
  EXPECT_EQ(options.content_type, "text/html");
  EXPECT_EQ(options.headers, refused.headers);
  EXPECT_EQ(Ask("DELETE", "/c").body, "other");
  EXPECT_EQ(BodyOf("/c"), "some");
}

TEST_F(RouteTableTest, TheGateIsAskedForEachRoute) {
  auto open = Named("open", {"GET"}, "/open");
  open.who_may = WhoMay::kEverybody;
  table_.Add(std::move(open));
  table_.Add(Named("known", {"GET"}, "/known"));
  table_.AddOptions("text/plain");
  refused_ = WhoMay::kKnownHosts;
  EXPECT_EQ(Ask("GET", "/open").status, 200);
  EXPECT_EQ(Ask("GET", "/known").status, 403);
  EXPECT_EQ(Ask("PUT", "/known").status, 405);
  EXPECT_EQ(Ask("OPTIONS", "/known").status, 200);
  EXPECT_EQ(Ask("GET", "/none").status, 404);
}

TEST_F(RouteTableTest, ADifferenceInSlashesIsRedirectedWhereTheRouteSaysSo) {
  auto route = Named("guild", {"GET"}, "/guild/");
  route.redirects_slashes = true;
  table_.Add(std::move(route));
  table_.Add(Named("strict", {"GET"}, "/strict/a"));
  const auto moved = Ask("GET", "/guild?a=b%20c");
  EXPECT_EQ(moved.status, 308);
  EXPECT_EQ(net::FindHeader(moved.headers, "Location"), "/guild/?a=b%20c");
  EXPECT_EQ(Ask("GET", "/guild//").status, 308);
  EXPECT_EQ(Ask("POST", "/guild").status, 404);
  EXPECT_EQ(Ask("GET", "/strict//a").status, 404);
}

TEST_F(RouteTableTest, DescribesItsRoutesInOpenApi) {
  auto read = Named("read", {"GET", "HEAD"}, "/a/{b}");
  read.openapi = R"({"operationId":"read"})";
  auto write = Named("write", {"PUT"}, "/a/{b}");
  write.openapi = R"({"operationId":"write"})";
  table_.AddOpenApi("Nothing");
  EXPECT_EQ(BodyOf("/a/c"), "none");
  table_.Add(std::move(read));
  table_.Add(Named("silent", {"GET"}, "/silent"));
  table_.Add(std::move(write));
  table_.AddSchema("s", "1");
  table_.AddSchema("t", "{}");
  table_.AddSchema("s", R"({"type":"object"})");
  EXPECT_EQ(table_.OpenApi("A \"b\""),
            R"({"openapi":"3.1.0","info":{"title":"A \"b\"","version":"1"},"paths":{"/a/{b}":)"
            R"({"get":{"operationId":"read"},"put":{"operationId":"write"}}},"components":)"
            R"({"schemas":{"s":{"type":"object"},"t":{}}}})");
  EXPECT_EQ(BodyOf("/openapi.json"), "") << "it is shared";
  EXPECT_EQ(nlohmann::json::parse(Ask("GET", "/openapi.json").content()).at("paths").size(), 0U);
  EXPECT_EQ(BodyOf("/aa/c/"), "none");
  EXPECT_EQ(BodyOf("/b/c"), "/a/c");
}

TEST(RouteTableOfSegments, TellsAMalformedPath) {
  RouteTable table(
      {.form = PathForm::kSegments,
       .not_found = [](const RouteTable&, const Call&) { return net::HttpResponse{.status = 404}; },
       .malformed_path = [](const net::HttpRequest&) { return net::HttpResponse{.status = 400}; }});
  table.Add({.methods = {"GET"},
             .path = "/v1/{name}",
             .handler = [](const Call& call, std::unique_ptr<net::HttpResponder> responder) {
               responder->Send({.body = call.variables.at(0)});
             }});
  const auto ask = [&](const std::string& target) {
    return net::testing::AnswerOf(
        [&](net::HttpRequest request, auto responder) {
          table.Handle(std::move(request), std::move(responder));
        },
        net::testing::RequestOf("GET", target));
  };
  EXPECT_EQ(ask("//v1//a%2Fb%1F/").body, "a%2Fb\x1F");
  EXPECT_EQ(ask("/v1/%f").status, 400);
  EXPECT_EQ(ask("/").status, 404);
}

}  // namespace
}  // namespace st::api::http
