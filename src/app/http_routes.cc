#include "app/http_routes.h"

#include <utility>

#include "api/control/access.h"
#include "api/control/discovery_api.h"

namespace st::app {

std::shared_ptr<const api::http::RouteTable> MakeHttpRoutes(const HttpRouteSources& sources,
                                                            const project::ServedProject& project) {
  struct Owner {
    explicit Owner(api::http::RouteTable::Options options) : table(std::move(options)) {}
    std::shared_ptr<const void> game;  // called by the game's routes, so destroyed after the table
    api::http::RouteTable table;
  };
  const auto owner = std::make_shared<Owner>(api::http::RouteTable::Options{
      .not_found = api::NoRoute, .gate = api::MakeGate(sources.allowed_hosts)});
  auto& table = owner->table;
  sources.events.AddRoutes(project.files.events, table);
  if (sources.game != nullptr) owner->game = sources.game->AddRoutes(project.rules, table);
  table.AddOpenApi(sources.game != nullptr ? "The game and its events" : "Declared events");
  api::AddDiscoveryRoute(sources.discovery, table);
  return {owner, &table};
}

}  // namespace st::app
