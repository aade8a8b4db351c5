#include "client/load/event_script.h"

#include <algorithm>
#include <array>

#include "client/load/sample.h"

namespace st::client::load {
namespace {

double ShareOf(const event::Declaration& declaration, Share share) {
  return share == Share::kRate ? declaration.rate : declaration.weight;
}

class EventScript final : public Script {
 public:
  EventScript(std::vector<event::Declaration> declarations, Share share)
      : declarations_(std::move(declarations)) {
    double sum = 0;
    for (const auto& declaration : declarations_) {
      sum += ShareOf(declaration, share);
      sums_.push_back(sum);
      kinds_.push_back(
          {.name = declaration.name, .topic = declaration.topic, .table = declaration.table});
    }
  }

  const std::vector<ledger::RequestKind>& kinds() const override { return kinds_; }

  Action Next(const Turn& turn, os::Random& random) override {
    constexpr double kSteps = 1 << 30;
    const double at = static_cast<double>(random.Next() % (1 << 30)) / kSteps * sums_.back();
    const auto found = std::ranges::upper_bound(sums_, at);
    const auto index = static_cast<std::size_t>(
        std::min<std::ptrdiff_t>(found - sums_.begin(), std::ssize(sums_) - 1));
    Action action{.kind = static_cast<std::uint16_t>(index),
                  .request = Sample(declarations_[index], random)};
    action.request.headers.emplace_back("Host", PlayerName(turn.player));
    return action;
  }

 private:
  const std::vector<event::Declaration> declarations_;
  std::vector<double> sums_;
  std::vector<ledger::RequestKind> kinds_;
};

}  // namespace

std::string PlayerName(std::uint64_t player) {
  constexpr std::array kProviders = {"comcast.com", "att.com", "example.net"};
  return fmt::format("user{}.{}", player + 1, kProviders[player % kProviders.size()]);
}

Result<std::unique_ptr<Script>> MakeEventScript(std::vector<event::Declaration> declarations,
                                                Share share) {
  std::erase_if(declarations, [share](const auto& declaration) {
    return !declaration.has_route() || !(ShareOf(declaration, share) > 0);
  });
  if (declarations.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "no declared event has a route and a {} above 0",
                share == Share::kRate ? "rate" : "weight");
  }
  return std::make_unique<EventScript>(std::move(declarations), share);
}

double DeclaredRate(const std::vector<event::Declaration>& declarations) {
  double sum = 0;
  for (const auto& declaration : declarations) {
    if (declaration.has_route()) sum += declaration.rate;
  }
  return sum;
}

}  // namespace st::client::load
