// The game of a project with a game.toml: its rules, its owner and its HTTP API, put together.
//
// Threads: Start and Stop from one thread; the routes' handlers on io threads.
// Errors:  as game_service::GameService::Open.
#pragma once

#include <memory>

#include <nlohmann/json.hpp>

#include "api/game/game_api.h"
#include "api/http/route_table.h"
#include "app/status.h"
#include "app/stores.h"
#include "game_service/game_service.h"

namespace st::app {

class Game {
 public:
  // `stores` and `machine` must outlive it.
  static Result<std::unique_ptr<Game>> Start(Stores& stores, const Machine& machine,
                                             game::Catalogue catalogue);
  ~Game();
  // Decides by these rules from now on.
  void Replace(std::shared_ptr<const game::Catalogue> rules) {
    service_->Replace(std::move(rules));
  }
  // The game's routes by these rules. Requires: api::CheckRoutes.
  void AddRoutes(const game::Catalogue& rules, api::http::RouteTable& table) const {
    api_->AddRoutes(rules, table);
  }

  // {"players", "next_offset", "snapshot_offset", "accepts_commands", "last_error"}.
  nlohmann::json StatusDocument() const;
  std::vector<std::string> Notices() const { return service_->status().notices; }
  // A problem, with its reason, while it takes no commands.
  std::vector<Trouble> Troubles() const;
  // Answers the requests in flight. Requires: the log still runs. Idempotent.
  void Stop() { service_->Stop(); }

 private:
  class Port;
  Game();

  std::unique_ptr<game_service::GameService> service_;
  std::unique_ptr<Port> port_;
  std::unique_ptr<api::GameApi> api_;
};

}  // namespace st::app
