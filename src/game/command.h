// The commands of players, and the checks of their fields. The rules (decide.h) may refuse a
// command that passes the checks.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace st::game {

struct ItemCount {
  std::string item;
  std::int64_t quantity = 1;
};

struct CreatePlayer {
  static constexpr std::string_view kName = "create_player";
  std::string player;
};
struct GrantCoins {
  static constexpr std::string_view kName = "grant_coins";
  std::string player;
  std::int64_t amount = 0;
  std::optional<std::string> reason;
};
struct SpendCoins {
  static constexpr std::string_view kName = "spend_coins";
  std::string player;
  std::int64_t amount = 0;
  std::optional<std::string> reason;
};
struct AddToCart {
  static constexpr std::string_view kName = "add_to_cart";
  std::string player;
  ItemCount what;
};
// Sets the quantity of an item in the cart, whether or not it was there.
struct ChangeCart {
  static constexpr std::string_view kName = "change_cart";
  std::string player;
  ItemCount what;
};
struct RemoveFromCart {
  static constexpr std::string_view kName = "remove_from_cart";
  std::string player;
  std::optional<std::string> item;  // none: everything
};
struct Checkout {
  static constexpr std::string_view kName = "checkout";
  std::string player;
};
struct UseItem {
  static constexpr std::string_view kName = "use_item";
  std::string player;
  ItemCount what;
};
struct SellItem {
  static constexpr std::string_view kName = "sell_item";
  std::string player;
  ItemCount what;
};
struct TradeSide {
  std::string player;
  std::int64_t coins = 0;
  std::vector<ItemCount> items;
};
// Each side gives its coins and items to the other.
struct Trade {
  static constexpr std::string_view kName = "trade";
  TradeSide first;
  TradeSide second;
};
struct CreateGuild {
  static constexpr std::string_view kName = "create_guild";
  std::string guild;
  std::string player;
};
struct JoinGuild {
  static constexpr std::string_view kName = "join_guild";
  std::string guild;
  std::string player;
};
struct LeaveGuild {
  static constexpr std::string_view kName = "leave_guild";
  std::string guild;
  std::string player;
};

// The action of an alias for a player, who is created at the first request and granted missing
// coins; the answer is a text.
enum class AliasAction : std::uint8_t { kVisit, kPurchase, kSell, kUse, kJoinGuild, kLeaveGuild };
struct UseAlias {
  static constexpr std::string_view kName = "use_alias";
  AliasAction action = AliasAction::kVisit;
  std::string player;
  std::string subject;  // item or guild; "" for a visit, and the present guild for kLeaveGuild
  std::int64_t quantity = 1;
  std::string reply;
};

using Command =
    std::variant<CreatePlayer, GrantCoins, SpendCoins, AddToCart, ChangeCart, RemoveFromCart,
                 Checkout, UseItem, SellItem, Trade, CreateGuild, JoinGuild, LeaveGuild, UseAlias>;

// "checkout": stable, for `command_refused` and metrics.
std::string_view CommandName(const Command& command);

// kInvalidArgument: the value is not allowed in a command. The message says why, without the value:
// "must have 1 to 100 of the characters …".
Status CheckPlayerId(std::string_view id);
Status CheckItemName(std::string_view name);
Status CheckGuildName(std::string_view name);
Status CheckReason(std::string_view text);
Status CheckQuantity(std::int64_t quantity);  // 1 to kMaxQuantity
Status CheckAmount(std::int64_t amount);      // 1 to kMaxCoins

// A parameter of a command that its check refuses.
struct MalformedCommand {
  std::string parameter;  // "quantity"
  std::string why;        // "must be a whole number from 1 to …"
};
// The first parameter that is refused. A malformed command is never decided.
std::expected<void, MalformedCommand> CheckCommand(const Command& command);

}  // namespace st::game
