#include "api/events/events_api.h"

#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>

#include "log/testing.h"
#include "net/testing.h"

namespace st::api {
namespace {

class PromisedResponder final : public net::HttpResponder {
 public:
  explicit PromisedResponder(std::promise<net::HttpResponse> answer) : answer_(std::move(answer)) {}
  void Send(net::HttpResponse response) override { answer_.set_value(std::move(response)); }

 private:
  std::promise<net::HttpResponse> answer_;
};

std::string HeaderOf(const net::HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

std::string CodeOf(const net::HttpResponse& response) {
  return nlohmann::json::parse(response.body).at("code");
}

class EventsApiTest : public ::testing::Test {
 protected:
  void SetUp() override { Serve(declared_); }
  void Serve(const std::vector<event::Declaration>& events) {
    table_ = std::make_unique<http::RouteTable>(http::RouteTable::Options{.not_found = NoRoute});
    api_.AddRoutes(events, *table_);
  }
  void TearDown() override {
    log_->Stop();
    answers_->Stop();
  }
  static event::Declaration Declared(const std::string& name, const std::string& route,
                                     const std::string& fields = "") {
    return event::ParseDeclaration(
               "name = \"" + name + "\"\nroute = \"" + route + "\"\nreply = \"" + name +
                   "!\\n\"\nheaders = \"all\"\ntable = false\n[fields]\ne = \"" + name + "\"\n" +
                   fields,
               name)
        .value();
  }
  std::future<net::HttpResponse> Send(const std::string& method, const std::string& target,
                                      const net::HttpHeaders& more = {}) {
    std::promise<net::HttpResponse> promise;
    auto answer = promise.get_future();
    table_->Handle(net::testing::RequestOf(method, target, more),
                   std::make_unique<PromisedResponder>(std::move(promise)));
    return answer;
  }
  net::HttpResponse Ask(const std::string& method, const std::string& target,
                        const net::HttpHeaders& more = {}) {
    return Send(method, target, more).get();
  }
  std::vector<std::string> Logged() {
    const auto topic = log_->FindTopic("events");
    if (!topic) return {};
    return log::testing::ReadValues(*log_, {topic->id, PartitionId(0)});
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<log::LocalLog> log_ =
      log::LocalLog::Open({fs_, clock_, *random_},
                          {.dir = "/log", .allocate_chunk_bytes = 64 << 10})
          .value();
  std::unique_ptr<idempotency::KeyStore> answers_ =
      idempotency::KeyStore::Open({fs_, clock_, *random_}, *log_, {.dir = "/answers"}).value();
  collect::Collector collector_{
      {fs_, clock_, *random_}, *log_, {.max_in_flight_bytes = 4096, .answers = answers_.get()}};
  const std::vector<event::Declaration> declared_ = {
      Declared("root", "GET /"),
      Declared("sword", "GET /sword", "n = {}\n"),
      Declared("trade", "POST /trade", "a = { from = \"query\" }\n"),
      Declared("money", "PUT /money"),
      Declared("no_money", "DELETE /money"),
      Declared("slash", "GET /guild/"),
      Declared("room", "GET /rooms/{n}/enter", "n = {}\n"),
      Declared("cafe", "GET /caf\xC3\xA9")};
  EventsApi api_{collector_, answers_->hasher(), clock_, *random_};
  std::unique_ptr<http::RouteTable> table_;
};

TEST_F(EventsApiTest, AnswersWithReplyAndPositionOnceDurable) {
  Ask("GET", "/");
  const auto answer = Ask("GET", "/sword");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "sword!\n");
  EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(HeaderOf(answer, "Steelthread-Position"), "events/0:1");
  EXPECT_EQ(Logged(), (std::vector<std::string>{R"({"Host": "h", "e": "root"})",
                                                R"({"Host": "h", "e": "sword"})"}));
}

TEST_F(EventsApiTest, AChangeOfADeclarationRefusesWhatThePresentRoutesTake) {
  auto change = api_.BeginChange({"sword"});
  ASSERT_TRUE(change) << change.error().message();
  const auto refused = Ask("GET", "/sword");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(CodeOf(refused), "unavailable");
  EXPECT_EQ(HeaderOf(refused, "Retry-After"), "1");
  EXPECT_EQ(Ask("GET", "/").status, 200) << "other events are taken";
  change->reset();
  EXPECT_EQ(Ask("GET", "/sword").status, 200) << "the change came to nothing";

  change = api_.BeginChange({"sword"});
  ASSERT_TRUE(change) << change.error().message();
  auto old = std::move(table_);
  Serve({Declared("sword", "GET /sword", "m = {}\n")});
  (*change)->Finish();
  change->reset();
  EXPECT_EQ(Ask("GET", "/sword?m=1").status, 200);
  table_.swap(old);
  EXPECT_EQ(Ask("GET", "/sword?n=1").status, 503) << "a request that the old routes had begun";
  EXPECT_EQ(Logged().size(), 3U);
}

TEST_F(EventsApiTest, HeadLogsAnEventAsGetDoes) {
  EXPECT_EQ(Ask("HEAD", "/sword").status, 200);
  EXPECT_EQ(Logged().size(), 1U);
  EXPECT_EQ(Ask("HEAD", "/trade").status, 405);
  EXPECT_EQ(Logged().size(), 1U);
}

TEST_F(EventsApiTest, OtherMethodsAreRefusedWithThoseAllowed) {
  const auto refused = Ask("POST", "/sword");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(CodeOf(refused), "method_not_allowed");
  EXPECT_EQ(HeaderOf(refused, "Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(HeaderOf(Ask("GET", "/trade"), "Allow"), "POST, OPTIONS");
  EXPECT_EQ(HeaderOf(Ask("BREW", "/money"), "Allow"), "PUT, DELETE, OPTIONS");
  EXPECT_EQ(Ask("DELETE", "/money").body, "no_money!\n");
  EXPECT_EQ(Logged().size(), 1U);
}

TEST_F(EventsApiTest, OptionsNamesMethodsAndLogsNothing) {
  const auto answer = Ask("OPTIONS", "/money");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(HeaderOf(answer, "Allow"), "PUT, DELETE, OPTIONS");
  EXPECT_EQ(Ask("OPTIONS", "/nowhere").status, 404);
  EXPECT_TRUE(Logged().empty());
}

TEST_F(EventsApiTest, AnUnknownPathIsNamedWithTheNearest) {
  const auto answer = Ask("GET", "/swords");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(CodeOf(answer), "no_route");
  EXPECT_EQ(
      nlohmann::json::parse(answer.body).at("detail"),
      "No route has this path /swords; did you mean /sword? GET /openapi.json lists all routes.");
  EXPECT_EQ(nlohmann::json::parse(Ask("GET", "/rooms/enter").body).at("detail"),
            "No route has this path /rooms/enter; did you mean /rooms/{n}/enter? "
            "GET /openapi.json lists all routes.");
  for (const std::string path : {"/livez", "/readyz", "/metrics"}) {
    EXPECT_EQ(nlohmann::json::parse(Ask("GET", path).body).at("detail"),
              path + " is at the address of sql.listen, port 8080 by default.");
  }
  EXPECT_EQ(Ask("GET", "/caf%E9%00").status, 404) << "its bytes are no UTF-8";
  EXPECT_EQ(Ask("GET", "/" + std::string(1000, 'x')).status, 404);
  EXPECT_EQ(Ask("GET", "/SWORD").status, 404);
  EXPECT_EQ(Ask("GET", "/sword/").status, 404);
  EXPECT_TRUE(Logged().empty());
}

TEST_F(EventsApiTest, PathsAreDecodedAndTheirFirstSlashesMerged) {
  for (const std::string target : {"/%73word", "/sword?", "//sword", "/caf%C3%A9", "/guild%2F"}) {
    EXPECT_EQ(Ask("GET", target).status, 200) << target;
  }
}

TEST_F(EventsApiTest, AMissingSlashAtTheEndIsRedirected) {
  const auto answer = Ask("GET", "/guild?a=b%20c");
  EXPECT_EQ(answer.status, 308);
  EXPECT_EQ(HeaderOf(answer, "Location"), "/guild/?a=b%20c");
  EXPECT_EQ(HeaderOf(Ask("HEAD", "/guild//"), "Location"), "/guild/");
  EXPECT_EQ(HeaderOf(Ask("OPTIONS", "/guild"), "Location"), "/guild/");
  EXPECT_EQ(Ask("POST", "/guild").status, 404);
  EXPECT_TRUE(Logged().empty());
}

TEST_F(EventsApiTest, AnAbsoluteTargetGivesTheHost) {
  EXPECT_EQ(Ask("GET", "http://shop.example:81/sword").status, 200);
  EXPECT_EQ(Logged(), std::vector{std::string(R"({"Host": "shop.example:81", "e": "sword"})")});
}

TEST_F(EventsApiTest, AfterAFailedSyncTheOutcomeIsUnknownThenRefused) {
  ASSERT_EQ(Ask("GET", "/").status, 200);
  fs_.SetHook([](const std::string& step, const std::string&) -> Status {
    if (step == "sync") return Fail(ErrorCode::kIo, "sync: Input/output error");
    return {};
  });
  const auto unsure = Ask("GET", "/sword");
  EXPECT_EQ(unsure.status, 500);
  EXPECT_EQ(CodeOf(unsure), "outcome_unknown");
  EXPECT_EQ(unsure.body.find("not stored"), std::string::npos);
  EXPECT_NE(unsure.body.find("Whether the event was stored is unknown"), std::string::npos);
  fs_.SetHook({});
  const auto refused = Ask("GET", "/sword");
  EXPECT_EQ(refused.status, 500);
  EXPECT_EQ(CodeOf(refused), "not_stored");
}

TEST_F(EventsApiTest, ARepeatUnderAKeyGetsTheFirstAnswerAndIsNotLogged) {
  Ask("GET", "/");
  const auto first = Ask("POST", "/trade", {{"Idempotency-Key", "order-1"}});
  const auto again = Ask("POST", "/trade", {{"idempotency-key", "\"order-1\""}});
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.content_type, first.content_type);
  EXPECT_EQ(HeaderOf(first, "Steelthread-Position"), "events/0:1");
  EXPECT_EQ(HeaderOf(again, "Steelthread-Position"), "events/0:1");
  EXPECT_EQ(Logged().at(1), R"({"Host": "h", "e": "trade"})") << "the key is not in the payload";
  EXPECT_EQ(Logged().size(), 2U);
}

TEST_F(EventsApiTest, AKeyIsOfOneRequest) {
  Ask("POST", "/trade", {{"Idempotency-Key", "k"}});
  const auto refused = Ask("POST", "/trade?a=b", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(CodeOf(refused), "key_reused");
  EXPECT_EQ(Logged().size(), 1U);
}

TEST_F(EventsApiTest, AKeyIsARoutesAndAHosts) {
  Ask("POST", "/trade", {{"Idempotency-Key", "k"}});
  for (const auto& [method, target] :
       {std::pair("GET", "/sword"), std::pair("PUT", "/money"), std::pair("DELETE", "/money"),
        std::pair("POST", "http://other.example/trade")}) {
    EXPECT_EQ(Ask(method, target, {{"Idempotency-Key", "k"}}).status, 200) << target;
  }
  EXPECT_EQ(Logged().size(), 5U);
}

TEST_F(EventsApiTest, AMalformedKeyIsRefusedWithWhatIsAllowed) {
  const std::vector<std::string> wrong = {"", "\"a", std::string(256, 'k'), "caf\xC3\xA9"};
  for (const auto& key : wrong) {
    const auto refused = Ask("POST", "/trade", {{"Idempotency-Key", key}});
    EXPECT_EQ(refused.status, 400) << key;
    EXPECT_EQ(nlohmann::json::parse(refused.body).at("parameter"), "Idempotency-Key");
    EXPECT_NE(refused.body.find("1 to 255 printable ASCII"), std::string::npos) << refused.body;
  }
  const auto twice = Ask("POST", "/trade", {{"Idempotency-Key", "a"}, {"Idempotency-Key", "a"}});
  EXPECT_EQ(twice.status, 400);
  EXPECT_TRUE(Logged().empty());
}

TEST_F(EventsApiTest, AKeyIsAnsweredAsAtFirstThoughTheDeclarationChanged) {
  const net::HttpHeaders key = {{"Idempotency-Key", "k"}};
  const auto first = Send("GET", "/sword", key).get();
  ASSERT_EQ(first.status, 200);
  Serve({event::ParseDeclaration("name = \"a\"\nversion = 2\nroute = \"GET /sword\"\n"
                                 "reply = \"other\"\n[fields]\ne = \"a\"\n"
                                 "n = { type = \"int\", from = \"query\", required = true }\n",
                                 "a")
             .value()});
  const auto again = Send("GET", "/sword", key).get();
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(HeaderOf(again, "Steelthread-Position"), HeaderOf(first, "Steelthread-Position"));
  EXPECT_EQ(CodeOf(Send("GET", "/sword", {{"Idempotency-Key", "new"}}).get()), "missing_parameter");
  EXPECT_EQ(Send("GET", "/sword?n=1", {{"Idempotency-Key", "new"}}).get().status, 200)
      << "a malformed request leaves its key free";
  EXPECT_EQ(CodeOf(Send("GET", "/sword?n=x", key).get()), "key_reused");
}

TEST_F(EventsApiTest, AKeyInFlightIsAConflict) {
  Ask("GET", "/");
  std::promise<void> go;
  fs_.SetHook([held = go.get_future().share()](const std::string& step, const std::string&) {
    if (step == "sync") held.wait();
    return Status();
  });
  auto first = Send("POST", "/trade", {{"Idempotency-Key", "k"}});
  const auto refused = Ask("POST", "/trade", {{"Idempotency-Key", "k"}});
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(CodeOf(refused), "in_flight");
  go.set_value();
  EXPECT_EQ(first.get().status, 200);
  EXPECT_EQ(Ask("POST", "/trade", {{"Idempotency-Key", "k"}}).status, 200);
  EXPECT_EQ(Logged().size(), 2U);
}

TEST_F(EventsApiTest, AFullDiskIsRefusedWithRetryAfter) {
  fs_.SetFreeBytes(0);
  constexpr std::size_t kMost = 10'000;  // what is allocated already is used up first
  std::size_t stored = 0;
  auto answer = Ask("GET", "/sword");
  for (; answer.status == 200 && stored < kMost; ++stored) answer = Ask("GET", "/sword");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(CodeOf(answer), "unavailable");
  EXPECT_EQ(HeaderOf(answer, "Retry-After"), "1");
  fs_.SetFreeBytes(1ULL << 40);
  EXPECT_EQ(Ask("GET", "/sword").status, 200);
  EXPECT_EQ(Logged().size(), stored + 1);
}

TEST_F(EventsApiTest, WhatIsOverTheLimitIsShedAndTheRestStored) {
  ASSERT_EQ(Ask("GET", "/").status, 200);
  std::promise<void> go;
  fs_.SetHook([held = go.get_future().share()](const std::string& step, const std::string&) {
    if (step == "sync") held.wait();
    return Status();
  });
  std::vector<std::future<net::HttpResponse>> sent;
  for (int i = 0; i < 20; ++i) sent.push_back(Send("GET", "/sword"));
  go.set_value();
  std::size_t stored = 0;
  for (auto& answer : sent) {
    const auto response = answer.get();
    if (response.status == 200) {
      ++stored;
    } else {
      EXPECT_EQ(response.status, 503);
      EXPECT_EQ(HeaderOf(response, "Retry-After"), "1");
    }
  }
  EXPECT_EQ(stored, 4096U / (collect::kEventOverheadBytes + 27));
  EXPECT_EQ(Logged().size(), stored + 1);
}

}  // namespace
}  // namespace st::api
