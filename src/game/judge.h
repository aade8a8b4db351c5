// The common parts of the rules of single commands: look-ups, refusals, limits. For decide*.cc
// alone.
#pragma once

#include <expected>
#include <string>

#include "game/decide.h"

namespace st::game {

// The result of a rule, or the refusal.
template <typename T>
using Ruled = std::expected<T, Reply>;

class Judge {
 public:
  Judge(const Catalogue& catalogue, const State& state) : catalogue_(catalogue), state_(state) {}

  Ruled<Decision> operator()(const CreatePlayer& c) const;
  Ruled<Decision> operator()(const GrantCoins& c) const;
  Ruled<Decision> operator()(const SpendCoins& c) const;
  Ruled<Decision> operator()(const AddToCart& c) const;
  Ruled<Decision> operator()(const ChangeCart& c) const;
  Ruled<Decision> operator()(const RemoveFromCart& c) const;
  Ruled<Decision> operator()(const Checkout& c) const;
  Ruled<Decision> operator()(const UseItem& c) const;
  Ruled<Decision> operator()(const SellItem& c) const;
  Ruled<Decision> operator()(const Trade& c) const;
  Ruled<Decision> operator()(const CreateGuild& c) const;
  Ruled<Decision> operator()(const JoinGuild& c) const;
  Ruled<Decision> operator()(const LeaveGuild& c) const;
  Ruled<Decision> operator()(const UseAlias& c) const;

 private:
  // The player of an alias: an existing one, or one that the alias creates.
  struct Guest {
    const Player* player = nullptr;
    std::int64_t coins = 0;
    std::vector<Event> events;
  };

  Ruled<const Player*> PlayerOf(const std::string& id) const;
  Ruled<const Item*> ItemOf(const std::string& name) const;
  Ruled<std::uint32_t> GuildOf(const std::string& name) const;
  // The quantity of an item in the stacks.
  std::int64_t CountOf(const Stacks& stacks, std::string_view item) const;
  Ruled<void> RequireRoomInWallet(const std::string& id, std::int64_t coins,
                                  std::int64_t gain) const;
  Ruled<void> RequireCoins(const std::string& id, std::int64_t coins, std::int64_t needed) const;
  Ruled<void> RequireItems(const std::string& id, std::int64_t held, const ItemCount& what) const;
  Ruled<void> RequireStock(const Item& item, std::int64_t quantity) const;
  Ruled<void> RequireCapacity(const std::string& id, const ItemCount& what,
                              std::int64_t held) const;
  // The item's number must fit into the state's table, where it is new there.
  Ruled<void> RequireNumber(const std::string& item) const;
  Ruled<void> RequireCarryingCapacity(const std::string& id, const Player& player,
                                      std::int64_t more) const;
  // Coins of so many at a price; refused where the sum is beyond kMaxCoins.
  Ruled<std::int64_t> Sum(std::int64_t price, std::int64_t quantity) const;
  Ruled<Decision> SetCart(const std::string& id, const ItemCount& what, bool is_added) const;
  Ruled<void> CheckLine(const std::string& id, const Player& player, const ItemCount& line) const;
  Ruled<void> CheckSide(const TradeSide& from, const TradeSide& to) const;

  Ruled<Guest> GuestOf(const std::string& id) const;
  Ruled<std::vector<Event>> AliasEvents(const UseAlias& c) const;
  Ruled<void> AliasPurchase(const UseAlias& c, Guest& guest) const;
  Ruled<void> AliasJoin(const UseAlias& c, Guest& guest) const;
  std::int64_t MembersOf(std::uint32_t guild) const;

  const Catalogue& catalogue_;
  const State& state_;
};

// A success with a JSON object.
Reply Done(std::string body, int status = 200);

template <typename... Args>
std::unexpected<Reply> Refused(std::string_view code, fmt::format_string<Args...> format,
                               Args&&... args) {
  constexpr int kConflict = 409;
  return std::unexpected(
      Refusal(kConflict, code, fmt::format(format, std::forward<Args>(args)...)));
}
inline std::unexpected<Reply> NotThere(std::string_view code, std::string_view detail) {
  constexpr int kNotFound = 404;
  return std::unexpected(Refusal(kNotFound, code, detail));
}

}  // namespace st::game
