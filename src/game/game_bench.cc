// A million players of ten item stacks: memory, snapshot, restore, and the cost of commands.
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "game/decide.h"
#include "game/snapshot_reader.h"
#include "game/snapshot_writer.h"

namespace {

using st::game::Catalogue;
using st::game::Command;
using st::game::State;

constexpr int kPlayers = 1'000'000;
constexpr int kStacks = 10;
constexpr int kItems = 200;

double Now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

double MegabytesInUse() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1e6;
}

std::string PlayerName(int i) { return fmt::format("user{}.comcast.com", i); }
std::string ItemName(int i) { return fmt::format("item{}", i); }

Catalogue Rules() {
  std::string toml = "kinds = [\"weapon\"]\nrarities = [\"common\"]\n[players]\ncoins = 1000000\n";
  for (int i = 0; i < kItems; ++i) {
    toml += fmt::format(
        "[items.{}]\nkind = \"weapon\"\nrarity = \"common\"\nprice = 1\nsell_price = 1\n"
        "stock = 1000000000\nusable = true\n",
        ItemName(i));
  }
  return st::game::ParseCatalogue(toml, "game.toml").value();
}

// Decides and applies a command; true: the rules accepted it.
bool Do(const Catalogue& rules, State& state, const Command& command) {
  const auto decision = st::game::Decide(rules, state, command);
  for (const auto& event : decision.events) ST_CHECK(state.Apply(event).has_value());
  return decision.reply.status < 400;
}

void Fill(const Catalogue& rules, State& state) {
  for (int i = 0; i < kPlayers; ++i) {
    ST_CHECK(Do(rules, state, st::game::CreatePlayer{PlayerName(i)}));
  }
  for (int stack = 0; stack < kStacks; ++stack) {
    for (int i = 0; i < kPlayers; ++i) {
      const std::string item = ItemName((i * 7 + stack * 13) % kItems);
      ST_CHECK(state
                   .Apply(st::game::ItemPurchased{PlayerName(i), 1, item, "weapon", "common",
                                                  1 + i % 50, 1, 1, 0})
                   .has_value());
    }
  }
}

void Measure(const char* what, const Catalogue& rules, State& state,
             const std::vector<Command>& commands) {
  const double start = Now();
  for (const auto& command : commands) ST_CHECK(Do(rules, state, command));
  const double us = (Now() - start) * 1e6 / static_cast<double>(commands.size());
  std::printf("%-28s %8.2f us\n", what, us);
}

template <typename Make>
std::vector<Command> Each(Make make) {
  constexpr int kCommands = 200'000;
  constexpr std::int64_t kStep = 7919;  // so that players are not used in the order of memory
  std::vector<Command> commands;
  for (std::int64_t i = 0; i < kCommands; ++i) {
    commands.push_back(make(PlayerName(static_cast<int>(i * kStep % kPlayers))));
  }
  return commands;
}

void MeasureCommands(const Catalogue& rules, State& state) {
  Measure("grant", rules, state,
          Each([](std::string id) { return st::game::GrantCoins{std::move(id), 5, {}}; }));
  Measure("add to cart", rules, state,
          Each([](std::string id) { return st::game::AddToCart{std::move(id), {"item3", 1}}; }));
  Measure("checkout of one item", rules, state,
          Each([](std::string id) { return st::game::Checkout{std::move(id)}; }));
  Measure("use", rules, state,
          Each([](std::string id) { return st::game::UseItem{std::move(id), {"item3", 1}}; }));
}

}  // namespace

int main() {
  const Catalogue rules = Rules();
  const double empty = MegabytesInUse();
  auto state = std::make_unique<State>(1);
  Fill(rules, *state);
  std::printf("%-28s %8.1f MB\n", "as grown by events", MegabytesInUse() - empty);
  MeasureCommands(rules, *state);

  std::vector<std::string> chunks;
  double slowest = 0;
  std::size_t bytes = 0;
  const double start = Now();
  auto writer = std::make_unique<st::game::SnapshotWriter>(*state);
  for (std::string chunk;;) {
    const double before = Now();
    if (!writer->Next(chunk)) break;
    slowest = std::max(slowest, Now() - before);
    bytes += chunk.size();
    chunks.push_back(std::move(chunk));
  }
  std::printf("%-28s %8.2f s, slowest step %.2f ms, %.1f MB\n", "snapshot", Now() - start,
              slowest * 1e3, static_cast<double>(bytes) / 1e6);
  writer.reset();
  state.reset();
  const double before_restore = MegabytesInUse();
  const double restore = Now();
  st::game::SnapshotReader reader(2);
  for (const auto& chunk : chunks) ST_CHECK(reader.Add(chunk).has_value());
  const auto restored = reader.Finish();
  ST_CHECK(restored.has_value());
  std::printf("%-28s %8.2f s, %.1f MB\n", "restore", Now() - restore,
              MegabytesInUse() - before_restore);
  return 0;
}
