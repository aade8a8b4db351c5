// Tests the load script of game commands against the game's API.
#include <gtest/gtest.h>

#include <map>

#include "api/game/game_api.h"
#include "client/load/game_script.h"
#include "game/testing.h"
#include "net/testing.h"

namespace st::cli {
namespace {

const TopicPosition kPosition{.topic = "game", .partition = PartitionId(0), .offset = Offset(0)};

class FakeGame final : public api::GamePort {
 public:
  void Submit(game::Command command, api::CommandIdentity, api::GameAnswered done) override {
    done(api::GameAnswer{game.Do(command), kPosition});
  }
  void Read(game::Query query, api::GameAnswered done) override {
    done(api::GameAnswer{game::Read(game.catalogue, *game.state, query), kPosition});
  }
  void ReadAsOf(game::Query query, api::AsOf, api::GameAnswered done) override {
    Read(std::move(query), std::move(done));
  }
  game::testing::Game game;
};

// Answers a request that no route takes; the test fails on it.
net::HttpResponse NoRoute(const api::http::RouteTable&, const api::http::Call&) {
  return net::Problem(500, "no_route", "The script asks for a path that is not the game's.");
}

net::HttpResponse Ask(const api::http::RouteTable& table, const net::ClientRequest& sent) {
  return net::testing::AnswerOf(
      [&](net::HttpRequest request, auto responder) {
        table.Handle(std::move(request), std::move(responder));
      },
      net::testing::RequestOf(sent.method, sent.target, sent.headers, sent.body));
}

TEST(GameScript, SendsWellFormedCommandsThatTheRulesMostlyAccept) {
  FakeGame fake;
  const auto random = os::MakeSeededRandom(3);
  const api::GameApi api(fake, *random);
  api::http::RouteTable table({.not_found = NoRoute});
  api.AddRoutes(fake.game.catalogue, table);
  std::vector<std::string> items;
  for (const auto& [name, item] : fake.game.catalogue.items) items.push_back(name);
  const auto script = client::load::MakeGameScript(items);
  std::map<std::string, int> done;
  int allowed = 0;
  constexpr int kSteps = 5000;
  for (int i = 0; i < kSteps; ++i) {
    const client::load::Turn turn{.player = static_cast<std::uint64_t>(i / 25),
                                  .step = static_cast<std::uint32_t>(i % 25)};
    const auto action = script->Next(turn, *random);
    const auto& kind = script->kinds()[action.kind];
    const auto answer = Ask(table, action.request);
    // The rules may refuse a command, but the request must be well-formed.
    EXPECT_TRUE(answer.status < 300 || answer.status == 404 || answer.status == 409)
        << kind.name << ": " << answer.status << " " << answer.body << " " << action.request.body;
    if (answer.status < 300) {
      ++done[kind.name];
      ++allowed;
    }
  }
  EXPECT_EQ(done.size(), script->kinds().size());  // each kind of command succeeds at least once
  EXPECT_GT(allowed, kSteps / 2);
}

}  // namespace
}  // namespace st::cli
