#include "query/turn_order.h"

#include <limits>
#include <tuple>

#include "query/limits.h"

namespace st::query {
namespace {

std::string UserKey(const OpenStatement& statement) {
  return statement.address() + "\n" + statement.user();
}

std::int64_t CountOf(const std::map<std::string, std::int64_t>& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

}  // namespace

StatementPtr TurnOrder::Choose(const std::vector<StatementPtr>& queue,
                               const std::vector<StatementPtr>& running) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& statement : running) {
    ++counts[statement->address()];
    ++counts[UserKey(*statement)];
  }
  constexpr auto kLast = std::numeric_limits<std::int64_t>::max();
  std::tuple best{kLast, kLast, kLast, kLast};
  StatementPtr chosen;
  for (const auto& statement : queue) {
    const auto& address = statement->address();
    const auto user = UserKey(*statement);
    const std::int64_t runs = CountOf(counts, address);
    if (!statement->is_followed() || runs >= max_running_of_address_) continue;
    const std::tuple rank{runs, CountOf(turns_, address), CountOf(counts, user),
                          CountOf(turns_, user)};
    if (rank >= best) continue;
    best = rank;
    chosen = statement;
  }
  if (chosen == nullptr) return nullptr;
  if (turns_.size() >= kMaxRememberedClients) turns_.clear();
  turns_[chosen->address()] = turns_[UserKey(*chosen)] = ++turn_count_;
  return chosen;
}

}  // namespace st::query
