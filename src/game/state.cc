#include "game/state.h"

#include <algorithm>

#include "base/check.h"

namespace st::game {

// The change that each event makes. Each function checks the event before it changes anything, so a
// refused event leaves the state as it was.
class State::Fold {
 public:
  explicit Fold(State& state) : state_(state), contents_(state.contents_) {}

  Status operator()(const PlayerCreated& e) {
    if (contents_.player_names.Find(e.player)) return Wrong(e, "the player is there already");
    if (contents_.player_names.size() >= kMaxPlayers) return Wrong(e, "too many players");
    state_.AddPlayer(e.player, e.coins);
    contents_.totals.granted += Unsigned(e.coins);
    return {};
  }
  Status operator()(const CoinsGranted& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY_STATUS(Pay(e, player, e.amount));
    contents_.totals.granted += Unsigned(e.amount);
    return {};
  }
  Status operator()(const CoinsSpent& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY_STATUS(Pay(e, player, -e.amount));
    contents_.totals.spent += Unsigned(e.amount);
    return {};
  }
  Status operator()(const CartAdded& e) { return SetCart(e, e.item, e.in_cart); }
  Status operator()(const CartChanged& e) { return SetCart(e, e.item, e.in_cart); }
  Status operator()(const CartRemoved& e) { return SetCart(e, e.item, 0); }
  Status operator()(const ItemPurchased& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto item, ItemOf(e, e.item));
    ST_TRY(const auto count, CountAfter(e, player, item, e.quantity));
    ST_TRY_STATUS(Pay(e, player, -e.total));
    Know(item, e.item);
    state_.Touch(player).inventory.Set(item, count);
    contents_.item_totals[item].bought += Unsigned(e.quantity);
    contents_.totals.paid += Unsigned(e.total);
    contents_.totals.orders = std::max(contents_.totals.orders, Unsigned(e.order_id));
    return {};
  }
  Status operator()(const CheckedOut& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    state_.Touch(player).cart.Clear();
    contents_.totals.orders = std::max(contents_.totals.orders, Unsigned(e.order_id));
    return {};
  }
  Status operator()(const ItemUsed& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto item, ItemOf(e, e.item));
    ST_TRY(const auto count, CountAfter(e, player, item, -e.quantity));
    Know(item, e.item);
    state_.Touch(player).inventory.Set(item, count);
    contents_.item_totals[item].used += Unsigned(e.quantity);
    return {};
  }
  Status operator()(const ItemSold& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto item, ItemOf(e, e.item));
    ST_TRY(const auto count, CountAfter(e, player, item, -e.quantity));
    ST_TRY_STATUS(Pay(e, player, e.total));
    Know(item, e.item);
    state_.Touch(player).inventory.Set(item, count);
    contents_.item_totals[item].sold += Unsigned(e.quantity);
    contents_.totals.earned += Unsigned(e.total);
    return {};
  }
  Status operator()(const Traded& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto partner, PlayerOf(e, e.partner));
    if (player == partner) return Wrong(e, "both sides are one player");
    const std::int64_t gain = e.coins_taken - e.coins_given;
    ST_TRY_STATUS(CheckWallet(e, partner, -gain));
    ST_TRY_STATUS(Pay(e, player, gain));
    ST_TRY_STATUS(Pay(e, partner, -gain));
    contents_.totals.trades = std::max(contents_.totals.trades, Unsigned(e.trade_id));
    return {};
  }
  Status operator()(const ItemTraded& e) {
    ST_TRY(const auto giver, PlayerOf(e, e.giver));
    ST_TRY(const auto taker, PlayerOf(e, e.taker));
    if (giver == taker) return Wrong(e, "both sides are one player");
    ST_TRY(const auto item, ItemOf(e, e.item));
    ST_TRY(const auto left, CountAfter(e, giver, item, -e.quantity));
    ST_TRY(const auto got, CountAfter(e, taker, item, e.quantity));
    Know(item, e.item);
    state_.Touch(giver).inventory.Set(item, left);
    state_.Touch(taker).inventory.Set(item, got);
    return {};
  }
  Status operator()(const GuildCreated& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    if (contents_.guild_names.Find(e.guild)) return Wrong(e, "the guild is there already");
    if (contents_.guild_names.size() >= kMaxGuilds) return Wrong(e, "too many guilds");
    contents_.AddGuild(e.guild, player);
    return {};
  }
  Status operator()(const GuildJoined& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto guild, GuildOf(e, e.guild));
    if (state_.player(player).guild != kNoGuild) return Wrong(e, "the player is in a guild");
    auto& members = contents_.guilds[guild].members;
    if (std::ssize(members) >= kMaxGuildMembers) return Wrong(e, "too many members");
    members.insert(std::ranges::lower_bound(members, player), player);
    state_.Touch(player).guild = guild;
    return {};
  }
  Status operator()(const GuildLeft& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto guild, GuildOf(e, e.guild));
    if (state_.player(player).guild != guild) return Wrong(e, "the player is not in the guild");
    auto& members = contents_.guilds[guild].members;
    members.erase(std::ranges::lower_bound(members, player));
    state_.Touch(player).guild = kNoGuild;
    return {};
  }
  Status operator()(const Visited& e) {
    ST_TRY_STATUS(PlayerOf(e, e.player));
    return {};
  }
  Status operator()(const CommandRefused&) { return {}; }

 private:
  static std::uint64_t Unsigned(std::int64_t number) { return static_cast<std::uint64_t>(number); }

  template <typename E>
  static std::unexpected<Error> Wrong(const E&, std::string_view why) {
    return Fail(ErrorCode::kCorruption, "event {} does not fit the state: {}", E::kType, why);
  }
  template <typename E>
  Result<std::uint32_t> PlayerOf(const E& e, std::string_view name) const {
    const auto player = contents_.player_names.Find(name);
    if (!player) return Wrong(e, fmt::format("there is no player \"{}\"", name));
    return *player;
  }
  template <typename E>
  Result<std::uint32_t> GuildOf(const E& e, std::string_view name) const {
    const auto guild = contents_.guild_names.Find(name);
    if (!guild) return Wrong(e, fmt::format("there is no guild \"{}\"", name));
    return *guild;
  }
  // An item gets its number with the first event that names it: this is the number that it has or
  // will get, and Know gives it, once the event is known to fit.
  template <typename E>
  Result<std::uint32_t> ItemOf(const E& e, std::string_view name) const {
    if (const auto item = contents_.item_names.Find(name)) return *item;
    if (contents_.item_names.size() >= kMaxItems) return Wrong(e, "too many items");
    return contents_.item_names.size();
  }
  void Know(std::uint32_t item, std::string_view name) {
    if (item == contents_.item_names.size()) contents_.AddItem(name);
  }
  template <typename E>
  Status CheckWallet(const E& e, std::uint32_t player, std::int64_t gain) const {
    const std::int64_t after = state_.player(player).coins + gain;
    if (after >= 0 && after <= kMaxCoins) return {};
    return Wrong(e, fmt::format("a wallet would hold {} coins", after));
  }
  template <typename E>
  Status Pay(const E& e, std::uint32_t player, std::int64_t gain) {
    ST_TRY_STATUS(CheckWallet(e, player, gain));
    state_.Touch(player).coins += gain;
    return {};
  }
  template <typename E>
  Result<std::uint32_t> CountAfter(const E& e, std::uint32_t player, std::uint32_t item,
                                   std::int64_t gain) const {
    const std::int64_t after = state_.player(player).inventory.Count(item) + gain;
    if (after >= 0 && after <= kMaxQuantity) return static_cast<std::uint32_t>(after);
    return Wrong(e, fmt::format("a stack would hold {} items", after));
  }
  template <typename E>
  Status SetCart(const E& e, std::string_view name, std::int64_t count) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto item, ItemOf(e, name));
    if (count > kMaxQuantity) return Wrong(e, "too many in the cart");
    const auto& cart = state_.player(player).cart;
    if (count != 0 && cart.Count(item) == 0 && cart.all().size() >= kMaxCartItems) {
      return Wrong(e, "too many items in the cart");
    }
    Know(item, name);
    state_.Touch(player).cart.Set(item, static_cast<std::uint32_t>(count));
    return {};
  }

  State& state_;
  StateContents& contents_;
};

Status State::Apply(const Event& event) { return std::visit(Fold(*this), event); }

const Player* State::FindPlayer(std::string_view name) const {
  const auto number = contents_.player_names.Find(name);
  return number ? &player(*number) : nullptr;
}

ItemTotals State::item(std::string_view name) const {
  const auto number = contents_.item_names.Find(name);
  return number ? contents_.item_totals[*number] : ItemTotals();
}

void State::Observe(ChangeObserver* observer) {
  ST_CHECK(observer == nullptr || observer_ == nullptr);
  observer_ = observer;
}

Player& State::Touch(std::uint32_t player) {
  const std::uint32_t block = player / kPlayersPerChunk;
  if (observer_ != nullptr) observer_->BeforeChange(block);
  return (*contents_.blocks[block])[player % kPlayersPerChunk];
}

std::uint32_t State::AddPlayer(std::string_view name, std::int64_t coins) {
  const std::uint32_t number = contents_.player_names.Add(name);
  if (number % kPlayersPerChunk == 0) {
    contents_.blocks.push_back(std::make_unique<PlayerBlock>(kPlayersPerChunk));
  }
  (*contents_.blocks.back())[number % kPlayersPerChunk].coins = coins;
  return number;
}

}  // namespace st::game
