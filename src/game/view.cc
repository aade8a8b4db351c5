#include "game/view.h"

#include <algorithm>
#include <vector>

#include "game/json_writer.h"
#include "game/judge.h"

namespace st::game {
namespace {

// Stacks with their names, by name: the order does not depend on who touched an item first.
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
  Reader(const Catalogue& catalogue, const State& state) : catalogue_(catalogue), state_(state) {}

  Ruled<std::string> operator()(const ReadPlayer& q) const {
    ST_TRY(const auto* player, PlayerOf(q.player));
    JsonObject out;
    out.Text("player", q.player).Number("coins", player->coins);
    if (player->guild == kNoGuild) {
      out.Raw("guild", "null");
    } else {
      out.Text("guild", state_.guilds().At(player->guild));
    }
    return out.Number("items", static_cast<std::int64_t>(player->inventory.Total()))
        .Number("in_cart", static_cast<std::int64_t>(player->cart.Total()))
        .Take();
  }
  Ruled<std::string> operator()(const ReadWallet& q) const {
    ST_TRY(const auto* player, PlayerOf(q.player));
    return JsonObject().Text("player", q.player).Number("coins", player->coins).Take();
  }
  Ruled<std::string> operator()(const ReadCart& q) const;
  Ruled<std::string> operator()(const ReadCartItem& q) const {
    ST_TRY(const auto* player, PlayerOf(q.player));
    return StackOf(player->cart, q.item, "not_in_cart", "cart");
  }
  Ruled<std::string> operator()(const ReadInventory& q) const;
  Ruled<std::string> operator()(const ReadInventoryItem& q) const {
    ST_TRY(const auto* player, PlayerOf(q.player));
    return StackOf(player->inventory, q.item, "not_in_inventory", "inventory");
  }
  Ruled<std::string> operator()(const ReadItems&) const {
    JsonList items;
    for (const auto& [name, item] : catalogue_.items) items.Add(ItemJson(item));
    return JsonObject().Raw("items", items.Take()).Take();
  }
  Ruled<std::string> operator()(const ReadItem& q) const {
    const Item* item = catalogue_.Find(q.item);
    if (item == nullptr) return NotThere("no_item", catalogue_.NoItem(q.item));
    return ItemJson(*item);
  }
  Ruled<std::string> operator()(const ReadGuilds& q) const;
  Ruled<std::string> operator()(const ReadGuild& q) const {
    ST_TRY(const auto guild, GuildOf(q.guild));
    return GuildJson(guild);
  }
  Ruled<std::string> operator()(const ReadGuildMembers& q) const {
    ST_TRY(const auto guild, GuildOf(q.guild));
    JsonList members;
    for (const auto player : state_.guild(guild).members) {
      members.AddText(state_.players().At(player));
    }
    return JsonObject().Text("guild", q.guild).Raw("members", members.Take()).Take();
  }
  Ruled<std::string> operator()(const ReadGuildMember& q) const {
    ST_TRY(const auto guild, GuildOf(q.guild));
    const Player* player = state_.FindPlayer(q.player);
    if (player == nullptr || player->guild != guild) {
      return NotThere("not_a_member",
                      fmt::format("\"{}\" is not in guild \"{}\".", q.player, q.guild));
    }
    return JsonObject().Text("guild", q.guild).Text("player", q.player).Take();
  }

 private:
  Ruled<const Player*> PlayerOf(const std::string& id) const {
    const Player* player = state_.FindPlayer(id);
    if (player != nullptr) return player;
    return NotThere("no_player", fmt::format("There is no player \"{}\".", id));
  }
  Ruled<std::uint32_t> GuildOf(const std::string& name) const {
    const auto guild = state_.guilds().Find(name);
    if (guild) return *guild;
    return NotThere("no_guild", fmt::format("There is no guild \"{}\".", name));
  }
  Ruled<std::string> StackOf(const Stacks& stacks, const std::string& item, std::string_view code,
                             std::string_view where) const {
    const auto number = state_.items().Find(item);
    const std::uint32_t count = number ? stacks.Count(*number) : 0;
    if (count != 0) return JsonObject().Text("item", item).Number("quantity", count).Take();
    return NotThere(code, fmt::format("\"{}\" is not in the {}.", item, where));
  }
  std::string GuildJson(std::uint32_t number) const {
    const Guild& guild = state_.guild(number);
    return JsonObject()
        .Text("guild", state_.guilds().At(number))
        .Text("founder", state_.players().At(guild.founder))
        .Number("members", std::ssize(guild.members))
        .Take();
  }
  std::string ItemJson(const Item& item) const;

  const Catalogue& catalogue_;
  const State& state_;
};

// With today's prices; what is no longer sold has none, and a sum that no wallet can hold is null.
Ruled<std::string> Reader::operator()(const ReadCart& q) const {
  ST_TRY(const auto* player, PlayerOf(q.player));
  JsonList items;
  std::int64_t total = 0;
  const auto put = [](JsonObject& out, std::int64_t sum) {
    sum > kMaxCoins ? out.Raw("total", "null") : out.Number("total", sum);
  };
  constexpr std::int64_t kTooMuch = kMaxCoins + 1;
  for (const auto& [name, count] : Named(state_, player->cart)) {
    JsonObject line;
    line.Text("item", name).Number("quantity", count);
    const Item* item = catalogue_.Find(name);
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

Ruled<std::string> Reader::operator()(const ReadInventory& q) const {
  ST_TRY(const auto* player, PlayerOf(q.player));
  JsonList items;
  for (const auto& [name, count] : Named(state_, player->inventory)) {
    JsonObject line;
    line.Text("item", name).Number("quantity", count);
    if (const Item* item = catalogue_.Find(name)) {
      line.Text("kind", item->kind).Text("rarity", item->rarity);
    }
    items.Add(line.Take());
  }
  JsonObject out;
  out.Text("player", q.player)
      .Raw("items", items.Take())
      .Number("total", static_cast<std::int64_t>(player->inventory.Total()));
  if (catalogue_.capacity) out.Number("capacity", *catalogue_.capacity);
  return out.Take();
}

Ruled<std::string> Reader::operator()(const ReadGuilds& q) const {
  std::uint32_t at = 0;
  if (!q.after.empty()) {
    ST_TRY(const auto after, GuildOf(q.after));
    at = after + 1;
  }
  JsonList guilds;
  const std::uint32_t size = state_.guilds().size();
  const std::uint64_t end = std::min<std::uint64_t>(size, at + static_cast<std::uint64_t>(q.limit));
  for (; at < end; ++at) guilds.Add(GuildJson(at));
  JsonObject out;
  out.Raw("guilds", guilds.Take());
  if (at < size) out.Text("next", state_.guilds().At(at - 1));
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
    const ItemTotals totals = state_.item(item.name);
    const auto gone = static_cast<std::int64_t>(totals.bought - totals.sold);
    out.Number("stock", *item.stock);
    out.Number("left", std::max<std::int64_t>(0, *item.stock - gone));
  }
  if (item.per_player) out.Number("per_player", *item.per_player);
  return out.Bool("usable", item.is_usable).Take();
}

}  // namespace

Reply Read(const Catalogue& catalogue, const State& state, const Query& query) {
  auto body = std::visit(Reader(catalogue, state), query);
  return body ? Done(std::move(*body)) : std::move(body.error());
}

}  // namespace st::game
