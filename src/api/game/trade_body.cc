#include "api/game/trade_body.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"
#include "event/parameters.h"
#include "game/limits.h"

namespace st::api {
namespace {

using Json = nlohmann::json;

// Reads the members of a trade; keeps the first fault.
class FieldReader {
 public:
  game::Trade ReadTrade(const Json& body) {
    game::Trade trade;
    if (!CheckObject(body, "", {"player", "partner", "gives", "takes"})) return trade;
    trade.first.player = ReadText(body, "player", "player");
    trade.second.player = ReadText(body, "partner", "partner");
    ReadSide(body, "gives", trade.first);
    ReadSide(body, "takes", trade.second);
    return trade;
  }
  const std::optional<event::Fault>& fault() const { return fault_; }

 private:
  void Refuse(std::string_view code, const std::string& name, const std::string& want) {
    if (fault_) return;
    fault_ = event::Fault{400, std::string(code), name,
                          fmt::format("\"{}\": {}{}", name, want, want.ends_with('?') ? "" : ".")};
  }
  // False, with the fault, where it is no object or has other members.
  bool CheckObject(const Json& value, const std::string& name,
                   const std::vector<std::string>& known) {
    if (!value.is_object()) {
      Refuse("invalid_parameter", name, "want an object");
      return false;
    }
    for (const auto& [key, member] : value.items()) {
      if (std::ranges::find(known, key) != known.end()) continue;
      const auto near = NearestName(key, known);
      Refuse("unknown_parameter", name.empty() ? key : name + "." + key,
             fmt::format("want {}{}", fmt::join(known, ", "),
                         near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
      return false;
    }
    return true;
  }
  std::string ReadText(const Json& from, const char* key, const std::string& name) {
    const auto found = from.find(key);
    if (found == from.end()) {
      Refuse("missing_parameter", name, "is missing: want a name");
      return {};
    }
    if (!found->is_string()) {
      Refuse("invalid_parameter", name, "want a text");
      return {};
    }
    return found->get<std::string>();
  }
  struct Range {
    std::int64_t least;
    std::int64_t most;
    std::int64_t missing;  // the value of a member that was not sent
  };
  std::int64_t ReadNumber(const Json& from, const char* key, const std::string& name, Range range) {
    const auto found = from.find(key);
    if (found == from.end()) return range.missing;
    const bool fits = found->is_number_integer() &&
                      (!found->is_number_unsigned() ||
                       found->get<std::uint64_t>() <= static_cast<std::uint64_t>(range.most));
    const std::int64_t value = fits ? found->get<std::int64_t>() : range.least - 1;
    if (value < range.least || value > range.most) {
      Refuse("invalid_parameter", name,
             fmt::format("want a whole number from {} to {}", range.least, range.most));
      return range.missing;
    }
    return value;
  }
  void ReadSide(const Json& body, const char* name, game::TradeSide& side) {
    const auto found = body.find(name);
    if (found == body.end() || !CheckObject(*found, name, {"coins", "items"})) return;
    const std::string prefix = std::string(name) + ".";
    side.coins = ReadNumber(*found, "coins", prefix + "coins", {0, game::kMaxCoins, 0});
    const auto items = found->find("items");
    if (items == found->end()) return;
    if (!items->is_array() || items->size() > game::kMaxTradeItems) {
      return Refuse("invalid_parameter", prefix + "items",
                    fmt::format("want a list of at most {} items", game::kMaxTradeItems));
    }
    for (std::size_t i = 0; i < items->size(); ++i) {
      const std::string at = fmt::format("{}items[{}]", prefix, i);
      if (!CheckObject((*items)[i], at, {"item", "quantity"})) return;
      side.items.push_back(
          {ReadText((*items)[i], "item", at + ".item"),
           ReadNumber((*items)[i], "quantity", at + ".quantity", {1, game::kMaxQuantity, 1})});
    }
  }

  std::optional<event::Fault> fault_;
};

}  // namespace

std::expected<game::Trade, event::Fault> ParseTrade(std::string_view body) {
  const auto malformed = [](std::string_view why) {
    return std::unexpected(
        event::Fault{400, "malformed_body", "", fmt::format("The body: {}.", why)});
  };
  // The depth is checked before anything recurses.
  if (const auto members = event::ParseJsonObject(body); !members)
    return malformed(members.error());
  const Json json = Json::parse(body, nullptr, false);
  if (json.is_discarded()) return malformed("a number in it is beyond a double's range");
  FieldReader reader;
  game::Trade trade = reader.ReadTrade(json);
  if (reader.fault()) return std::unexpected(*reader.fault());
  return trade;
}

std::string_view TradeSchema() {
  return R"({"type": "object", "required": ["player", "partner"], "additionalProperties": false,
"properties": {"player": {"type": "string"}, "partner": {"type": "string"},
"gives": {"$ref": "#/components/schemas/trade_side"},
"takes": {"$ref": "#/components/schemas/trade_side"}}})";
}

std::string_view TradeSideSchema() {
  return R"({"type":"object","additionalProperties":false,"properties":{)"
         R"("coins":{"type":"integer","minimum":0},)"
         R"("items":{"type":"array","items":{"type":"object","required":["item"],"properties":{)"
         R"("item":{"type":"string"},"quantity":{"type":"integer","minimum":1}}}}}})";
}

}  // namespace st::api
