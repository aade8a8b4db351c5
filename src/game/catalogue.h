// The rules that a project sets in game.toml: items with kinds, rarities, prices and limits, the
// first coins of players, the size of guilds, and aliases. Pure.
//
// Format: docs/game.md.
// Errors: kInvalidArgument with file:line:column, reason, nearest name.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "game/command.h"
#include "game/limits.h"

namespace st::game {

struct Item {
  std::string name;
  std::string kind;
  std::string rarity;
  std::string description;
  std::int64_t price = 0;
  std::optional<std::int64_t> sell_price;  // none: the shop does not take it back
  std::optional<std::int64_t> stock;       // none: never runs out
  std::optional<std::int64_t> per_player;  // the most that one player has; none: no limit
  bool is_usable = false;                  // using it consumes it
};

// A route that does one thing for the player whom the Host header names.
struct Alias {
  std::string method;  // "GET"
  std::string path;    // "/purchase_a_sword"
  std::string place;   // "game.toml:30:1", for errors that name two
  AliasAction action = AliasAction::kVisit;
  std::string subject;  // item or guild; "" where the query says it, or none is needed
  std::string reply;    // the body
};

struct Catalogue {
  std::vector<std::string> kinds;
  std::vector<std::string> rarities;
  std::map<std::string, Item, std::less<>> items;
  std::vector<Alias> aliases;
  std::int64_t start_coins = 0;
  std::optional<std::int64_t> capacity;  // the most items that a player carries
  std::int64_t guild_members = kMaxGuildMembers;

  const Item* Find(std::string_view name) const;
  // "There is no item \"swrod\"; did you mean \"sword\"?"
  std::string NoItem(std::string_view name) const;
};

// `file` is game.toml's name in errors. Total on hostile input.
Result<Catalogue> ParseCatalogue(std::string_view toml, const std::string& file);

}  // namespace st::game
