// Compares the game's events with a project's declarations. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "event/declaration.h"

namespace st::game {

// The topic of the fold; one partition, written by the game alone.
inline constexpr std::string_view kTopic = "game";

// Each declared event of topic `game` is one that the game writes, declared once, without route,
// with its fields and their types, and no other topic has one of these events. command_refused
// cannot be declared. An event may be missing: UndeclaredEvents.
//
// Errors: kInvalidArgument with the place and the declaration that is expected.
Status CheckDeclarations(const std::vector<event::Declaration>& declarations);

// An event that the game writes and that no declaration names, so that it has no table.
struct UndeclaredEvent {
  std::string type;
  std::string fields;  // of its declaration: `event_type = "default", player = {}`
};
std::vector<UndeclaredEvent> UndeclaredEvents(const std::vector<event::Declaration>& declarations);

}  // namespace st::game
