#include "game/view.h"

#include <algorithm>
#include <vector>

#include "game/guards.h"
#include "game/json_writer.h"

namespace st::game {
namespace {

// Stacks with their names, sorted by name, so that the order does not depend on the items' numbers.
std::vector<std::pair<std::string_view, std::uint32_t>> Named(const State& state,
                                                              const Stacks& stacks) {
  std::vector<std::pair<std::string_view, std::uint32_t>> named;
  for (const Stack& stack : stacks.all()) {
    named.emplace_back(state.items().At(stack.item), stack.count);
  }
  std::ranges::sort(named);
  return named;
}

class Reader {
 public:
  Reader(const Catalogue& catalogue, const State& state) : game_(catalogue, state) {}

  OrRefusal<std::string> operator()(const ReadPlayer& q) const {
    ST_TRY(const auto* player, game_.PlayerOf(q.player));
    JsonObject out;
    out.Text("player", q.player).Number("coins", player->coins);
    if (player->guild == kNoGuild) {
      out.Raw("guild", "null");
    } else {
      out.Text("guild", state().guilds().At(player->guild));
    }
    return out.Number("items", static_cast<std::int64_t>(player->inventory.Total()))
        .Number("in_cart", static_cast<std::int64_t>(player->cart.Total()))
        .Take();
  }
  OrRefusal<std::string> operator()(const ReadWallet& q) const {
    ST_TRY(const auto* player, game_.PlayerOf(q.player));
    return JsonObject().Text("player", q.player).Number("coins", player->coins).Take();
  }
  OrRefusal<std::string> operator()(const ReadCart& q) const;
  OrRefusal<std::string> operator()(const ReadCartItem& q) const {
    ST_TRY(const auto* player, game_.PlayerOf(q.player));
    return StackOf(player->cart, q.item, "not_in_cart", "cart");
  }
  OrRefusal<std::string> operator()(const ReadInventory& q) const;
  OrRefusal<std::string> operator()(const ReadInventoryItem& q) const {
    ST_TRY(const auto* player, game_.PlayerOf(q.player));
    return StackOf(player->inventory, q.item, "not_in_inventory", "inventory");
  }
  OrRefusal<std::string> operator()(const ReadItems&) const {
    JsonList items;
    for (const auto& [name, item] : catalogue().items) items.Add(ItemJson(item));
    return JsonObject().Raw("items", items.Take()).Take();
  }
  OrRefusal<std::string> operator()(const ReadItem& q) const {
    ST_TRY(const auto* item, game_.ItemOf(q.item));
    return ItemJson(*item);
  }
  OrRefusal<std::string> operator()(const ReadGuilds& q) const;
  OrRefusal<std::string> operator()(const ReadGuild& q) const {
    ST_TRY(const auto guild, game_.GuildOf(q.guild));
    return GuildJson(guild);
  }
  OrRefusal<std::string> operator()(const ReadGuildMembers& q) const {
    ST_TRY(const auto guild, game_.GuildOf(q.guild));
    JsonList members;
    for (const auto player : state().guild(guild).members) {
      members.AddText(state().players().At(player));
    }
    return JsonObject().Text("guild", q.guild).Raw("members", members.Take()).Take();
  }
  OrRefusal<std::string> operator()(const ReadGuildMember& q) const {
    ST_TRY(const auto guild, game_.GuildOf(q.guild));
    const Player* player = state().FindPlayer(q.player);
    if (player == nullptr || player->guild != guild) {
      return NotFound("not_a_member", "\"{}\" is not in guild \"{}\".", q.player, q.guild);
    }
    return JsonObject().Text("guild", q.guild).Text("player", q.player).Take();
  }

 private:
  OrRefusal<std::string> StackOf(const Stacks& stacks, const std::string& item,
                                 std::string_view code, std::string_view where) const {
    const std::int64_t count = game_.CountOf(stacks, item);
    if (count != 0) return JsonObject().Text("item", item).Number("quantity", count).Take();
    return NotFound(code, "\"{}\" is not in the {}.", item, where);
  }
  std::string GuildJson(std::uint32_t number) const {
    const Guild& guild = state().guild(number);
    return JsonObject()
        .Text("guild", state().guilds().At(number))
        .Text("founder", state().players().At(guild.founder))
        .Number("members", std::ssize(guild.members))
        .Take();
  }
  std::string ItemJson(const Item& item) const;

  const Catalogue& catalogue() const { return game_.catalogue(); }
  const State& state() const { return game_.state(); }

  const Guards game_;
};

// Prices are those of the catalogue now. An item that is no longer in it has the price null, and a
// sum beyond kMaxCoins is null.
OrRefusal<std::string> Reader::operator()(const ReadCart& q) const {
  ST_TRY(const auto* player, game_.PlayerOf(q.player));
  JsonList items;
  std::int64_t total = 0;
  const auto put = [](JsonObject& out, std::int64_t sum) {
    sum > kMaxCoins ? out.Raw("total", "null") : out.Number("total", sum);
  };
  constexpr std::int64_t kTooMuch = kMaxCoins + 1;
  for (const auto& [name, count] : Named(state(), player->cart)) {
    JsonObject line;
    line.Text("item", name).Number("quantity", count);
    const Item* item = catalogue().Find(name);
    if (item == nullptr) {
      line.Raw("price", "null").Raw("total", "null");
    } else {
      const bool is_beyond = item->price != 0 && count > kMaxCoins / item->price;
      const std::int64_t sum = is_beyond ? kTooMuch : item->price * count;
      total = std::min(kTooMuch, total + sum);
      put(line.Number("price", item->price), sum);
    }
    items.Add(line.Take());
  }
  JsonObject out;
  put(out.Text("player", q.player).Raw("items", items.Take()), total);
  return out.Take();
}

OrRefusal<std::string> Reader::operator()(const ReadInventory& q) const {
  ST_TRY(const auto* player, game_.PlayerOf(q.player));
  JsonList items;
  for (const auto& [name, count] : Named(state(), player->inventory)) {
    JsonObject line;
    line.Text("item", name).Number("quantity", count);
    if (const Item* item = catalogue().Find(name)) {
      line.Text("kind", item->kind).Text("rarity", item->rarity);
    }
    items.Add(line.Take());
  }
  JsonObject out;
  out.Text("player", q.player)
      .Raw("items", items.Take())
      .Number("total", static_cast<std::int64_t>(player->inventory.Total()));
  if (catalogue().capacity) out.Number("capacity", *catalogue().capacity);
  return out.Take();
}

OrRefusal<std::string> Reader::operator()(const ReadGuilds& q) const {
  std::uint32_t at = 0;
  if (!q.after.empty()) {
    ST_TRY(const auto after, game_.GuildOf(q.after));
    at = after + 1;
  }
  JsonList guilds;
  const std::uint32_t size = state().guilds().size();
  const std::uint64_t end = std::min<std::uint64_t>(size, at + static_cast<std::uint64_t>(q.limit));
  for (; at < end; ++at) guilds.Add(GuildJson(at));
  JsonObject out;
  out.Raw("guilds", guilds.Take());
  if (at < size) out.Text("next", state().guilds().At(at - 1));
  return out.Take();
}

std::string Reader::ItemJson(const Item& item) const {
  JsonObject out;
  out.Text("item", item.name)
      .Text("kind", item.kind)
      .Text("rarity", item.rarity)
      .Text("description", item.description)
      .Number("price", item.price);
  if (item.sell_price) out.Number("sell_price", *item.sell_price);
  if (item.stock) {
    out.Number("stock", *item.stock).Number("left", game_.StockOf(item));
  }
  if (item.per_player) out.Number("per_player", *item.per_player);
  return out.Bool("usable", item.is_usable).Take();
}

}  // namespace

Reply Read(const Catalogue& catalogue, const State& state, const Query& query) {
  auto body = std::visit(Reader(catalogue, state), query);
  return body ? Success(std::move(*body)) : std::move(body.error());
}

}  // namespace st::game
