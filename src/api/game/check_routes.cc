#include "api/game/check_routes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "api/game/operations.h"
#include "base/text.h"

namespace st::api {
namespace {

// Whether some path is of both forms.
bool Overlap(std::string_view one, std::string_view other) {
  const auto a = Split(one, '/');
  const auto b = Split(other, '/');
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && !a[i].starts_with('{') && !b[i].starts_with('{')) return false;
  }
  return true;
}

std::string Routed(const event::Declaration& declaration) {
  return fmt::format("\"{} {}\"", fmt::join(declaration.methods, ", "), declaration.path);
}

}  // namespace

Status CheckRoutes(const game::Catalogue& catalogue,
                   const std::vector<event::Declaration>& declarations) {
  const auto operations = GameOperations(catalogue);
  for (const auto& alias : operations) {
    if (!alias.is_alias) continue;
    for (const auto& operation : operations) {
      if (operation.is_alias || !Overlap(operation.declaration.path, alias.declaration.path)) {
        continue;
      }
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: alias.route: {}: the game's API has the path {}; choose another path",
                  alias.declaration.route_place, Routed(alias.declaration),
                  operation.declaration.path);
    }
  }
  for (const auto& event : declarations) {
    if (!event.has_route()) continue;
    for (const auto& operation : operations) {
      if (!Overlap(operation.declaration.path, event.path)) continue;
      const auto& place = operation.declaration.route_place;
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: route: {} has this path{}; take another, whatever the method",
                  event.route_place, Routed(operation.declaration),
                  place.empty() ? " in the game's API" : ", declared at " + place);
    }
  }
  return {};
}

}  // namespace st::api
