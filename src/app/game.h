// The game of a project with a game.toml: its service and its HTTP API, put together.
//
// Threads: Start and Stop from one thread; Handle on io threads.
// Errors:  as game_service::GameService::Open.
#pragma once

#include <memory>

#include <nlohmann/json.hpp>

#include "api/http/route_table.h"
#include "app/status.h"
#include "app/stores.h"
#include "game_service/game_service.h"

namespace st::app {

class Game {
 public:
  // `stores` and `env` must outlive it.
  static Result<std::unique_ptr<Game>> Start(Stores& stores);
  ~Game();
  // Adds the game's routes and aliases by these rules. Returns what the handlers call, which must
  // live as long as the table. Requires: api::CheckRoutes.
  std::shared_ptr<const void> AddRoutes(const game_service::GameRules& rules,
                                        api::http::RouteTable& table) const;

  // {"players", "next_offset", "snapshot_offset", "accepts_commands", "last_error"}.
  nlohmann::json StatusDocument() const;
  std::vector<std::string> Notices() const { return service_->status().notices; }
  // A problem, with its reason, while it takes no commands.
  std::vector<Trouble> Troubles() const;
  // Answers the requests in flight. Requires: the log still runs. Idempotent.
  void Stop() { service_->Stop(); }

 private:
  class Port;
  struct Api;  // of one version of the rules
  Game(os::Random& random, const idempotency::KeyHasher& hasher)
      : random_(random), hasher_(hasher) {}

  os::Random& random_;
  const idempotency::KeyHasher& hasher_;
  std::unique_ptr<game_service::GameService> service_;
};

}  // namespace st::app
