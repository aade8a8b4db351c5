// The game's routes as data: what each takes, what it asks the game, what it may answer. The checks
// of parameters and the OpenAPI document follow from it.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "event/declaration.h"
#include "game/catalogue.h"
#include "game/command.h"
#include "game/view.h"

namespace st::api {

// The values that a request gave, by field.
using Values = nlohmann::json;
using MakeCommand = std::function<game::Command(const Values&)>;
using MakeQuery = std::function<game::Query(const Values&)>;
struct MakeTrade {};  // from the whole body
using Make = std::variant<MakeCommand, MakeQuery, MakeTrade>;

struct Operation {
  // Route and fields, as if it were an event.
  event::Declaration declaration;
  Make make;
  std::vector<std::pair<int, std::string>> answers;  // status and what it means
  bool is_alias = false;

  bool is_read() const { return std::holds_alternative<MakeQuery>(make); }
};

// The REST routes, then the catalogue's aliases.
std::vector<Operation> GameOperations(const game::Catalogue& catalogue);

// kInvalidArgument: an alias or a declared event's route takes a path of the game's (names both).
Status CheckRoutes(const game::Catalogue& catalogue,
                   const std::vector<event::Declaration>& declarations);

}  // namespace st::api
