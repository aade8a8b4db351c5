// The game's routes by path; internal to api/game.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/game/operations.h"
#include "event/compose.h"
#include "event/route.h"

namespace st::api {

// An operation with the checks of its parameters.
struct GameRoute {
  explicit GameRoute(Operation from) : composer(from.declaration), operation(std::move(from)) {}
  event::Composer composer;
  Operation operation;
};

struct GameResource {
  std::map<std::string, std::unique_ptr<GameRoute>, std::less<>> by_method;
  std::string allowed;  // "GET, HEAD, POST, OPTIONS"
  // HEAD is GET's.
  const GameRoute* Find(std::string_view method) const;
};

// Immutable. Requires: CheckRoutes.
class GameRoutes {
 public:
  explicit GameRoutes(const game::Catalogue& catalogue);
  // Of a decoded path, the more literal one first; nullptr: none.
  const GameResource* Find(std::string_view path) const;

 private:
  std::map<std::string, GameResource, std::less<>> resources_;  // by path as declared
  struct Template {
    event::PathTemplate path;
    const GameResource* resource = nullptr;
  };
  std::vector<Template> templates_;
};

}  // namespace st::api
