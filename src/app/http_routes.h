// Makes the route table of the HTTP port for one version of the project: declared routes, the game
// with its aliases, the OpenAPI document of both, discovery.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/events/events_api.h"
#include "api/http/route_table.h"
#include "app/game.h"
#include "project/served_project.h"

namespace st::app {

struct HttpRouteSources {
  api::EventsApi& events;
  const Game* game = nullptr;  // null: the project has none
  std::function<std::string()> discovery;
  std::vector<std::string> allowed_hosts;
};

// What `sources` names must outlive the table.
std::shared_ptr<const api::http::RouteTable> MakeHttpRoutes(const HttpRouteSources& sources,
                                                            const project::ServedProject& project);

}  // namespace st::app
