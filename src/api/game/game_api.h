// The game's HTTP API: players, carts, inventories, trades and guilds, and the aliases of
// game.toml.
//
// Threads: handlers on io threads; AddRoutes from any.
// Owner:   `game` and `random` must outlive it and the requests in hand; it must outlive the tables
//          that have its routes.
// Durable: a command's success, and what a read shows, is sent once it is durable.
// Errors:  RFC 9457 problems with a code: 400, 413, 415 as event::Fault, 404 and 409 as the rules
//          say, 409 in_flight, 422 key_reused, 410 gone, 503 unavailable or deadline, 500
//          outcome_unknown.
#pragma once

#include <memory>

#include "api/game/game_port.h"
#include "api/http/route_table.h"
#include "game/catalogue.h"
#include "os/random.h"

namespace st::api {

class GameApi {
 public:
  GameApi(GamePort& game, os::Random& random) : game_(game), random_(random) {}

  // Adds the REST routes and the aliases of these rules. HEAD acts as GET; OPTIONS answers with
  // Allow. Aliases are for everybody, since there the Host is the player.
  // Requires: CheckRoutes(catalogue, …), and the table has none of their paths.
  void AddRoutes(const game::Catalogue& catalogue, http::RouteTable& table) const;

 private:
  struct Route;
  void Handle(const Route& route, http::Call call,
              std::unique_ptr<net::HttpResponder> responder) const;

  GamePort& game_;
  os::Random& random_;
};

}  // namespace st::api
