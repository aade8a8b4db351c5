#include "app/game.h"

#include <utility>

#include "api/game/game_api.h"
#include "game_service/limits.h"

namespace st::app {
namespace {

game_service::GameDone Answering(api::GameAnswered done) {
  return [done = std::move(done)](const Result<game_service::GameResult>& result) mutable {
    if (!result) return done(std::unexpected(result.error()));
    done(api::GameAnswer{.reply = result->reply, .position = result->position});
  };
}

}  // namespace

// The API's view of the service. It gives each request one version of the rules.
class Game::Port final : public api::GamePort {
 public:
  Port(game_service::GameService& service, const idempotency::KeyHasher& hasher,
       game_service::GameRules rules)
      : service_(service), hasher_(hasher), rules_(std::move(rules)) {}

  void Submit(game::Command command, api::CommandIdentity identity,
              api::GameAnswered done) override {
    game_service::CommandKey key;
    if (!identity.key.empty()) {
      key.request = hasher_.OfRequest(
          {.method = identity.method, .target = identity.target, .body = identity.body});
      key.scope = hasher_.OfScope("player " + identity.player);
      key.key = std::move(identity.key);
    }
    service_.Submit(rules_, std::move(command), std::move(key), Answering(std::move(done)));
  }
  void Read(game::Query query, api::GameAnswered done) override {
    service_.Read(rules_, std::move(query), Answering(std::move(done)));
  }
  void ReadAsOf(game::Query query, api::AsOf as_of, api::GameAnswered done) override {
    game_service::GameMoment moment = Offset(0);
    if (const auto* time = std::get_if<api::AtTime>(&as_of)) {
      moment = game_service::GameTime{time->time_ms};
    } else {
      moment = std::get<Offset>(as_of);
    }
    service_.ReadAsOf(rules_, std::move(query), moment, Answering(std::move(done)));
  }

 private:
  game_service::GameService& service_;
  const idempotency::KeyHasher& hasher_;
  const game_service::GameRules rules_;
};

struct Game::Api {
  Api(const Game& game, const game_service::GameRules& rules)
      : port(*game.service_, game.hasher_, rules), api(port, game.random_) {}
  Port port;
  api::GameApi api;
};

namespace {

void CollectGame(const game_service::GameService& service, MetricRegistry& metrics) {
  using Status = game_service::GameService::Status;
  const auto gauge = [&](const std::string& name, const std::string& help, auto read) {
    metrics.Collected("steelthread_game_" + name, help, "gauge", [&service, read] {
      return MetricRegistry::Samples{{"", static_cast<double>(read(service.status()))}};
    });
  };
  gauge("players", "Players in the state.", [](const Status& s) { return s.players; });
  gauge("next_offset", "Offset of the next command's first record.",
        [](const Status& s) { return s.next_offset; });
  gauge("snapshot_offset", "Offset up to which the newest snapshot goes; 0 if there is none.",
        [](const Status& s) { return s.snapshot_offset; });
  gauge("accepts_commands", "1, or 0 while the state is rebuilt or the log must be reopened.",
        [](const Status& s) { return s.accepts_commands; });
}

}  // namespace

Game::~Game() = default;

Result<std::unique_ptr<Game>> Game::Start(Stores& stores) {
  const os::Env& env = stores.env();
  auto game = std::unique_ptr<Game>(new Game(env.random, stores.keys().hasher()));
  ST_TRY(game->service_,
         game_service::GameService::Open(stores.env(), stores.log(), stores.keys(),
                                         {.dir = stores.data().game_dir(),
                                          .snapshot_events = game_service::kGameSnapshotEvents}));
  game->service_->Start();
  if (env.metrics != nullptr) CollectGame(*game->service_, *env.metrics);
  return game;
}

std::shared_ptr<const void> Game::AddRoutes(const game_service::GameRules& rules,
                                            api::http::RouteTable& table) const {
  auto made = std::make_shared<const Api>(*this, rules);
  made->api.AddRoutes(*rules, table);
  return made;
}

std::vector<Trouble> Game::Troubles() const {
  const auto status = service_->status();
  std::vector<Trouble> troubles;
  if (!status.accepts_commands) {
    troubles.push_back({"the game takes no commands: " + status.last_error, true});
  }
  if (!status.snapshot_error.empty()) {
    troubles.push_back(
        {"the game's last snapshot failed, so a start takes longer: " + status.snapshot_error});
  }
  return troubles;
}

nlohmann::json Game::StatusDocument() const {
  const auto status = service_->status();
  return {{"players", status.players},
          {"next_offset", status.next_offset},
          {"snapshot_offset", status.snapshot_offset},
          {"accepts_commands", status.accepts_commands},
          {"last_error", status.last_error}};
}

}  // namespace st::app
