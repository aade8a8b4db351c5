// The script of the game's commands against the game's own API.
#include <gtest/gtest.h>

#include <map>

#include "api/game/game_api.h"
#include "client/load/game_script.h"
#include "game/testing.h"

namespace st::cli {
namespace {

class FakeGame final : public api::GamePort {
 public:
  void Submit(game::Command command, api::CommandIdentity, api::GameAnswered done) override {
    done(api::GameAnswer{game.Do(command), Offset(0)});
  }
  void Read(game::Query query, api::GameAnswered done) override {
    done(api::GameAnswer{game::Read(game.catalogue, *game.state, query), Offset(0)});
  }
  void ReadAsOf(game::Query query, api::AsOf, api::GameAnswered done) override {
    Read(std::move(query), std::move(done));
  }
  game::testing::Game game;
};

class KeptResponder final : public net::HttpResponder {
 public:
  explicit KeptResponder(net::HttpResponse& to) : to_(to) {}
  void Send(net::HttpResponse response) override { to_ = std::move(response); }

 private:
  net::HttpResponse& to_;
};

net::HttpResponse Ask(api::GameApi& api, const net::ClientRequest& sent) {
  net::HttpRequest request;
  request.method = sent.method;
  request.target = request.path = sent.target;
  request.headers = sent.headers;
  request.body = sent.body;
  EXPECT_TRUE(api.Takes(request)) << sent.method << " " << sent.target;
  net::HttpResponse answer;
  api.Handle(std::move(request), std::make_unique<KeptResponder>(answer));
  return answer;
}

TEST(GameScript, SendsWhatTheApiTakesAndMostlyAllows) {
  FakeGame fake;
  const auto random = os::MakeSeededRandom(3);
  api::GameApi api(fake.game.catalogue, fake, *random);
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
    const auto answer = Ask(api, action.request);
    // The rules may say no; that the request is malformed they may not.
    EXPECT_TRUE(answer.status < 300 || answer.status == 404 || answer.status == 409)
        << kind.name << ": " << answer.status << " " << answer.body << " " << action.request.body;
    if (answer.status < 300) {
      ++done[kind.name];
      ++allowed;
    }
  }
  EXPECT_EQ(done.size(), script->kinds().size());  // each sort succeeds now and then
  EXPECT_GT(allowed, kSteps / 2);
}

}  // namespace
}  // namespace st::cli
