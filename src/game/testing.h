// A game for tests: a catalogue, and a state that takes commands.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "game/decide.h"
#include "game/snapshot_reader.h"
#include "game/snapshot_writer.h"
#include "game/view.h"

namespace st::game::testing {

inline constexpr std::string_view kRules = R"(
kinds = ["weapon", "potion"]
rarities = ["common", "rare"]
[players]
coins = 100
capacity = 20
[guilds]
members = 3
[items.sword]
kind = "weapon"
rarity = "common"
price = 30
sell_price = 10
[items.crown]
kind = "weapon"
rarity = "rare"
price = 50
stock = 1
[items.potion]
kind = "potion"
rarity = "common"
price = 2
stock = 1000
per_player = 15
usable = true
)";

// Every event that is applied goes through its payload, as it will in the log.
class Game {
 public:
  Reply Do(const Command& command) {
    const auto checked = CheckCommand(command);
    EXPECT_TRUE(checked) << checked.error().parameter << " " << checked.error().why;
    auto decision = Decide(catalogue, *state, command);
    EXPECT_EQ(decision.events.empty(), decision.reply.status >= 400);
    EXPECT_EQ(decision.reply.code.empty(), decision.reply.status < 400);
    for (const auto& event : decision.events) {
      const auto parsed = ParseEvent(EncodeEvent(event));
      EXPECT_TRUE(parsed.has_value()) << EncodeEvent(event) << parsed.error().message();
      const auto applied = state->Apply(*parsed);
      EXPECT_TRUE(applied.has_value()) << applied.error().message();
      events.push_back(EncodeEvent(event));
    }
    return std::move(decision.reply);
  }
  nlohmann::json See(const Query& query) const {
    return nlohmann::json::parse(Read(catalogue, *state, query).body);
  }
  std::int64_t CoinsOf(const std::string& player) const {
    return See(ReadWallet{player}).at("coins");
  }

  Catalogue catalogue = ParseCatalogue(kRules, "game.toml").value();
  std::unique_ptr<State> state = std::make_unique<State>(1);
  std::vector<std::string> events;
};

// A snapshot of the whole state.
inline std::vector<std::string> ChunksOf(State& state) {
  std::vector<std::string> chunks;
  SnapshotWriter writer(state);
  for (std::string chunk; writer.Next(chunk);) chunks.push_back(chunk);
  return chunks;
}

inline Result<std::unique_ptr<State>> Restore(const std::vector<std::string>& chunks) {
  SnapshotReader reader(2);
  for (const auto& chunk : chunks) ST_TRY_STATUS(reader.Add(chunk));
  return reader.Finish();
}

}  // namespace st::game::testing
