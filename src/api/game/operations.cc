#include "api/game/operations.h"

#include <fmt/format.h>

#include "game/limits.h"

namespace st::api {
namespace {

using event::Field;
using event::FieldSource;
using event::FieldType;

constexpr std::string_view kPlayerPath = "/players/{player}";

std::string TextOf(const Values& values, const char* name) {
  const auto found = values.find(name);
  return found == values.end() ? std::string() : found->get<std::string>();
}
std::optional<std::string> MaybeText(const Values& values, const char* name) {
  const auto found = values.find(name);
  if (found == values.end()) return std::nullopt;
  return found->get<std::string>();
}
std::int64_t NumberOf(const Values& values, const char* name) {
  const auto found = values.find(name);
  return found == values.end() ? 0 : found->get<std::int64_t>();
}
game::ItemCount WhatOf(const Values& values) {
  return {TextOf(values, "item"), NumberOf(values, "quantity")};
}

Field TextField(const std::string& name, FieldSource from, bool is_required,
                const std::string& description) {
  Field field;
  field.name = name;
  field.source_name = name;
  field.from = from;
  field.is_required = is_required;
  field.description = description;
  return field;
}

Field QuantityField(FieldSource from) {
  Field field = TextField("quantity", from, false, "how many; 1 if it is left out");
  field.type = FieldType::kLong;
  field.min = 1;
  field.max = static_cast<double>(game::kMaxQuantity);
  field.value = "1";
  return field;
}

Field AmountField() {
  Field field = TextField("amount", FieldSource::kBody, true, "coins");
  field.type = FieldType::kLong;
  field.min = 1;
  field.max = static_cast<double>(game::kMaxCoins);
  return field;
}

Field ReasonField() {
  Field field = TextField("reason", FieldSource::kBody, false, "for the event");
  field.max = static_cast<double>(game::kMaxReasonBytes);
  return field;
}

Field BodyField(const std::string& name, bool is_required, const std::string& description) {
  return TextField(name, FieldSource::kBody, is_required, description);
}

// "POST", "/players", the name: variables of the path become its fields.
event::Declaration Route(const std::string& method, const std::string& path,
                         const std::string& name, std::vector<Field> fields) {
  event::Declaration declaration;
  declaration.name = name;
  declaration.methods = {method};
  declaration.path = path;
  for (std::size_t at = path.find('{'); at != std::string::npos; at = path.find('{', at + 1)) {
    const auto variable = path.substr(at + 1, path.find('}', at) - at - 1);
    declaration.fields.push_back(TextField(variable, FieldSource::kPath, true, ""));
  }
  for (auto& field : fields) declaration.fields.push_back(std::move(field));
  return declaration;
}

class Table {
 public:
  explicit Table(std::vector<Operation>& out) : out_(out) {}

  struct Path {
    std::string method;
    std::string path;
    std::string name;
    std::string summary;
  };
  Operation& Command(const Path& to, std::vector<Field> fields, MakeCommand make) {
    return Add(to, std::move(fields), std::move(make));
  }
  Operation& Add(const Path& to, std::vector<Field> fields, Make make) {
    Operation operation;
    operation.declaration = Route(to.method, to.path, to.name, std::move(fields));
    operation.declaration.description = to.summary;
    operation.make = std::move(make);
    if (operation.is_read()) {
      operation.answers = {{200, "what was asked for"},
                           {404, "it is not there"},
                           {410, "retention removed what as_of needs"}};
    } else {
      operation.answers = {{200, "done and durable"},
                           {404, "a player, item or guild is not there"},
                           {409, "the rules refuse it, or its key is in flight"},
                           {422, "the Idempotency-Key was another request's"}};
    }
    out_.push_back(std::move(operation));
    return out_.back();
  }
  void Read(const std::string& path, const std::string& name, const std::string& summary,
            MakeQuery make) {
    Add({"GET", path, name, summary},
        {TextField("as_of", FieldSource::kQuery, false, "the moment: offset or time")},
        std::move(make));
  }
  // The same, answered with 201 and Location where it makes something.
  void Create(const Path& to, std::vector<Field> fields, MakeCommand make) {
    Command(to, std::move(fields), std::move(make))
        .answers.insert(out_.back().answers.begin() + 1, {201, "made and durable; see Location"});
  }

 private:
  std::vector<Operation>& out_;
};

void AddPlayers(Table& table) {
  const std::string one(kPlayerPath);
  Field id = BodyField("player", false, "the id; made up if it is left out");
  id.min = 1;
  table.Create({"POST", "/players", "create_player", "Creates a player"}, {id},
               [](const Values& v) { return game::CreatePlayer{TextOf(v, "player")}; });
  table.Read(one, "read_player", "A player",
             [](const Values& v) { return game::ReadPlayer{TextOf(v, "player")}; });
  table.Read(one + "/wallet", "read_wallet", "A player's coins",
             [](const Values& v) { return game::ReadWallet{TextOf(v, "player")}; });
  table.Command({"POST", one + "/wallet/grant", "grant_coins", "Gives coins to a player"},
                {AmountField(), ReasonField()}, [](const Values& v) {
                  return game::GrantCoins{TextOf(v, "player"), NumberOf(v, "amount"),
                                          MaybeText(v, "reason")};
                });
  table.Command({"POST", one + "/wallet/spend", "spend_coins", "Takes coins from a player"},
                {AmountField(), ReasonField()}, [](const Values& v) {
                  return game::SpendCoins{TextOf(v, "player"), NumberOf(v, "amount"),
                                          MaybeText(v, "reason")};
                });
}

void AddCart(Table& table) {
  const std::string cart = std::string(kPlayerPath) + "/cart";
  const std::string item = cart + "/items/{item}";
  table.Read(cart, "read_cart", "What is in the cart, with today's prices",
             [](const Values& v) { return game::ReadCart{TextOf(v, "player")}; });
  table.Read(cart + "/items", "read_cart_items", "The same",
             [](const Values& v) { return game::ReadCart{TextOf(v, "player")}; });
  table.Create({"POST", cart + "/items", "add_to_cart", "Adds to the cart"},
               {BodyField("item", true, "its name"), QuantityField(FieldSource::kBody)},
               [](const Values& v) { return game::AddToCart{TextOf(v, "player"), WhatOf(v)}; });
  table.Read(item, "read_cart_item", "How many of an item are in the cart", [](const Values& v) {
    return game::ReadCartItem{TextOf(v, "player"), TextOf(v, "item")};
  });
  Field quantity = QuantityField(FieldSource::kBody);
  quantity.is_required = true;
  quantity.value.reset();
  quantity.description = "how many from now on";
  table.Create({"PUT", item, "change_cart", "Sets how many of an item are in the cart"}, {quantity},
               [](const Values& v) { return game::ChangeCart{TextOf(v, "player"), WhatOf(v)}; });
  table.Command(
      {"DELETE", item, "remove_from_cart", "Takes an item out of the cart"}, {},
      [](const Values& v) { return game::RemoveFromCart{TextOf(v, "player"), TextOf(v, "item")}; });
  for (const auto& [path, name] :
       {std::pair(cart, "clear_cart"), std::pair(cart + "/items", "clear_cart_items")}) {
    table.Command({"DELETE", path, name, "Empties the cart"}, {}, [](const Values& v) {
      return game::RemoveFromCart{TextOf(v, "player"), std::nullopt};
    });
  }
  table.Command(
      {"POST", cart + "/checkout", "checkout", "Buys all that is in the cart, or nothing"}, {},
      [](const Values& v) { return game::Checkout{TextOf(v, "player")}; });
}

void AddInventory(Table& table) {
  const std::string inventory = std::string(kPlayerPath) + "/inventory";
  const std::string item = inventory + "/{item}";
  table.Read(inventory, "read_inventory", "What a player has",
             [](const Values& v) { return game::ReadInventory{TextOf(v, "player")}; });
  table.Read(item, "read_inventory_item", "How many of an item a player has", [](const Values& v) {
    return game::ReadInventoryItem{TextOf(v, "player"), TextOf(v, "item")};
  });
  table.Command({"POST", item + "/use", "use_item", "Uses an item up"},
                {QuantityField(FieldSource::kBody)},
                [](const Values& v) { return game::UseItem{TextOf(v, "player"), WhatOf(v)}; });
  table.Command({"POST", item + "/sell", "sell_item", "Sells an item to the shop"},
                {QuantityField(FieldSource::kBody)},
                [](const Values& v) { return game::SellItem{TextOf(v, "player"), WhatOf(v)}; });
  table.Add({"POST", "/trades", "trade", "Trades items and coins between two players"}, {},
            MakeTrade());
  table.Read("/items", "read_items", "The catalogue, with what is left of each stock",
             [](const Values&) { return game::ReadItems{}; });
  table.Read("/items/{item}", "read_item", "One item of the catalogue",
             [](const Values& v) { return game::ReadItem{TextOf(v, "item")}; });
}

void AddGuilds(Table& table) {
  const std::string guild = "/guilds/{guild}";
  table.Create(
      {"POST", "/guilds", "create_guild", "Creates a guild; its founder is in it"},
      {BodyField("guild", true, "its name"), BodyField("player", true, "its founder")},
      [](const Values& v) { return game::CreateGuild{TextOf(v, "guild"), TextOf(v, "player")}; });
  Field limit = TextField("limit", FieldSource::kQuery, false, "guilds of one answer");
  limit.type = FieldType::kInt;
  limit.min = 1;
  limit.max = 1000;
  limit.value = "100";
  table.Add({"GET", "/guilds", "read_guilds", "The guilds, by age"},
            {limit, TextField("after", FieldSource::kQuery, false, "the guild before, or next"),
             TextField("as_of", FieldSource::kQuery, false, "the moment: offset or time")},
            MakeQuery([](const Values& v) {
              return game::ReadGuilds{TextOf(v, "after"), NumberOf(v, "limit")};
            }));
  table.Read(guild, "read_guild", "A guild",
             [](const Values& v) { return game::ReadGuild{TextOf(v, "guild")}; });
  table.Read(guild + "/members", "read_guild_members", "Who is in a guild",
             [](const Values& v) { return game::ReadGuildMembers{TextOf(v, "guild")}; });
  table.Read(guild + "/members/{player}", "read_guild_member", "Whether a player is in a guild",
             [](const Values& v) {
               return game::ReadGuildMember{TextOf(v, "guild"), TextOf(v, "player")};
             });
  table.Create({"POST", guild + "/members", "join_guild", "Joins a guild"},
               {BodyField("player", true, "who joins")}, [](const Values& v) {
                 return game::JoinGuild{TextOf(v, "guild"), TextOf(v, "player")};
               });
  table.Command(
      {"DELETE", guild + "/members/{player}", "leave_guild", "Leaves a guild"}, {},
      [](const Values& v) { return game::LeaveGuild{TextOf(v, "guild"), TextOf(v, "player")}; });
}

// A course's route: the player is the Host header's.
void AddAlias(Table& table, const game::Alias& alias, std::size_t number) {
  const bool is_get = alias.method == "GET" || alias.method == "DELETE";
  const FieldSource from = is_get ? FieldSource::kQuery : FieldSource::kBody;
  Field host = TextField("player", FieldSource::kHeader, true, "the player");
  host.source_name = "Host";
  std::vector<Field> fields = {host};
  const bool is_guild = alias.action == game::AliasAction::kJoinGuild ||
                        alias.action == game::AliasAction::kLeaveGuild;
  const bool is_item = !is_guild && alias.action != game::AliasAction::kVisit;
  if (is_guild || is_item) {
    const bool is_needed = alias.subject.empty() && alias.action != game::AliasAction::kLeaveGuild;
    Field subject = TextField(is_item ? "item" : "guild", from, is_needed, "");
    if (!alias.subject.empty()) {
      subject.from = FieldSource::kConstant;  // no request buys another item here
      subject.value = Values(alias.subject).dump();
    }
    fields.push_back(std::move(subject));
  }
  if (is_item) fields.push_back(QuantityField(from));
  Operation& operation = table.Command(
      {alias.method, alias.path, fmt::format("alias_{}", number), "A route of the course"},
      std::move(fields), [alias, is_item](const Values& v) {
        return game::UseAlias{alias.action, TextOf(v, "player"),
                              TextOf(v, is_item ? "item" : "guild"),
                              is_item ? NumberOf(v, "quantity") : 1, alias.reply};
      });
  operation.is_alias = true;
  operation.declaration.route_place = alias.place;
}

}  // namespace

std::vector<Operation> GameOperations(const game::Catalogue& catalogue) {
  std::vector<Operation> operations;
  Table table(operations);
  AddPlayers(table);
  AddCart(table);
  AddInventory(table);
  AddGuilds(table);
  std::size_t number = 0;
  for (const auto& alias : catalogue.aliases) AddAlias(table, alias, ++number);
  return operations;
}

}  // namespace st::api
