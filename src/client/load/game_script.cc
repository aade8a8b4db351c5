#include "client/load/game_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>

namespace st::client::load {
namespace {

using Json = nlohmann::ordered_json;

// What a step may be, and how often among a hundred.
enum Step : std::uint16_t {
  kCreatePlayer,
  kGrant,
  kAddToCart,
  kChangeCart,
  kRemoveFromCart,
  kCheckout,
  kUse,
  kSell,
  kTrade,
  kSpend,
  kCreateGuild,
  kJoinGuild,
  kLeaveGuild,
  kReadPlayer,
  kReadCart,
  kReadInventory,
  kReadGuild,
};
struct StepKind {
  const char* name;
  int share;
  bool is_read;
};
constexpr std::array<StepKind, 17> kSteps = {{{"create_player", 0, false},
                                              {"grant_coins", 4, false},
                                              {"add_to_cart", 26, false},
                                              {"change_cart", 4, false},
                                              {"remove_from_cart", 3, false},
                                              {"checkout", 18, false},
                                              {"use_item", 5, false},
                                              {"sell_item", 6, false},
                                              {"trade", 4, false},
                                              {"spend_coins", 3, false},
                                              {"create_guild", 1, false},
                                              {"join_guild", 3, false},
                                              {"leave_guild", 2, false},
                                              {"read_player", 5, true},
                                              {"read_cart", 6, true},
                                              {"read_inventory", 8, true},
                                              {"read_guild", 2, true}}};
constexpr std::uint64_t kGuilds = 50;
constexpr int kCoins = 1000;

class GameScript final : public Script {
 public:
  explicit GameScript(std::vector<std::string> items) : items_(std::move(items)) {
    for (const auto& step : kSteps) {
      kinds_.push_back({.name = step.name, .is_command = !step.is_read, .is_read = step.is_read});
    }
  }

  const std::vector<ledger::RequestKind>& kinds() const override { return kinds_; }

  Action Next(const Turn& turn, os::Random& random) override {
    const auto step = turn.step == 0 ? kCreatePlayer : turn.step == 1 ? kGrant : Pick(random);
    const auto player = PlayerName(turn.player);
    Action action{.kind = step, .request = Request(step, player, random)};
    if (step == kTrade) {
      // The one who began just before: perhaps still playing.
      const auto partner = turn.player > 0 ? turn.player - 1 : 1;
      Put(action.request, {{"player", player},
                           {"partner", PlayerName(partner)},
                           {"gives", {{"coins", 1 + random.Next() % 5}}},
                           {"takes", {{"coins", random.Next() % 2}}}});
    }
    return action;
  }

 private:
  static Step Pick(os::Random& random) {
    auto at = static_cast<int>(random.Next() % 100);
    for (std::size_t i = 0; i < kSteps.size(); ++i) {
      at -= kSteps[i].share;
      if (at < 0) return static_cast<Step>(i);
    }
    return kReadPlayer;
  }

  static void Put(net::ClientRequest& request, const Json& body) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body.dump();
  }

  net::ClientRequest Request(Step step, const std::string& player, os::Random& random) const {
    const auto& item = items_[random.Next() % items_.size()];
    const auto guild = fmt::format("guild{}", 1 + random.Next() % kGuilds);
    const auto one = "/players/" + player;
    net::ClientRequest request{.method = "POST"};
    switch (step) {
      case kCreatePlayer:
        request.target = "/players";
        Put(request, {{"player", player}});
        break;
      case kGrant:
        request.target = one + "/wallet/grant";
        Put(request, {{"amount", kCoins}, {"reason", "quest"}});
        break;
      case kSpend:
        request.target = one + "/wallet/spend";
        Put(request, {{"amount", 1 + random.Next() % 20}});
        break;
      case kAddToCart:
        request.target = one + "/cart/items";
        Put(request, {{"item", item}, {"quantity", 1 + random.Next() % 2}});
        break;
      case kChangeCart:
        request = {.method = "PUT", .target = one + "/cart/items/" + item};
        Put(request, {{"quantity", 1 + random.Next() % 3}});
        break;
      case kRemoveFromCart:
        request = {.method = "DELETE", .target = one + "/cart/items/" + item};
        break;
      case kCheckout:
        request.target = one + "/cart/checkout";
        break;
      case kUse:
        request.target = one + "/inventory/" + item + "/use";
        break;
      case kSell:
        request.target = one + "/inventory/" + item + "/sell";
        break;
      case kTrade:
        request.target = "/trades";
        break;
      case kCreateGuild:
        request.target = "/guilds";
        Put(request, {{"guild", guild}, {"player", player}});
        break;
      case kJoinGuild:
        request.target = "/guilds/" + guild + "/members";
        Put(request, {{"player", player}});
        break;
      case kLeaveGuild:
        request = {.method = "DELETE", .target = "/guilds/" + guild + "/members/" + player};
        break;
      case kReadPlayer:
        request = {.target = one};
        break;
      case kReadCart:
        request = {.target = one + "/cart"};
        break;
      case kReadInventory:
        request = {.target = one + "/inventory"};
        break;
      case kReadGuild:
        request = {.target = "/guilds/" + guild + "/members"};
        break;
    }
    return request;
  }

  const std::vector<std::string> items_;
  std::vector<ledger::RequestKind> kinds_;
};

class MixedScript final : public Script {
 public:
  MixedScript(std::unique_ptr<Script> often, std::unique_ptr<Script> seldom)
      : often_(std::move(often)), seldom_(std::move(seldom)), kinds_(often_->kinds()) {
    std::ranges::copy(seldom_->kinds(), std::back_inserter(kinds_));
  }
  const std::vector<ledger::RequestKind>& kinds() const override { return kinds_; }
  Action Next(const Turn& turn, os::Random& random) override {
    // A session's first steps make its player.
    if (turn.step < 2 || random.Next() % 5 != 0) return often_->Next(turn, random);
    auto action = seldom_->Next(turn, random);
    action.kind = static_cast<std::uint16_t>(action.kind + often_->kinds().size());
    return action;
  }

 private:
  const std::unique_ptr<Script> often_;
  const std::unique_ptr<Script> seldom_;
  std::vector<ledger::RequestKind> kinds_;
};

}  // namespace

std::unique_ptr<Script> MakeGameScript(std::vector<std::string> items) {
  return std::make_unique<GameScript>(std::move(items));
}

std::unique_ptr<Script> MakeMixedScript(std::unique_ptr<Script> often,
                                        std::unique_ptr<Script> seldom) {
  if (!often) return seldom;
  if (!seldom) return often;
  return std::make_unique<MixedScript>(std::move(often), std::move(seldom));
}

}  // namespace st::client::load
