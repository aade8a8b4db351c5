#include "game/catalogue.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/text.h"
#include "base/toml.h"
#include "event/route.h"

namespace st::game {
namespace {

using Names = std::vector<std::string>;

constexpr std::array<std::pair<std::string_view, AliasAction>, 6> kActions = {{
    {"visit", AliasAction::kVisit},
    {"purchase", AliasAction::kPurchase},
    {"sell", AliasAction::kSell},
    {"use", AliasAction::kUse},
    {"join_guild", AliasAction::kJoinGuild},
    {"leave_guild", AliasAction::kLeaveGuild},
}};

std::string Meant(std::string_view name, const Names& known) {
  constexpr std::size_t kLongest = 200;  // for longer names no similar one is searched
  if (name.size() > kLongest) return {};
  const auto nearest = NearestName(name, known);
  return nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : std::string();
}

// Reads one table of the file. Its errors name the place and the key.
class Section {
 public:
  Section(const toml::table& table, std::string name, const std::string& file)
      : table_(table), name_(std::move(name)), file_(file) {}

  std::string Place(const toml::source_position& at) const {
    return fmt::format("{}:{}:{}", file_, at.line, at.column);
  }
  // Of the key, or of the table where the key is missing.
  std::string PlaceOf(std::string_view key) const {
    const auto* node = table_.get(key);
    const auto at = node != nullptr ? node->source().begin : table_.source().begin;
    return Place(at.line == 0 ? toml::source_position{1, 1} : at);
  }
  std::unexpected<Error> Wrong(std::string_view key, std::string_view why) const {
    const std::string dot = name_.empty() ? "" : name_ + ".";
    return Fail(ErrorCode::kInvalidArgument, "{}: {}{}: {}", PlaceOf(key), dot, key, why);
  }
  Status CheckKeys(const Names& known) const {
    for (const auto& [key, node] : table_) {
      if (std::ranges::find(known, key.str()) != known.end()) continue;
      std::string hint = Meant(key.str(), known);
      if (hint.empty()) hint = fmt::format("; the keys are {}", fmt::join(known, ", "));
      return Fail(ErrorCode::kInvalidArgument, "{}: unknown key \"{}\"{}",
                  Place(key.source().begin), key.str(), hint);
    }
    return {};
  }
  bool Has(std::string_view key) const { return table_.contains(key); }
  Status Text(std::string_view key, std::string& to) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    if (!node->is_string()) return Wrong(key, "want text in quotes");
    to = node->as_string()->get();
    if (!IsUtf8(to)) return Wrong(key, "want UTF-8");
    return {};
  }
  Status Number(std::string_view key, std::int64_t most, std::optional<std::int64_t>& to) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* number = node->as_integer();
    if (number == nullptr || number->get() < 0 || number->get() > most) {
      return Wrong(key, fmt::format("want a whole number from 0 to {}", most));
    }
    to = number->get();
    return {};
  }
  Status Bool(std::string_view key, bool& to) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    if (!node->is_boolean()) return Wrong(key, "want true or false");
    to = node->as_boolean()->get();
    return {};
  }
  Status List(std::string_view key, Names& to) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* list = node->as_array();
    if (list == nullptr) return Wrong(key, "want a list of texts");
    for (const auto& entry : *list) {
      const auto* text = entry.as_string();
      if (text == nullptr || text->get().empty() || !IsUtf8(text->get())) {
        return Fail(ErrorCode::kInvalidArgument, "{}: {}: want texts in quotes",
                    Place(entry.source().begin), key);
      }
      if (std::ranges::find(to, text->get()) != to.end()) {
        return Fail(ErrorCode::kInvalidArgument, "{}: {}: \"{}\" stands there twice",
                    Place(entry.source().begin), key, text->get());
      }
      to.push_back(text->get());
    }
    return {};
  }
  // The value must be one of these.
  Status OneOf(std::string_view key, const std::string& value, const Names& known) const {
    if (std::ranges::find(known, value) != known.end()) return {};
    if (!Has(key))
      return Wrong(key, fmt::format("is missing: want one of {}", fmt::join(known, ", ")));
    return Wrong(key, fmt::format("\"{}\" is none of {}{}", value, fmt::join(known, ", "),
                                  Meant(value, known)));
  }

 private:
  const toml::table& table_;
  const std::string name_;
  const std::string& file_;
};

class Parser {
 public:
  Parser(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  Result<Catalogue> Run() {
    const Section whole(table_, "", file_);
    ST_TRY_STATUS(whole.CheckKeys({"kinds", "rarities", "players", "guilds", "items", "alias"}));
    ST_TRY_STATUS(whole.List("kinds", out_.kinds));
    ST_TRY_STATUS(whole.List("rarities", out_.rarities));
    ST_TRY_STATUS(Players(whole));
    ST_TRY_STATUS(Guilds(whole));
    ST_TRY_STATUS(Items(whole));
    ST_TRY_STATUS(Aliases(whole));
    return std::move(out_);
  }

 private:
  // nullptr where there is none.
  Result<const toml::table*> Table(const Section& whole, std::string_view key) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) return whole.Wrong(key, fmt::format("want a table: [{}]", key));
    return node->as_table();
  }

  Status Players(const Section& whole) {
    ST_TRY(const auto* table, Table(whole, "players"));
    if (table == nullptr) return {};
    const Section players(*table, "players", file_);
    ST_TRY_STATUS(players.CheckKeys({"coins", "capacity"}));
    std::optional<std::int64_t> coins;
    ST_TRY_STATUS(players.Number("coins", kMaxCoins, coins));
    out_.start_coins = coins.value_or(0);
    return players.Number("capacity", kMaxQuantity, out_.capacity);
  }

  Status Guilds(const Section& whole) {
    ST_TRY(const auto* table, Table(whole, "guilds"));
    if (table == nullptr) return {};
    const Section guilds(*table, "guilds", file_);
    ST_TRY_STATUS(guilds.CheckKeys({"members"}));
    std::optional<std::int64_t> members;
    ST_TRY_STATUS(guilds.Number("members", kMaxGuildMembers, members));
    if (members == 0) {
      return guilds.Wrong("members",
                          fmt::format("want a whole number from 1 to {}", kMaxGuildMembers));
    }
    out_.guild_members = members.value_or(kMaxGuildMembers);
    return {};
  }

  Status Items(const Section& whole) {
    ST_TRY(const auto* table, Table(whole, "items"));
    if (table == nullptr || table->empty()) {
      return whole.Wrong("items", "a game has an item at least: declare [items.NAME]");
    }
    if (table->size() > kMaxItems) {
      return whole.Wrong("items", fmt::format("at most {} are taken", kMaxItems));
    }
    // toml++ sorts by name; errors are reported in the file's order.
    using Line = std::pair<std::uint32_t, std::uint32_t>;
    std::map<Line, std::pair<std::string, const toml::node*>> order;
    for (const auto& [key, node] : *table) {
      const auto at = key.source().begin;
      order[{at.line, at.column}] = {std::string(key.str()), &node};
    }
    std::string mistakes;
    for (const auto& [at, named] : order) {
      const auto& [name, node] = named;
      const auto taken =
          NamedItem(whole.Place({.line = at.first, .column = at.second}), name, *node);
      if (!taken) mistakes += (mistakes.empty() ? "" : "\n") + taken.error().message();
    }
    if (mistakes.empty()) return {};
    return Fail(ErrorCode::kInvalidArgument, "{}", mistakes);
  }

  Status NamedItem(const std::string& place, const std::string& name, const toml::node& node) {
    if (const auto checked = CheckItemName(name); !checked) {
      return Fail(ErrorCode::kInvalidArgument, "{}: an item's name {}", place,
                  checked.error().message());
    }
    if (!node.is_table()) {
      return Fail(ErrorCode::kInvalidArgument, "{}: items.{}: want a table: [items.{}]", place,
                  name, name);
    }
    return OneItem(Section(*node.as_table(), "items." + name, file_), name);
  }

  Status OneItem(const Section& section, const std::string& name) {
    ST_TRY_STATUS(section.CheckKeys(
        {"kind", "rarity", "description", "price", "sell_price", "stock", "per_player", "usable"}));
    Item item;
    item.name = name;
    ST_TRY_STATUS(section.Text("kind", item.kind));
    if (out_.kinds.empty()) return section.Wrong("kind", "no kinds are declared: kinds = [\"…\"]");
    ST_TRY_STATUS(section.OneOf("kind", item.kind, out_.kinds));
    ST_TRY_STATUS(section.Text("rarity", item.rarity));
    if (out_.rarities.empty()) {
      return section.Wrong("rarity", "no rarities are declared: rarities = [\"…\"]");
    }
    ST_TRY_STATUS(section.OneOf("rarity", item.rarity, out_.rarities));
    ST_TRY_STATUS(section.Text("description", item.description));
    std::optional<std::int64_t> price;
    ST_TRY_STATUS(section.Number("price", kMaxCoins, price));
    if (!price) return section.Wrong("price", "is missing: want the coins that one costs");
    item.price = *price;
    ST_TRY_STATUS(section.Number("sell_price", kMaxCoins, item.sell_price));
    if (item.sell_price.value_or(0) > item.price) {
      return section.Wrong("sell_price",
                           "is above the price: players would make coins from nothing");
    }
    ST_TRY_STATUS(section.Number("stock", kMaxCoins, item.stock));
    ST_TRY_STATUS(section.Number("per_player", kMaxQuantity, item.per_player));
    ST_TRY_STATUS(section.Bool("usable", item.is_usable));
    out_.items.emplace(name, std::move(item));
    return {};
  }

  Status Aliases(const Section& whole) {
    const auto* node = table_.get("alias");
    if (node == nullptr) return {};
    const auto* list = node->as_array();
    if (list == nullptr || list->size() > kMaxAliases) {
      return whole.Wrong("alias", fmt::format("want at most {} tables: [[alias]]", kMaxAliases));
    }
    for (const auto& entry : *list) {
      if (!entry.is_table()) {
        return Fail(ErrorCode::kInvalidArgument, "{}: alias: want a table: [[alias]]",
                    whole.Place(entry.source().begin));
      }
      ST_TRY_STATUS(OneAlias(Section(*entry.as_table(), "alias", file_)));
    }
    return {};
  }

  Status OneAlias(const Section& section) {
    ST_TRY_STATUS(section.CheckKeys({"route", "action", "item", "guild", "reply"}));
    Alias alias;
    alias.place = section.PlaceOf("route");
    ST_TRY_STATUS(Route(section, alias));
    ST_TRY_STATUS(Action(section, alias));
    ST_TRY_STATUS(section.Text("reply", alias.reply));
    if (alias.reply.size() > kMaxReplyBytes) {
      return section.Wrong("reply", fmt::format("is longer than {} bytes", kMaxReplyBytes));
    }
    for (const auto& other : out_.aliases) {
      if (other.method == alias.method && other.path == alias.path) {
        return section.Wrong("route", "is declared at " + other.place + " too");
      }
    }
    out_.aliases.push_back(std::move(alias));
    return {};
  }

  static Status Route(const Section& section, Alias& alias) {
    static const Names methods = {"GET", "POST", "PUT", "DELETE"};
    std::string route;
    ST_TRY_STATUS(section.Text("route", route));
    const auto space = route.find(' ');
    alias.method = route.substr(0, space);
    alias.path = space == std::string::npos ? "" : route.substr(space + 1);
    if (std::ranges::find(methods, alias.method) == methods.end()) {
      return section.Wrong("route",
                           "want one method and a path, \"GET /path\" (or POST, PUT, DELETE)");
    }
    const bool is_plain = std::ranges::all_of(alias.path, [](char c) {
      return c > 0x20 && c < 0x7F && c != '%' && c != '?' && c != '#';
    });
    if (!alias.path.starts_with('/') || !is_plain ||
        alias.path.find_first_of("{}<>") != std::string::npos) {
      return section.Wrong("route",
                           "the path begins with \"/\" and has no query, variable, space or \"%\"");
    }
    const auto form = event::PathTemplate::Parse(alias.path);
    return form ? Status() : section.Wrong("route", form.error().message());
  }

  Status Action(const Section& section, Alias& alias) const {
    Names known;
    for (const auto& [name, action] : kActions) known.emplace_back(name);
    std::string action;
    ST_TRY_STATUS(section.Text("action", action));
    ST_TRY_STATUS(section.OneOf("action", action, known));
    alias.action = std::ranges::find(kActions, std::string_view(action), [](const auto& a) {
                     return a.first;
                   })->second;
    const bool is_guild =
        alias.action == AliasAction::kJoinGuild || alias.action == AliasAction::kLeaveGuild;
    const bool is_item = !is_guild && alias.action != AliasAction::kVisit;
    if (section.Has("item") && !is_item) return section.Wrong("item", "this action takes no item");
    if (section.Has("guild") && !is_guild) {
      return section.Wrong("guild", "this action takes no guild");
    }
    ST_TRY_STATUS(section.Text(is_item ? "item" : "guild", alias.subject));
    if (alias.subject.empty()) return {};
    if (is_item && out_.Find(alias.subject) == nullptr) {
      return section.Wrong("item", out_.NoItem(alias.subject));
    }
    if (const auto checked = CheckGuildName(alias.subject); is_guild && !checked) {
      return section.Wrong("guild", checked.error().message());
    }
    return {};
  }

  const toml::table& table_;
  const std::string& file_;
  Catalogue out_;
};

}  // namespace

const Item* Catalogue::Find(std::string_view name) const {
  const auto found = items.find(name);
  return found == items.end() ? nullptr : &found->second;
}

std::string Catalogue::NoItem(std::string_view name) const {
  Names names;
  for (const auto& [known, item] : items) names.push_back(known);
  std::string text = fmt::format("There is no item \"{}\"", name);
  if (const auto nearest = NearestName(name, names)) {
    return text + fmt::format("; did you mean \"{}\"?", *nearest);
  }
  return text + ".";
}

Result<Catalogue> ParseCatalogue(std::string_view toml, const std::string& file) {
  ST_TRY(const auto table, ParseToml(toml, file));
  return Parser(table, file).Run();
}

}  // namespace st::game
