// The game's routes as data: the parameters, command or query, and answers of each. The checks of
// parameters and the OpenAPI document are derived from this.
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

// The values in a request, by field.
using Values = nlohmann::json;
using MakeCommand = std::function<game::Command(const Values&)>;
using MakeQuery = std::function<game::Query(const Values&)>;
struct MakeTrade {};  // parses the whole body (trade_body.h)
using Make = std::variant<MakeCommand, MakeQuery, MakeTrade>;

struct Operation {
  // Route and fields, declared as those of an event are.
  event::Declaration declaration;
  Make make;
  std::vector<std::pair<int, std::string>> answers;  // status and its meaning
  bool is_alias = false;

  bool is_read() const { return std::holds_alternative<MakeQuery>(make); }
};

// The REST routes, then the catalogue's aliases.
std::vector<Operation> GameOperations(const game::Catalogue& catalogue);

}  // namespace st::api
