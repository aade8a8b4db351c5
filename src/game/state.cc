#include "game/state.h"

#include <algorithm>

#include "base/check.h"
#include "game/snapshot.h"

namespace st::game {

// One event's change. Each checks first and changes then, so that a refused event changes nothing.
class State::Fold {
 public:
  explicit Fold(State& state) : state_(state) {}

  Status operator()(const PlayerCreated& e) {
    if (state_.player_names_.Find(e.player)) return Wrong(e, "the player is there already");
    if (state_.player_names_.size() >= kMaxPlayers) return Wrong(e, "too many players");
    state_.AddPlayer(e.player, e.coins);
    state_.totals_.granted += Unsigned(e.coins);
    return {};
  }
  Status operator()(const CoinsGranted& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY_STATUS(Pay(e, player, e.amount));
    state_.totals_.granted += Unsigned(e.amount);
    return {};
  }
  Status operator()(const CoinsSpent& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY_STATUS(Pay(e, player, -e.amount));
    state_.totals_.spent += Unsigned(e.amount);
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
    state_.Touch(player).inventory.Set(item, count);
    state_.item_totals_[item].bought += Unsigned(e.quantity);
    state_.totals_.paid += Unsigned(e.total);
    state_.totals_.orders = std::max(state_.totals_.orders, Unsigned(e.order_id));
    return {};
  }
  Status operator()(const CheckedOut& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    state_.Touch(player).cart.Clear();
    state_.totals_.orders = std::max(state_.totals_.orders, Unsigned(e.order_id));
    return {};
  }
  Status operator()(const ItemUsed& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto item, ItemOf(e, e.item));
    ST_TRY(const auto count, CountAfter(e, player, item, -e.quantity));
    state_.Touch(player).inventory.Set(item, count);
    state_.item_totals_[item].used += Unsigned(e.quantity);
    return {};
  }
  Status operator()(const ItemSold& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto item, ItemOf(e, e.item));
    ST_TRY(const auto count, CountAfter(e, player, item, -e.quantity));
    ST_TRY_STATUS(Pay(e, player, e.total));
    state_.Touch(player).inventory.Set(item, count);
    state_.item_totals_[item].sold += Unsigned(e.quantity);
    state_.totals_.earned += Unsigned(e.total);
    return {};
  }
  Status operator()(const Traded& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto partner, PlayerOf(e, e.partner));
    if (player == partner) return Wrong(e, "both sides are one player");
    const std::int64_t gain = e.coins_taken - e.coins_given;
    ST_TRY_STATUS(MayPay(e, partner, -gain));
    ST_TRY_STATUS(Pay(e, player, gain));
    ST_TRY_STATUS(Pay(e, partner, -gain));
    state_.totals_.trades = std::max(state_.totals_.trades, Unsigned(e.trade_id));
    return {};
  }
  Status operator()(const ItemTraded& e) {
    ST_TRY(const auto giver, PlayerOf(e, e.giver));
    ST_TRY(const auto taker, PlayerOf(e, e.taker));
    if (giver == taker) return Wrong(e, "both sides are one player");
    ST_TRY(const auto item, ItemOf(e, e.item));
    ST_TRY(const auto left, CountAfter(e, giver, item, -e.quantity));
    ST_TRY(const auto got, CountAfter(e, taker, item, e.quantity));
    state_.Touch(giver).inventory.Set(item, left);
    state_.Touch(taker).inventory.Set(item, got);
    return {};
  }
  Status operator()(const GuildCreated& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    if (state_.guild_names_.Find(e.guild)) return Wrong(e, "the guild is there already");
    if (state_.guild_names_.size() >= kMaxGuilds) return Wrong(e, "too many guilds");
    state_.AddGuild(e.guild, player);
    return {};
  }
  Status operator()(const GuildJoined& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto guild, GuildOf(e, e.guild));
    if (state_.player(player).guild != kNoGuild) return Wrong(e, "the player is in a guild");
    auto& members = state_.guilds_[guild].members;
    if (std::ssize(members) >= kMaxGuildMembers) return Wrong(e, "too many members");
    members.insert(std::ranges::lower_bound(members, player), player);
    state_.Touch(player).guild = guild;
    return {};
  }
  Status operator()(const GuildLeft& e) {
    ST_TRY(const auto player, PlayerOf(e, e.player));
    ST_TRY(const auto guild, GuildOf(e, e.guild));
    if (state_.player(player).guild != guild) return Wrong(e, "the player is not in the guild");
    auto& members = state_.guilds_[guild].members;
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
    const auto player = state_.player_names_.Find(name);
    if (!player) return Wrong(e, fmt::format("there is no player \"{}\"", name));
    return *player;
  }
  template <typename E>
  Result<std::uint32_t> GuildOf(const E& e, std::string_view name) const {
    const auto guild = state_.guild_names_.Find(name);
    if (!guild) return Wrong(e, fmt::format("there is no guild \"{}\"", name));
    return *guild;
  }
  // An item is there as soon as an event names it.
  template <typename E>
  Result<std::uint32_t> ItemOf(const E& e, std::string_view name) {
    if (const auto item = state_.item_names_.Find(name)) return *item;
    if (state_.item_names_.size() >= kMaxItems) return Wrong(e, "too many items");
    return state_.AddItem(name);
  }
  template <typename E>
  Status MayPay(const E& e, std::uint32_t player, std::int64_t gain) const {
    const std::int64_t after = state_.player(player).coins + gain;
    if (after >= 0 && after <= kMaxCoins) return {};
    return Wrong(e, fmt::format("a wallet would hold {} coins", after));
  }
  template <typename E>
  Status Pay(const E& e, std::uint32_t player, std::int64_t gain) {
    ST_TRY_STATUS(MayPay(e, player, gain));
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
    state_.Touch(player).cart.Set(item, static_cast<std::uint32_t>(count));
    return {};
  }

  State& state_;
};

State::State(std::uint64_t seed) : player_names_(seed), item_names_(seed), guild_names_(seed) {}
State::~State() = default;

Status State::Apply(const Event& event) { return std::visit(Fold(*this), event); }

const Player* State::FindPlayer(std::string_view name) const {
  const auto number = player_names_.Find(name);
  return number ? &player(*number) : nullptr;
}

ItemTotals State::item(std::string_view name) const {
  const auto number = item_names_.Find(name);
  return number ? item_totals_[*number] : ItemTotals();
}

void State::BeginSnapshot() { snapshot_ = std::make_unique<Snapshot>(*this); }
void State::EndSnapshot() { snapshot_.reset(); }

bool State::NextChunk(std::string& chunk) {
  ST_CHECK(snapshot_ != nullptr);
  if (snapshot_->Next(chunk)) return true;
  snapshot_.reset();
  return false;
}

Player& State::Touch(std::uint32_t player) {
  const std::uint32_t block = player / kPlayersPerChunk;
  if (snapshot_ != nullptr) snapshot_->BeforeChange(block);
  return (*blocks_[block])[player % kPlayersPerChunk];
}

std::uint32_t State::AddPlayer(std::string_view name, std::int64_t coins) {
  const std::uint32_t number = player_names_.Add(name);
  if (number % kPlayersPerChunk == 0) {
    blocks_.push_back(std::make_unique<Block>(kPlayersPerChunk));
  }
  (*blocks_.back())[number % kPlayersPerChunk].coins = coins;
  return number;
}

std::uint32_t State::AddGuild(std::string_view name, std::uint32_t founder) {
  guilds_.push_back({.founder = founder, .members = {}});
  return guild_names_.Add(name);
}

std::uint32_t State::AddItem(std::string_view name) {
  item_totals_.emplace_back();
  return item_names_.Add(name);
}

}  // namespace st::game
