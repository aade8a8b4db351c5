#include "api/game/game_api.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "api/game/as_of.h"
#include "api/game/check_routes.h"
#include "api/game/operations.h"
#include "api/game/trade_body.h"
#include "game/testing.h"
#include "net/testing.h"

namespace st::api {
namespace {

TopicPosition At(std::int64_t offset) {
  return {.topic = "game", .partition = PartitionId(2), .offset = Offset(offset)};
}

// The game without a log: each event has the next offset of partition 2 at once.
class FakeGame final : public GamePort {
 public:
  void Submit(game::Command command, CommandIdentity identity, GameAnswered done) override {
    if (error) return done(std::unexpected(*error));
    last_identity = std::move(identity);
    const auto first = static_cast<std::int64_t>(game.events.size());
    auto reply = game.Do(command);
    const bool is_stored = game.events.size() > static_cast<std::size_t>(first);
    done(GameAnswer{std::move(reply), is_stored ? std::optional(At(first)) : std::nullopt});
  }
  void Read(game::Query query, GameAnswered done) override {
    if (error) return done(std::unexpected(*error));
    const auto last = static_cast<std::int64_t>(game.events.size()) - 1;
    done(GameAnswer{game::Read(game.catalogue, *game.state, query), At(last)});
  }
  void ReadAsOf(game::Query query, AsOf as_of, GameAnswered done) override {
    last_as_of = as_of;
    Read(std::move(query), std::move(done));
  }

  game::testing::Game game;
  CommandIdentity last_identity;
  std::optional<AsOf> last_as_of;
  std::optional<Error> error;
};

std::string HeaderOf(const net::HttpResponse& response, std::string_view name) {
  return std::string(net::FindHeader(response.headers, name));
}

constexpr std::string_view kAliases = R"(
[[alias]]
route = "GET /"
action = "visit"
reply = "This is the default response!\n"
[[alias]]
route = "GET /purchase_a_sword"
action = "purchase"
item = "sword"
reply = "Sword Purchased!\n"
[[alias]]
route = "GET /join_a_guild"
action = "join_guild"
reply = "Joined a guild!\n"
)";

net::HttpResponse NoRoute(const http::RouteTable&, const http::Call&) {
  return net::Problem(404, "no_route", "");
}

class GameApiTest : public ::testing::Test {
 protected:
  GameApiTest() { api_.AddRoutes(catalogue_, table_); }
  net::HttpResponse Ask(const std::string& method, const std::string& target,
                        const std::string& body = "", net::HttpHeaders headers = {}) {
    headers.emplace_back("Host", "user1.comcast.com");
    return net::testing::AnswerOf(
        [&](net::HttpRequest request, auto responder) {
          table_.Handle(std::move(request), std::move(responder));
        },
        net::testing::RequestOf(method, target, headers, body));
  }
  // Status and code of a problem.
  std::string Problem(const net::HttpResponse& response) {
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto json = nlohmann::json::parse(response.body);
    EXPECT_EQ(json.at("status"), response.status);
    return std::to_string(response.status) + " " + json.at("code").get<std::string>();
  }
  nlohmann::json Json(const net::HttpResponse& response) {
    return nlohmann::json::parse(response.body);
  }

  const game::Catalogue catalogue_ =
      game::ParseCatalogue(std::string(game::testing::kRules) + std::string(kAliases), "game.toml")
          .value();
  FakeGame fake_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  GameApi api_{fake_, *random_};
  http::RouteTable table_{{.not_found = NoRoute}};
};

TEST_F(GameApiTest, MakesAndReadsAPlayer) {
  const auto made = Ask("POST", "/players", R"({"player": "alice"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(HeaderOf(made, "Location"), "/players/alice");
  EXPECT_EQ(HeaderOf(made, "Steelthread-Position"), "game/2:0");
  EXPECT_EQ(made.content_type, "application/json");
  const auto read = Ask("GET", "/players/alice");
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(Json(read).at("coins"), 100);
  EXPECT_EQ(HeaderOf(read, "Steelthread-Position"), "game/2:0");
  EXPECT_EQ(Problem(Ask("POST", "/players", R"({"player": "alice"})")), "409 player_exists");
  EXPECT_EQ(Problem(Ask("GET", "/players/bob")), "404 no_player");
}

TEST_F(GameApiTest, MakesUpAnIdWhereNoneIsGiven) {
  const auto made = Ask("POST", "/players");
  EXPECT_EQ(made.status, 201);
  const std::string id = Json(made).at("player");
  EXPECT_EQ(HeaderOf(made, "Location"), "/players/" + id);
  EXPECT_EQ(Ask("GET", "/players/" + id).status, 200);
  EXPECT_NE(Json(Ask("POST", "/players", "{}")).at("player"), id);
}

TEST_F(GameApiTest, PlaysFromCartToSale) {
  Ask("POST", "/players", "player=alice", {{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(
      Ask("POST", "/players/alice/wallet/grant", R"({"amount": 50, "reason": "quest"})").status,
      200);
  EXPECT_EQ(Json(Ask("GET", "/players/alice/wallet")).at("coins"), 150);
  const auto added = Ask("POST", "/players/alice/cart/items", R"({"item": "sword"})");
  EXPECT_EQ(added.status, 201);
  EXPECT_EQ(HeaderOf(added, "Location"), "/players/alice/cart/items/sword");
  EXPECT_EQ(Ask("POST", "/players/alice/cart/items", R"({"item": "sword", "quantity": 2})").status,
            200);
  EXPECT_EQ(Json(Ask("GET", "/players/alice/cart/items/sword")).at("quantity"), 3);
  EXPECT_EQ(Ask("PUT", "/players/alice/cart/items/sword", R"({"quantity": 1})").status, 200);
  EXPECT_EQ(Ask("PUT", "/players/alice/cart/items/potion", R"({"quantity": 4})").status, 201);
  EXPECT_EQ(Json(Ask("GET", "/players/alice/cart")).at("total"), 38);
  EXPECT_EQ(Ask("DELETE", "/players/alice/cart/items/potion").status, 200);
  EXPECT_EQ(Problem(Ask("DELETE", "/players/alice/cart/items/potion")), "404 not_in_cart");
  const auto order = Ask("POST", "/players/alice/cart/checkout");
  EXPECT_EQ(order.status, 200);
  EXPECT_EQ(Json(order).at("coins"), 120);
  EXPECT_EQ(Problem(Ask("POST", "/players/alice/cart/checkout")), "409 cart_empty");
  EXPECT_EQ(Problem(Ask("POST", "/players/alice/inventory/sword/use")), "409 not_usable");
  EXPECT_EQ(Json(Ask("POST", "/players/alice/inventory/sword/sell")).at("coins"), 130);
  EXPECT_EQ(Problem(Ask("GET", "/players/alice/inventory/sword")), "404 not_in_inventory");
  EXPECT_EQ(Json(Ask("GET", "/players/alice/inventory")).at("items").size(), 0U);
  EXPECT_EQ(Ask("POST", "/players/alice/wallet/spend", R"({"amount": 130})").status, 200);
  EXPECT_EQ(Problem(Ask("POST", "/players/alice/wallet/spend", R"({"amount": 1})")),
            "409 insufficient_funds");
}

TEST_F(GameApiTest, TradesAndForms) {
  for (const auto* player : {"alice", "bob"}) fake_.game.Do(game::CreatePlayer{player});
  Ask("PUT", "/players/alice/cart/items/sword", R"({"quantity": 1})");
  Ask("POST", "/players/alice/cart/checkout");
  const auto trade = Ask("POST", "/trades",
                         R"({"player": "alice", "partner": "bob", "gives": {"items": [{"item":
                         "sword"}]}, "takes": {"coins": 40}})");
  EXPECT_EQ(trade.status, 200) << trade.body;
  EXPECT_EQ(Json(Ask("GET", "/players/bob/inventory")).at("total"), 1);
  EXPECT_EQ(Json(Ask("GET", "/players/bob/wallet")).at("coins"), 60);
}

TEST_F(GameApiTest, KeepsGuilds) {
  for (const auto* player : {"alice", "bob"}) fake_.game.Do(game::CreatePlayer{player});
  const auto made = Ask("POST", "/guilds", R"({"guild": "Les Héros", "player": "alice"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(HeaderOf(made, "Location"), "/guilds/Les%20H%C3%A9ros");
  const std::string guild = HeaderOf(made, "Location");
  const auto joined = Ask("POST", guild + "/members", R"({"player": "bob"})");
  EXPECT_EQ(joined.status, 201);
  EXPECT_EQ(HeaderOf(joined, "Location"), guild + "/members/bob");
  EXPECT_EQ(Ask("GET", HeaderOf(joined, "Location")).status, 200);
  EXPECT_EQ(Json(Ask("GET", guild)).at("members"), 2);
  EXPECT_EQ(Json(Ask("GET", guild + "/members")).at("members").dump(), R"(["alice","bob"])");
  EXPECT_EQ(Ask("DELETE", guild + "/members/bob").status, 200);
  EXPECT_EQ(Problem(Ask("DELETE", guild + "/members/bob")), "404 not_a_member");
  EXPECT_EQ(Problem(Ask("GET", guild + "/members/bob")), "404 not_a_member");
  EXPECT_EQ(Json(Ask("GET", "/guilds?limit=1")).at("guilds").size(), 1U);
}

TEST_F(GameApiTest, NamesABadParameterWithWhatIsAllowed) {
  Ask("POST", "/players", R"({"player": "alice"})");
  struct Case {
    std::string method, target, body, problem, parameter;
  };
  const std::vector<Case> cases = {
      {"POST", "/players", R"({"player": "a b"})", "400 invalid_parameter", "player"},
      {"POST", "/players", R"({"name": "a"})", "400 unknown_parameter", "name"},
      {"POST", "/players", "{", "400 malformed_body", ""},
      {"POST", "/players/alice/wallet/grant", "{}", "400 missing_parameter", "amount"},
      {"POST", "/players/alice/wallet/grant", R"({"amount": 0})", "400 invalid_parameter",
       "amount"},
      {"POST", "/players/alice/wallet/grant", R"({"amount": 1.5})", "400 invalid_parameter",
       "amount"},
      {"POST", "/players/alice/wallet/grant", R"({"amount": 1000000000000001})",
       "400 invalid_parameter", "amount"},
      {"PUT", "/players/alice/cart/items/sword", R"({"quantity": -1})", "400 invalid_parameter",
       "quantity"},
      {"PUT", "/players/alice/cart/items/sword", "{}", "400 missing_parameter", "quantity"},
      {"POST", "/trades", R"({"player": "alice", "partner": "alice", "gives": {"coins": 1}})",
       "400 invalid_parameter", "partner"},
      {"GET", "/players/alice?as_of=yesterday", "", "400 invalid_parameter", "as_of"},
      {"GET", "/players/alice?asof=1", "", "400 unknown_parameter", "asof"},
      {"GET", "/guilds?limit=0", "", "400 invalid_parameter", "limit"},
  };
  for (const auto& each : cases) {
    const auto answer = Ask(each.method, each.target, each.body);
    EXPECT_EQ(Problem(answer), each.problem) << each.target << each.body;
    EXPECT_EQ(Json(answer).value("parameter", ""), each.parameter) << answer.body;
  }
  EXPECT_EQ(fake_.game.events.size(), 1U);
}

TEST_F(GameApiTest, HandsKeyAndRequestOn) {
  Ask("POST", "/players", R"({"player": "alice"})", {{"idempotency-key", "k 1"}});
  EXPECT_EQ(fake_.last_identity.key, "k 1");
  EXPECT_EQ(fake_.last_identity.method, "POST");
  EXPECT_EQ(fake_.last_identity.target, "/players");
  EXPECT_EQ(fake_.last_identity.body, R"({"player": "alice"})");
  for (const auto& key : {std::string(), std::string(256, 'k'), std::string("\xC3\xA9")}) {
    const auto answer = Ask("POST", "/players", "", {{"Idempotency-Key", key}});
    EXPECT_EQ(Problem(answer), "400 invalid_parameter");
    EXPECT_EQ(Json(answer).at("parameter"), "Idempotency-Key");
  }
}

TEST_F(GameApiTest, ReadsAsOfOffsetAndTime) {
  Ask("POST", "/players", R"({"player": "alice"})");
  Ask("GET", "/players/alice?as_of=-1");
  EXPECT_EQ(std::get<Offset>(*fake_.last_as_of), Offset(-1));
  Ask("GET", "/players/alice/inventory?as_of=2026-11-27T10:00:00Z");
  EXPECT_EQ(std::get<AtTime>(*fake_.last_as_of).time_ms, 1795773600000);
}

TEST_F(GameApiTest, AliasesAnswerAsTheCourse) {
  const auto bought = Ask("GET", "/purchase_a_sword");
  EXPECT_EQ(bought.status, 200);
  EXPECT_EQ(bought.body, "Sword Purchased!\n");
  EXPECT_EQ(bought.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(HeaderOf(bought, "Steelthread-Position"), "game/2:0");
  EXPECT_EQ(Ask("GET", "/purchase_a_sword?quantity=2").status, 200);
  const auto fixed = Ask("GET", "/purchase_a_sword?item=excalibur");
  EXPECT_EQ(fixed.status, 400) << "what the route fixes cannot be given";
  EXPECT_EQ(Json(fixed).at("parameter"), "item");
  EXPECT_EQ(Ask("GET", "/purchase_a_sword?player=bob").status, 400);
  EXPECT_EQ(Json(Ask("GET", "/players/user1.comcast.com/inventory")).at("total"), 3);
  EXPECT_EQ(Ask("GET", "/").body, "This is the default response!\n");
  EXPECT_EQ(Problem(Ask("GET", "/join_a_guild")), "400 missing_parameter");
  EXPECT_EQ(Ask("GET", "/join_a_guild?guild=Owls").body, "Joined a guild!\n");
  EXPECT_EQ(Json(Ask("GET", "/guilds/Owls")).at("members"), 1);
}

TEST_F(GameApiTest, AnswersMethodsThatAPathDoesNotTake) {
  const auto refused = Ask("PATCH", "/players/alice");
  EXPECT_EQ(Problem(refused), "405 method_not_allowed");
  EXPECT_EQ(HeaderOf(refused, "Allow"), "GET, HEAD, OPTIONS");
  const auto options = Ask("OPTIONS", "/guilds");
  EXPECT_EQ(options.status, 200);
  EXPECT_EQ(HeaderOf(options, "Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(Ask("HEAD", "/items").status, 200);
  EXPECT_EQ(Ask("GET", "/nothing/here").status, 404);
}

TEST_F(GameApiTest, MapsTroubleOut) {
  const std::vector<std::pair<ErrorCode, std::string>> cases = {
      {ErrorCode::kUnavailable, "503 unavailable"},
      {ErrorCode::kShutdown, "503 unavailable"},
      {ErrorCode::kDeadline, "503 deadline"},
      {ErrorCode::kConflict, "409 in_flight"},
      {ErrorCode::kAlreadyExists, "422 key_reused"},
      {ErrorCode::kNotFound, "410 gone"},
      {ErrorCode::kInvalidArgument, "400 invalid_parameter"},
      {ErrorCode::kOutcomeUnknown, "500 outcome_unknown"},
      {ErrorCode::kIo, "500 not_stored"},
  };
  for (const auto& [code, problem] : cases) {
    fake_.error = Error(code, "why");
    const auto answer = Ask("POST", "/players");
    EXPECT_EQ(Problem(answer), problem);
    EXPECT_EQ(HeaderOf(answer, "Retry-After"), problem == "503 unavailable" ? "1" : "");
    EXPECT_EQ(Problem(Ask("GET", "/items?as_of=3")), problem);
  }
}

TEST_F(GameApiTest, StandsInOpenApi) {
  table_.AddOpenApi("The game");
  const auto answer = Ask("GET", "/openapi.json");
  EXPECT_EQ(Ask("GET", "/openapi.json").shared_body, answer.shared_body) << "in memory once";
  const auto document = nlohmann::json::parse(answer.content());
  EXPECT_TRUE(document.at("components").at("schemas").contains("trade_side"));
  const auto& paths = document.at("paths");
  const auto& checkout = paths.at("/players/{player}/cart/checkout").at("post");
  EXPECT_EQ(checkout.at("operationId"), "post_checkout");
  EXPECT_TRUE(checkout.at("responses").contains("409"));
  EXPECT_EQ(checkout.at("parameters").back().at("name"), "Idempotency-Key");
  EXPECT_TRUE(paths.at("/players").at("post").at("responses").contains("201"));
  EXPECT_EQ(paths.at("/items").at("get").at("parameters")[0].at("name"), "as_of");
  EXPECT_TRUE(paths.at("/trades").at("post").contains("requestBody"));
  EXPECT_TRUE(paths.contains("/purchase_a_sword"));
  std::set<std::string> ids;
  for (const auto& [path, methods] : paths.items()) {
    for (const auto& [method, operation] : methods.items()) {
      EXPECT_TRUE(ids.insert(operation.at("operationId")).second) << operation.at("operationId");
    }
  }
}

TEST(GameRoutes, ShareNoPathWithOthers) {
  const auto rules = [](const std::string& route) {
    return game::ParseCatalogue(std::string(game::testing::kRules) + "[[alias]]\nroute = \"" +
                                    route + "\"\naction = \"visit\"\n",
                                "game.toml")
        .value();
  };
  const auto event = [](const std::string& route) {
    return event::ParseDeclaration(
               "name = \"e\"\nroute = \"" + route + "\"\nreply = \"\"\npayload = \"x\"\n",
               "events/e.toml")
        .value();
  };
  EXPECT_TRUE(CheckRoutes(rules("GET /x"), {event("GET /y")}).has_value());
  const auto alias = CheckRoutes(rules("GET /players/me"), {});
  ASSERT_FALSE(alias.has_value());
  EXPECT_TRUE(alias.error().message().starts_with("game.toml:27:9: alias.route: "));
  const auto taken = CheckRoutes(rules("GET /x"), {event("GET /items")});
  ASSERT_FALSE(taken.has_value());
  EXPECT_TRUE(taken.error().message().starts_with("events/e.toml:2:9: route: "));
  EXPECT_FALSE(CheckRoutes(rules("GET /x"), {event("GET /x")}).has_value());
}

TEST(AsOf, IsAnOffsetOrATime) {
  const auto ms = [](std::string_view text) {
    const auto parsed = ParseAsOf(text);
    const auto* time = parsed ? std::get_if<AtTime>(&*parsed) : nullptr;
    return time == nullptr ? -1 : time->time_ms;
  };
  EXPECT_EQ(std::get<Offset>(*ParseAsOf("41")), Offset(41));
  EXPECT_EQ(std::get<Offset>(*ParseAsOf("-1")), Offset(-1));
  EXPECT_EQ(ms("1795773600s"), 1795773600000);
  EXPECT_EQ(ms("1795773600123ms"), 1795773600123);
  EXPECT_EQ(ms("2026-11-27T10:00:00.5Z"), 1795773600500);
  EXPECT_EQ(ms("2026-11-27T11:00:00+01:00"), 1795773600000);
  EXPECT_EQ(ms("2026-11-27T11:00:00 01:00"), 1795773600000);
  EXPECT_EQ(ms("2026-11-27T04:30:00-05:30"), 1795773600000);
  for (const auto* wrong : {"", "-2", "now", "s", "ms", "-1s", "99999999999999999999", "1e3",
                            "2026-11-27", "2026-13-27T10:00:00Z"}) {
    EXPECT_FALSE(ParseAsOf(wrong).has_value()) << wrong;
  }
}

TEST(TradeBody, NamesWhatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"", ""},
      {"[]", ""},
      {std::string(10'000, '['), ""},
      {R"({"partner": "b"})", "player"},
      {R"({"player": "a", "partner": 1})", "partner"},
      {R"({"player": "a", "partner": "b", "give": {}})", "give"},
      {R"({"player": "a", "partner": "b", "gives": 1})", "gives"},
      {R"({"player": "a", "partner": "b", "gives": {"coin": 1}})", "gives.coin"},
      {R"({"player": "a", "partner": "b", "gives": {"coins": -1}})", "gives.coins"},
      {R"({"player": "a", "partner": "b", "gives": {"coins": 18446744073709551615}})",
       "gives.coins"},
      {R"({"player": "a", "partner": "b", "takes": {"items": {}}})", "takes.items"},
      {R"({"player": "a", "partner": "b", "takes": {"items": [1]}})", "takes.items[0]"},
      {R"({"player": "a", "partner": "b", "takes": {"items": [{}]}})", "takes.items[0].item"},
      {R"({"player": "a", "partner": "b", "takes": {"items": [{"item": "x", "quantity": 0}]}})",
       "takes.items[0].quantity"},
  };
  for (const auto& [body, parameter] : wrong) {
    const auto trade = ParseTrade(body);
    ASSERT_FALSE(trade.has_value()) << body;
    EXPECT_EQ(trade.error().parameter, parameter) << body;
  }
}

}  // namespace
}  // namespace st::api
