// Reads of the state by clients, answered as JSON.
#pragma once

#include <string>
#include <variant>

#include "game/catalogue.h"
#include "game/decision.h"
#include "game/state.h"

namespace st::game {

struct ReadPlayer {
  std::string player;
};
struct ReadWallet {
  std::string player;
};
struct ReadCart {
  std::string player;
};
struct ReadCartItem {
  std::string player;
  std::string item;
};
struct ReadInventory {
  std::string player;
};
struct ReadInventoryItem {
  std::string player;
  std::string item;
};
// The catalogue as it is configured now, with the remaining stock of each item.
struct ReadItems {};
struct ReadItem {
  std::string item;
};
struct ReadGuilds {
  std::string after;  // the page behind this guild, by age; "" the first
  std::int64_t limit = 100;
};
struct ReadGuild {
  std::string guild;
};
struct ReadGuildMembers {
  std::string guild;
};
struct ReadGuildMember {
  std::string guild;
  std::string player;
};

using Query =
    std::variant<ReadPlayer, ReadWallet, ReadCart, ReadCartItem, ReadInventory, ReadInventoryItem,
                 ReadItems, ReadItem, ReadGuilds, ReadGuild, ReadGuildMembers, ReadGuildMember>;

// 200 with JSON, or a 404 problem (no_player, no_item, no_guild, not_in_cart, not_in_inventory,
// not_a_member).
Reply Read(const Catalogue& catalogue, const State& state, const Query& query);

}  // namespace st::game
