#include "game/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ascii.h"
#include "base/text.h"
#include "game/limits.h"

namespace st::game {
namespace {

// In the path of a URL "." and ".." name no segment.
bool IsDots(std::string_view text) { return text == "." || text == ".."; }

bool IsPlain(std::string_view text) {  // UTF-8 without control characters
  return IsUtf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

template <typename... Args>
std::unexpected<Error> Refused(fmt::format_string<Args...> format, Args&&... args) {
  return Fail(ErrorCode::kInvalidArgument, format, std::forward<Args>(args)...);
}

using Checked = std::expected<void, MalformedCommand>;

std::unexpected<MalformedCommand> Malformed(std::string_view parameter, std::string why) {
  return std::unexpected(
      MalformedCommand{.parameter = std::string(parameter), .why = std::move(why)});
}

// Adds the parameter's name to the outcome of its check.
Checked Named(std::string_view parameter, const Status& checked) {
  if (checked) return {};
  return Malformed(parameter, checked.error().message());
}

Checked CheckItemCount(const ItemCount& what) {
  ST_TRY_STATUS(Named("item", CheckItemName(what.item)));
  return Named("quantity", CheckQuantity(what.quantity));
}

// The check of commands with an amount and an optional reason.
template <typename C>
Checked CheckCoins(const C& c) {
  ST_TRY_STATUS(Named("player", CheckPlayerId(c.player)));
  ST_TRY_STATUS(Named("amount", CheckAmount(c.amount)));
  return c.reason ? Named("reason", CheckReason(*c.reason)) : Checked();
}

Checked CheckSide(const TradeSide& side) {
  if (side.coins < 0 || side.coins > kMaxCoins) {
    return Malformed("coins", fmt::format("must be a whole number from 0 to {}", kMaxCoins));
  }
  if (side.items.size() > kMaxTradeItems) {
    return Malformed("items", fmt::format("must be at most {}", kMaxTradeItems));
  }
  std::vector<std::string_view> names;
  for (const auto& what : side.items) {
    ST_TRY_STATUS(CheckItemCount(what));
    if (std::ranges::find(names, what.item) != names.end()) {
      return Malformed("items", fmt::format("must name \"{}\" once only", what.item));
    }
    names.push_back(what.item);
  }
  return Named("player", CheckPlayerId(side.player));
}

struct CommandCheck {
  Checked operator()(const CreatePlayer& c) const {
    return Named("player", CheckPlayerId(c.player));
  }
  Checked operator()(const GrantCoins& c) const { return CheckCoins(c); }
  Checked operator()(const SpendCoins& c) const { return CheckCoins(c); }
  Checked operator()(const RemoveFromCart& c) const {
    ST_TRY_STATUS(Named("player", CheckPlayerId(c.player)));
    return c.item ? Named("item", CheckItemName(*c.item)) : Checked();
  }
  Checked operator()(const Checkout& c) const { return Named("player", CheckPlayerId(c.player)); }
  Checked operator()(const Trade& c) const {
    ST_TRY_STATUS(CheckSide(c.first));
    ST_TRY_STATUS(CheckSide(c.second));
    if (c.first.player == c.second.player) {
      return Malformed("partner", "must be another player than player");
    }
    if (c.first.coins + c.second.coins == 0 && c.first.items.empty() && c.second.items.empty()) {
      return Malformed("coins", "or items must be given by a side at least");
    }
    return {};
  }
  Checked operator()(const UseAlias& c) const {
    const bool is_guild =
        c.action == AliasAction::kJoinGuild || c.action == AliasAction::kLeaveGuild;
    const bool is_free = c.action == AliasAction::kVisit ||
                         (c.action == AliasAction::kLeaveGuild && c.subject.empty());
    ST_TRY_STATUS(Named("Host", CheckPlayerId(c.player)));
    if (!is_free && is_guild) ST_TRY_STATUS(Named("guild", CheckGuildName(c.subject)));
    if (!is_free && !is_guild) ST_TRY_STATUS(Named("item", CheckItemName(c.subject)));
    return Named("quantity", CheckQuantity(c.quantity));
  }
  template <typename C>
    requires requires(C c) { c.what; }
  Checked operator()(const C& c) const {
    ST_TRY_STATUS(Named("player", CheckPlayerId(c.player)));
    return CheckItemCount(c.what);
  }
  template <typename C>
    requires requires(C c) { c.guild; }
  Checked operator()(const C& c) const {
    ST_TRY_STATUS(Named("guild", CheckGuildName(c.guild)));
    return Named("player", CheckPlayerId(c.player));
  }
};

}  // namespace

std::string_view CommandName(const Command& command) {
  return std::visit([](const auto& c) { return std::decay_t<decltype(c)>::kName; }, command);
}

Status CheckPlayerId(std::string_view id) {
  constexpr std::string_view kOthers = "._-:@[]";
  if (!id.empty() && id.size() <= kMaxPlayerIdBytes && ConsistsOf(id, kOthers) && !IsDots(id)) {
    return {};
  }
  return Refused(
      "must have 1 to {} of the characters a-z A-Z 0-9 . _ - : @ [ ], and must not be \".\" or "
      "\"..\"",
      kMaxPlayerIdBytes);
}

Status CheckItemName(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxItemNameBytes && ConsistsOf(name, "._-") &&
      !IsDots(name)) {
    return {};
  }
  return Refused(
      "must have 1 to {} of the characters a-z A-Z 0-9 . _ -, and must not be \".\" or \"..\"",
      kMaxItemNameBytes);
}

Status CheckGuildName(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxGuildNameBytes && IsPlain(name) &&
      name.find('/') == std::string_view::npos && !IsDots(name)) {
    return {};
  }
  return Refused("must have 1 to {} bytes of UTF-8 without control characters and \"/\"",
                 kMaxGuildNameBytes);
}

Status CheckReason(std::string_view text) {
  if (text.size() <= kMaxReasonBytes && IsPlain(text)) return {};
  return Refused("must have at most {} bytes of UTF-8 without control characters", kMaxReasonBytes);
}

Status CheckQuantity(std::int64_t quantity) {
  if (quantity >= 1 && quantity <= kMaxQuantity) return {};
  return Refused("must be a whole number from 1 to {}", kMaxQuantity);
}

Status CheckAmount(std::int64_t amount) {
  if (amount >= 1 && amount <= kMaxCoins) return {};
  return Refused("must be a whole number from 1 to {}", kMaxCoins);
}

std::expected<void, MalformedCommand> CheckCommand(const Command& command) {
  return std::visit(CommandCheck(), command);
}

}  // namespace st::game
