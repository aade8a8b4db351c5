// The game of a project with a game.toml: its rules, its owner and its HTTP API, put together.
//
// Threads: Start and Stop from one thread; Handle on io threads.
// Errors:  as game_service::GameService::Open.
#pragma once

#include <memory>

#include <nlohmann/json.hpp>

#include "api/game/game_api.h"
#include "app/status.h"
#include "app/stores.h"
#include "game_service/game_service.h"

namespace st::app {

class Game {
 public:
  // `stores` and `machine` must outlive it.
  static Result<std::unique_ptr<Game>> Start(Stores& stores, const Machine& machine,
                                             game::Catalogue catalogue, net::HttpGuard guard);
  ~Game();
  // Serves these rules and aliases from now on. Requires: api::CheckRoutes.
  void Replace(std::shared_ptr<const game::Catalogue> rules);

  // Requests on other paths go to `others`.
  void Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder,
              const net::HttpHandler& others);
  // {"players", "next_offset", "snapshot_offset", "accepts_commands", "last_error"}.
  nlohmann::json StatusDocument() const;
  std::vector<std::string> Notices() const { return service_->status().notices; }
  // A problem, with its reason, while it takes no commands.
  std::vector<Trouble> Troubles() const;
  // Answers the requests in flight. Requires: the log still runs. Idempotent.
  void Stop() { service_->Stop(); }

 private:
  class Port;
  Game(os::Random& random, net::HttpGuard guard);

  os::Random& random_;
  const net::HttpGuard guard_;  // of all routes but the aliases
  std::unique_ptr<game_service::GameService> service_;
  std::unique_ptr<Port> port_;
  Guarded<std::shared_ptr<api::GameApi>> api_;
};

}  // namespace st::app
