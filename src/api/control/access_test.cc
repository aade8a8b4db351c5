#include "api/control/access.h"

#include <gtest/gtest.h>

namespace st::api {
namespace {

// Stores the response.
class KeepingResponder final : public net::HttpResponder {
 public:
  explicit KeepingResponder(net::HttpResponse& kept) : kept_(kept) {}
  void Send(net::HttpResponse response) override { kept_ = std::move(response); }

 private:
  net::HttpResponse& kept_;
};

void SayInner(const net::HttpRequest&, std::unique_ptr<net::HttpResponder> responder) {
  net::HttpResponse response;
  response.body = "inner";
  responder->Send(std::move(response));
}

// Returns the response to a request at 127.0.0.1:5000.
net::HttpResponse Ask(const OriginRules& rules, net::HttpHeaders headers,
                      const std::string& method = "GET") {
  net::HttpRequest request;
  request.method = method;
  request.headers = std::move(headers);
  request.local = "127.0.0.1:5000";
  net::HttpResponse kept;
  GuardOrigin(SayInner, rules)(std::move(request), std::make_unique<KeepingResponder>(kept));
  return kept;
}

TEST(HostGuard, AllowsLoopbackNamesTheOwnAddressAndListedHosts) {
  EXPECT_TRUE(IsHostAllowed("localhost:8080", "127.0.0.1:8080", {}));
  EXPECT_TRUE(IsHostAllowed("LOCALHOST", "127.0.0.1:8080", {}));
  EXPECT_TRUE(IsHostAllowed("[::1]:1", "127.0.0.1:8080", {}));
  EXPECT_TRUE(IsHostAllowed("10.0.0.5:8080", "10.0.0.5:8080", {}));
  EXPECT_TRUE(IsHostAllowed("db.example", "127.0.0.1:8080", {"db.example"}));
  EXPECT_FALSE(IsHostAllowed("evil.example", "127.0.0.1:8080", {}));
  EXPECT_FALSE(IsHostAllowed("127.0.0.1.evil.example", "127.0.0.1:8080", {}));
  EXPECT_FALSE(IsHostAllowed("", "127.0.0.1:8080", {}));
  for (const auto* host : {"[::1].evil", "[::1]evil", "[::1]:evil", "localhost:evil",
                           "localhost:", "localhost:80:80", "[::1", "localhost@evil"}) {
    EXPECT_EQ(IsHostAllowed(host, "127.0.0.1:8080", {}), std::string(host) == "localhost:") << host;
  }
}

// Returns the status of the gate's refusal, or 200 if the request passes.
int StatusOf(http::WhoMay who_may, const std::string& peer, const std::string& local,
             net::HttpHeaders headers) {
  net::HttpRequest request;
  request.principal = net::kLocalPrincipal;
  request.peer = peer;
  request.local = local;
  request.headers = std::move(headers);
  const auto refusal = MakeGate({"game.example"})(who_may, request);
  return refusal ? refusal->status : 200;
}

TEST(Gate, KnownHostsRefusesOtherNamesAtTheLoopbackAlone) {
  const auto status = [](const std::string& local, const std::string& host) {
    net::HttpHeaders headers;
    if (!host.empty()) headers = {{"Host", host}};
    EXPECT_EQ(StatusOf(http::WhoMay::kEverybody, local, local, headers), 200);
    return StatusOf(http::WhoMay::kKnownHosts, local, local, headers);
  };
  EXPECT_EQ(status("127.0.0.1:5000", "evil.example"), 403);
  EXPECT_EQ(status("[::1]:5000", "evil.example:5000"), 403);
  EXPECT_EQ(status("127.0.0.1:5000", "localhost:5000"), 200);
  EXPECT_EQ(status("127.0.0.1:5000", "game.example"), 200);
  EXPECT_EQ(status("127.0.0.1:5000", ""), 200);
  EXPECT_EQ(status("10.0.0.5:5000", "evil.example"), 200);
}

TEST(Gate, SameMachineAllowsPeersOnTheLoopbackOnly) {
  const auto status = [](const std::string& peer, const std::string& host = "localhost:5000",
                         const std::string& header = "") {
    net::HttpHeaders headers = {{"Host", host}};
    if (!header.empty()) headers.emplace_back(header, "10.0.0.1");
    return StatusOf(http::WhoMay::kSameMachine, peer, "127.0.0.1:5000", headers);
  };
  for (const auto* peer : {"127.0.0.1:4000", "127.9.9.9:1", "[::1]:4000", "unix"}) {
    EXPECT_EQ(status(peer), 200) << peer;
  }
  for (const auto* peer :
       {"10.0.0.1:4000", "[fe80::1]:4000", "[::127]:1", "192.168.127.1:127", ""}) {
    EXPECT_EQ(status(peer), 403) << peer;
  }
  for (const auto* header : {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"}) {
    EXPECT_EQ(status("127.0.0.1:1", "localhost", header), 403) << header;
  }
  EXPECT_EQ(status("127.0.0.1:1", "evil.example:5000"), 403);
  EXPECT_EQ(status("127.0.0.1:1", "game.example"), 200);
}

TEST(Gate, AllowsTheLocalPrincipalOnly) {
  net::HttpRequest request;
  EXPECT_EQ(MakeGate({})(http::WhoMay::kEverybody, request)->status, 403);
}

TEST(OriginGuard, AllowsRequestsThatNoForeignPageSent) {
  const std::pair<std::string, std::string> host = {"Host", "localhost:5000"};
  EXPECT_EQ(Ask({}, {host}).body, "inner");
  EXPECT_EQ(Ask({}, {{"Host", "user1.comcast.com"}}).body, "inner") << "the course's clients";
  EXPECT_EQ(Ask({}, {host, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Mode", "navigate"}}).body,
            "inner")
      << "a typed address";
  EXPECT_EQ(Ask({}, {host, {"Sec-Fetch-Site", "same-origin"}}).body, "inner");
  EXPECT_EQ(Ask({}, {host, {"Origin", "http://localhost:5000"}}, "POST").body, "inner");
  EXPECT_TRUE(Ask({}, {host, {"Origin", "http://localhost:5000"}}).headers.empty());
}

TEST(OriginGuard, RefusesRequestsOfForeignPages) {
  const std::pair<std::string, std::string> host = {"Host", "localhost:5000"};
  for (const net::HttpHeaders& headers :
       {net::HttpHeaders{host, {"Origin", "http://evil.example"}},
        {host, {"origin", "null"}},
        {host, {"Origin", "http://localhost:3000"}},
        {host, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "no-cors"}},
        {host, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Mode", "navigate"}},
        {host, {"Sec-Fetch-Site", "same-site"}},
        {host, {"Origin", "http://localhost:5000"}, {"Sec-Fetch-Site", "cross-site"}},
        // The page's own name resolves to our address.
        {{"Host", "evil.example:5000"}, {"Origin", "http://evil.example:5000"}}}) {
    for (const auto* method : {"GET", "POST", "OPTIONS"}) {
      const auto answer = Ask({.setting = "http.allowed_origins"}, headers, method);
      EXPECT_EQ(answer.status, 403);
      EXPECT_NE(answer.body.find("origin_not_allowed"), std::string::npos);
      EXPECT_NE(answer.body.find("http.allowed_origins"), std::string::npos);
      EXPECT_TRUE(answer.headers.empty());
    }
  }
}

TEST(OriginGuard, AnswersAllowedOriginsAsFetchAsks) {
  const OriginRules rules{.allowed_origins = {"https://game.example"}};
  const net::HttpHeaders page = {{"Host", "localhost:5000"},
                                 {"Origin", "https://game.example"},
                                 {"Sec-Fetch-Site", "cross-site"}};
  const auto answer = Ask(rules, page, "POST");
  EXPECT_EQ(answer.body, "inner");
  EXPECT_EQ(net::FindHeader(answer.headers, "Access-Control-Allow-Origin"), "https://game.example");
  EXPECT_EQ(net::FindHeader(answer.headers, "Vary"), "Origin");
  EXPECT_TRUE(net::FindHeader(answer.headers, "Access-Control-Expose-Headers")
                  .contains("Steelthread-Position"));
  auto asks = page;
  asks.emplace_back("Access-Control-Request-Method", "POST");
  asks.emplace_back("Access-Control-Request-Headers", "idempotency-key");
  const auto preflight = Ask(rules, asks, "OPTIONS");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(net::FindHeader(preflight.headers, "Access-Control-Allow-Headers"), "idempotency-key");
  EXPECT_TRUE(
      net::FindHeader(preflight.headers, "Access-Control-Allow-Methods").contains("DELETE"));
  const auto other = Ask(rules, {{"Host", "localhost:5000"}, {"Origin", "https://evil.example"}});
  EXPECT_EQ(other.status, 403);
  EXPECT_EQ(net::FindHeader(other.headers, "Vary"), "Origin");
  EXPECT_EQ(net::FindHeader(other.headers, "Access-Control-Allow-Origin"), "");
  const auto any = Ask({.allowed_origins = {"*"}}, page);
  EXPECT_EQ(net::FindHeader(any.headers, "Access-Control-Allow-Origin"), "*");
}

}  // namespace
}  // namespace st::api
