#include "game/command.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "game/limits.h"

namespace st::game {
namespace {

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool ConsistsOf(std::string_view text, std::string_view others) {
  return std::ranges::all_of(text, [others](char c) {
    return IsLetterOrDigit(c) || others.find(c) != std::string_view::npos;
  });
}

// "." and ".." mean something else in a path.
bool IsDots(std::string_view text) { return text == "." || text == ".."; }

bool IsPlain(std::string_view text) {  // UTF-8 without control characters
  return IsUtf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
         });
}

std::string Named(std::string_view name, const std::string& wrong) {
  return wrong.empty() ? wrong : fmt::format("{} {}", name, wrong);
}

std::string First(std::initializer_list<std::string> wrongs) {
  for (const auto& wrong : wrongs) {
    if (!wrong.empty()) return wrong;
  }
  return {};
}

std::string WrongWhat(const ItemCount& what) {
  return First(
      {Named("item", WrongItem(what.item)), Named("quantity", WrongQuantity(what.quantity))});
}

// Amounts, and texts that may be missing.
template <typename C>
std::string WrongCoins(const C& c) {
  return First({Named("player", WrongPlayer(c.player)), Named("amount", WrongAmount(c.amount)),
                c.reason ? Named("reason", WrongReason(*c.reason)) : ""});
}

std::string WrongSide(const TradeSide& side) {
  if (side.coins < 0 || side.coins > kMaxCoins) {
    return fmt::format("coins must be a whole number from 0 to {}", kMaxCoins);
  }
  if (side.items.size() > kMaxTradeItems) {
    return fmt::format("items must be at most {}", kMaxTradeItems);
  }
  std::vector<std::string_view> names;
  for (const auto& what : side.items) {
    if (const auto wrong = WrongWhat(what); !wrong.empty()) return wrong;
    if (std::ranges::find(names, what.item) != names.end()) {
      return fmt::format("items must name \"{}\" once only", what.item);
    }
    names.push_back(what.item);
  }
  return Named("player", WrongPlayer(side.player));
}

struct Wrong {
  std::string operator()(const CreatePlayer& c) const {
    return Named("player", WrongPlayer(c.player));
  }
  std::string operator()(const GrantCoins& c) const { return WrongCoins(c); }
  std::string operator()(const SpendCoins& c) const { return WrongCoins(c); }
  std::string operator()(const RemoveFromCart& c) const {
    return First(
        {Named("player", WrongPlayer(c.player)), c.item ? Named("item", WrongItem(*c.item)) : ""});
  }
  std::string operator()(const Checkout& c) const { return Named("player", WrongPlayer(c.player)); }
  std::string operator()(const Trade& c) const {
    const auto wrong = First({WrongSide(c.first), WrongSide(c.second)});
    if (!wrong.empty()) return wrong;
    if (c.first.player == c.second.player) return "partner must be another player than player";
    if (c.first.coins + c.second.coins == 0 && c.first.items.empty() && c.second.items.empty()) {
      return "coins or items must be given by a side at least";
    }
    return {};
  }
  std::string operator()(const UseAlias& c) const {
    const bool is_guild =
        c.action == AliasAction::kJoinGuild || c.action == AliasAction::kLeaveGuild;
    const bool is_free = c.action == AliasAction::kVisit ||
                         (c.action == AliasAction::kLeaveGuild && c.subject.empty());
    return First({Named("Host", WrongPlayer(c.player)),
                  is_free    ? ""
                  : is_guild ? Named("guild", WrongGuild(c.subject))
                             : Named("item", WrongItem(c.subject)),
                  Named("quantity", WrongQuantity(c.quantity))});
  }
  template <typename C>
    requires requires(C c) { c.what; }
  std::string operator()(const C& c) const {
    return First({Named("player", WrongPlayer(c.player)), WrongWhat(c.what)});
  }
  template <typename C>
    requires requires(C c) { c.guild; }
  std::string operator()(const C& c) const {
    return First({Named("guild", WrongGuild(c.guild)), Named("player", WrongPlayer(c.player))});
  }
};

}  // namespace

std::string_view CommandName(const Command& command) {
  return std::visit([](const auto& c) { return std::decay_t<decltype(c)>::kName; }, command);
}

std::string WrongPlayer(std::string_view id) {
  constexpr std::string_view kOthers = "._-:@[]";
  if (!id.empty() && id.size() <= kMaxPlayerIdBytes && ConsistsOf(id, kOthers) && !IsDots(id)) {
    return {};
  }
  return fmt::format(
      "must have 1 to {} of the characters a-z A-Z 0-9 . _ - : @ [ ], not dots alone",
      kMaxPlayerIdBytes);
}

std::string WrongItem(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxItemNameBytes && ConsistsOf(name, "._-") &&
      !IsDots(name)) {
    return {};
  }
  return fmt::format("must have 1 to {} of the characters a-z A-Z 0-9 . _ -, not dots alone",
                     kMaxItemNameBytes);
}

std::string WrongGuild(std::string_view name) {
  if (!name.empty() && name.size() <= kMaxGuildNameBytes && IsPlain(name) &&
      name.find('/') == std::string_view::npos && !IsDots(name)) {
    return {};
  }
  return fmt::format("must have 1 to {} bytes of UTF-8 without control characters and \"/\"",
                     kMaxGuildNameBytes);
}

std::string WrongReason(std::string_view text) {
  if (text.size() <= kMaxReasonBytes && IsPlain(text)) return {};
  return fmt::format("must have at most {} bytes of UTF-8 without control characters",
                     kMaxReasonBytes);
}

std::string WrongQuantity(std::int64_t quantity) {
  if (quantity >= 1 && quantity <= kMaxQuantity) return {};
  return fmt::format("must be a whole number from 1 to {}", kMaxQuantity);
}

std::string WrongAmount(std::int64_t amount) {
  if (amount >= 1 && amount <= kMaxCoins) return {};
  return fmt::format("must be a whole number from 1 to {}", kMaxCoins);
}

std::string WrongIn(const Command& command) { return std::visit(Wrong(), command); }

}  // namespace st::game
