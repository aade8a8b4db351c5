// The game's events, over which the state is a fold. Each has its name in the log (`event_type`)
// and its fields, in the order of the payload. ForEach lists the fields; encoding, decoding and the
// check of the declarations follow from it.
//
// Limits: limits.h; ParseEvent refuses an event over one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace st::game {

// A text is the name of a player, item or guild. An optional field without a value is not written.

struct PlayerCreated {
  static constexpr std::string_view kType = "create_player";
  std::string player;
  std::int64_t coins = 0;  // to start with
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("coins", self.coins);
  }
};

struct CoinsGranted {
  static constexpr std::string_view kType = "grant_coins";
  std::string player;
  std::int64_t amount = 0;
  std::int64_t balance = 0;  // afterwards
  std::optional<std::string> reason;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("amount", self.amount);
    visit("balance", self.balance);
    visit("reason", self.reason);
  }
};

struct CoinsSpent {
  static constexpr std::string_view kType = "spend_coins";
  std::string player;
  std::int64_t amount = 0;
  std::int64_t balance = 0;
  std::optional<std::string> reason;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("amount", self.amount);
    visit("balance", self.balance);
    visit("reason", self.reason);
  }
};

struct CartAdded {
  static constexpr std::string_view kType = "add_to_cart";
  std::string player;
  std::string item;
  std::int64_t quantity = 0;
  std::int64_t in_cart = 0;  // of the item, afterwards
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("item", self.item);
    visit("quantity", self.quantity);
    visit("in_cart", self.in_cart);
  }
};

struct CartChanged {
  static constexpr std::string_view kType = "change_cart";
  std::string player;
  std::string item;
  std::int64_t in_cart = 0;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("item", self.item);
    visit("in_cart", self.in_cart);
  }
};

struct CartRemoved {
  static constexpr std::string_view kType = "remove_from_cart";
  std::string player;
  std::string item;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("item", self.item);
  }
};

// One item of an order. CheckedOut follows the last one of a cart's order; an alias's order is one
// item and has no CheckedOut.
struct ItemPurchased {
  static constexpr std::string_view kType = "purchase_item";
  std::string player;
  std::int64_t order_id = 0;
  std::string item;
  std::string kind;
  std::string rarity;
  std::int64_t quantity = 0;
  std::int64_t price = 0;  // of one
  std::int64_t total = 0;
  std::int64_t balance = 0;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("order_id", self.order_id);
    visit("item", self.item);
    visit("kind", self.kind);
    visit("rarity", self.rarity);
    visit("quantity", self.quantity);
    visit("price", self.price);
    visit("total", self.total);
    visit("balance", self.balance);
  }
};

// The cart became an order and is empty.
struct CheckedOut {
  static constexpr std::string_view kType = "checkout";
  std::string player;
  std::int64_t order_id = 0;
  std::int64_t items = 0;  // counted one by one
  std::int64_t total = 0;
  std::int64_t balance = 0;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("order_id", self.order_id);
    visit("items", self.items);
    visit("total", self.total);
    visit("balance", self.balance);
  }
};

struct ItemUsed {
  static constexpr std::string_view kType = "use_item";
  std::string player;
  std::string item;
  std::int64_t quantity = 0;
  std::int64_t left = 0;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("item", self.item);
    visit("quantity", self.quantity);
    visit("left", self.left);
  }
};

struct ItemSold {
  static constexpr std::string_view kType = "sell_item";
  std::string player;
  std::string item;
  std::int64_t quantity = 0;
  std::int64_t price = 0;
  std::int64_t total = 0;
  std::int64_t balance = 0;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
    visit("item", self.item);
    visit("quantity", self.quantity);
    visit("price", self.price);
    visit("total", self.total);
    visit("balance", self.balance);
  }
};

// A trade between two players, with its coins. One ItemTraded for each kind of item follows.
struct Traded {
  static constexpr std::string_view kType = "trade";
  std::int64_t trade_id = 0;
  std::string player;
  std::string partner;
  std::int64_t coins_given = 0;  // by `player` to `partner`
  std::int64_t coins_taken = 0;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("trade_id", self.trade_id);
    visit("player", self.player);
    visit("partner", self.partner);
    visit("coins_given", self.coins_given);
    visit("coins_taken", self.coins_taken);
  }
};

struct ItemTraded {
  static constexpr std::string_view kType = "trade_item";
  std::int64_t trade_id = 0;
  std::string giver;
  std::string taker;
  std::string item;
  std::int64_t quantity = 0;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("trade_id", self.trade_id);
    visit("giver", self.giver);
    visit("taker", self.taker);
    visit("item", self.item);
    visit("quantity", self.quantity);
  }
};

// GuildJoined of its founder follows.
struct GuildCreated {
  static constexpr std::string_view kType = "create_guild";
  std::string guild;
  std::string player;  // its founder
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("guild", self.guild);
    visit("player", self.player);
  }
};

struct GuildJoined {
  static constexpr std::string_view kType = "join_guild";
  std::string guild;
  std::string player;
  std::int64_t members = 0;  // afterwards
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("guild", self.guild);
    visit("player", self.player);
    visit("members", self.members);
  }
};

struct GuildLeft {
  static constexpr std::string_view kType = "leave_guild";
  std::string guild;
  std::string player;
  std::int64_t members = 0;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("guild", self.guild);
    visit("player", self.player);
    visit("members", self.members);
  }
};

// A player's visit, as by the course's GET /. It changes no state.
struct Visited {
  static constexpr std::string_view kType = "default";
  std::string player;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("player", self.player);
  }
};

// Built in: a command with an idempotency key was refused by the rules. Changes nothing, is not
// declared and has no generated table.
struct CommandRefused {
  static constexpr std::string_view kType = "command_refused";
  std::string command;  // "checkout"
  std::string code;     // "insufficient_funds"
  std::string key;
  template <typename Self, typename Visit>
  static void ForEach(Self& self, Visit&& visit) {
    visit("command", self.command);
    visit("code", self.code);
    visit("key", self.key);
  }
};

using Event =
    std::variant<PlayerCreated, CoinsGranted, CoinsSpent, CartAdded, CartChanged, CartRemoved,
                 ItemPurchased, CheckedOut, ItemUsed, ItemSold, Traded, ItemTraded, GuildCreated,
                 GuildJoined, GuildLeft, Visited, CommandRefused>;

// {"event_type": "grant_coins", "player": "alice", "amount": 5, …}: ASCII.
std::string EncodeEvent(const Event& event);
// kUnsupported: an event that only a newer program knows; kCorruption: no event, with the reason.
// Total on hostile input; unknown fields are ignored, so a newer program may add fields.
Result<Event> ParseEvent(std::string_view payload);

}  // namespace st::game
