// The game's HTTP API: players, carts, inventories, trades and guilds, and the aliases of
// game.toml.
//
// Threads: Handle on io threads.
// Owner:   `game` and `random` must outlive it and the requests in hand.
// Durable: a command's success, and what a read shows, is sent once it is durable.
// Errors:  RFC 9457 problems with a code: 400, 413, 415 as event::Fault, 404 and 409 as the rules
//          say, 409 in_flight, 422 key_reused, 410 gone, 503 unavailable or deadline, 500
//          outcome_unknown.
#pragma once

#include <memory>
#include <string>

#include "api/game/game_port.h"
#include "game/catalogue.h"
#include "net/http.h"
#include "os/random.h"

namespace st::api {

class GameRoutes;
class OpenApiMerger;

class GameApi {
 public:
  // Requires: CheckRoutes(catalogue, …).
  // `guard` is asked before every route but the aliases, where the Host is the player; it may be
  // empty.
  GameApi(const game::Catalogue& catalogue, GamePort& game, os::Random& random,
          net::HttpGuard guard = {});
  ~GameApi();

  // Whether the request's path is one of the game's.
  bool Takes(const net::HttpRequest& request) const;
  // Requires: Takes(request). HEAD acts as GET; OPTIONS answers with Allow.
  void Handle(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder);
  // The same for any request: what is not the game's goes to `others`, and what they answer at
  // /openapi.json gets the game's routes.
  void HandleOr(net::HttpRequest request, std::unique_ptr<net::HttpResponder> responder,
                const net::HttpHandler& others);

 private:
  const std::shared_ptr<const GameRoutes> routes_;
  const std::shared_ptr<OpenApiMerger> openapi_;  // adds the game's part
  GamePort& game_;
  os::Random& random_;
  const net::HttpGuard guard_;
};

}  // namespace st::api
