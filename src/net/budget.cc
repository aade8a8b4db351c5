#include "net/budget.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "net/limits.h"
#include "os/process.h"

namespace st::net {
namespace {

// How far one charge of `units` may fill `limit`: large charges leave the last quarter free.
std::uint64_t Fillable(const BudgetOptions& options, std::uint64_t limit, std::uint64_t units) {
  const bool is_large = options.small > 0 && units > options.small;
  return is_large ? limit - limit / 4 : limit;
}

// Adds `by` to `used` and returns true, unless the sum would exceed `limit`.
bool AddWithin(std::atomic<std::uint64_t>& used, std::uint64_t by, std::uint64_t limit) {
  const std::uint64_t before = used.fetch_add(by, std::memory_order_relaxed);
  if (by <= limit && before <= limit - by) return true;
  used.fetch_sub(by, std::memory_order_relaxed);
  return false;
}

}  // namespace

std::shared_ptr<Budget> Budget::Make(BudgetOptions options) {
  return std::shared_ptr<Budget>(new Budget(std::move(options)));
}

Budget::Budget(BudgetOptions options) : options_(std::move(options)) {
  if (options_.metrics == nullptr) return;
  const auto labels = fmt::format("budget=\"{}\"", options_.name);
  used_metric_ = &options_.metrics->Gauge("steelthread_budget_used",
                                          "Units of a budget that clients hold now.", labels);
  refused_ = &options_.metrics->Counter(
      "steelthread_budget_refused_total",
      "Requests, answers and connections that a budget refused, closed or paused.", labels);
  options_.metrics->Gauge("steelthread_budget_limit", "The total of a budget.", labels)
      .Set(static_cast<std::int64_t>(options_.total));
}

std::shared_ptr<BudgetAccount> Budget::AccountOf(const std::string& address) {
  return accounts_.With([&](auto& accounts) {
    auto& slot = accounts[address];
    auto account = slot.lock();
    if (!account) {
      account = std::make_shared<BudgetAccount>(shared_from_this(), address);
      slot = account;
    }
    return account;
  });
}

std::uint64_t Budget::AverageUse() const {
  const auto addresses = accounts_.With([](const auto& accounts) { return accounts.size(); });
  return used() / std::max<std::uint64_t>(addresses, 1);
}

BudgetAccount::~BudgetAccount() {
  budget_->accounts_.With([&](auto& accounts) {
    const auto found = accounts.find(address_);
    // A newer account of the same address may have taken the entry.
    if (found != accounts.end() && found->second.expired()) accounts.erase(found);
  });
}

bool BudgetAccount::Grow(std::uint64_t from, std::uint64_t to) {
  const auto& options = budget_->options_;
  const std::uint64_t by = to - from;
  if (to > options.per_charge) return false;
  if (!AddWithin(used_, by, Fillable(options, options.per_address, to))) return false;
  if (!AddWithin(budget_->used_, by, Fillable(options, options.total, to))) {
    used_.fetch_sub(by, std::memory_order_relaxed);
    return false;
  }
  if (budget_->used_metric_ != nullptr) {
    budget_->used_metric_->Add(static_cast<std::int64_t>(by));
  }
  return true;
}

void BudgetAccount::Shrink(std::uint64_t by) {
  used_.fetch_sub(by, std::memory_order_relaxed);
  budget_->used_.fetch_sub(by, std::memory_order_relaxed);
  if (budget_->used_metric_ != nullptr) {
    budget_->used_metric_->Add(-static_cast<std::int64_t>(by));
  }
}

std::uint64_t BudgetAccount::RoomFor(std::uint64_t held) const {
  const auto& options = budget_->options_;
  const auto left = [&](std::uint64_t limit, std::uint64_t used) {
    const std::uint64_t fillable = Fillable(options, limit, options.small + 1);
    return fillable > used ? fillable - used : 0;
  };
  const auto used = used_.load(std::memory_order_relaxed);
  const auto room =
      held + std::min(left(options.per_address, used), left(options.total, budget_->used()));
  return std::min(room, options.per_charge);
}

bool Charge::Resize(std::uint64_t units) {
  if (account_ && units > units_ && !account_->Grow(units_, units)) return false;
  if (account_ && units < units_) account_->Shrink(units_ - units);
  units_ = units;
  return true;
}

std::uint64_t Charge::Room() const { return account_ ? account_->RoomFor(units_) : UINT64_MAX; }

std::uint64_t MaxConnectionsOf(std::uint64_t descriptors) {
  const std::uint64_t kept = std::min(kReservedDescriptors, descriptors / 2);
  return std::min(descriptors - kept, kMaxConnections);
}

ClientBudgets ClientBudgets::ForProcess(MetricRegistry* metrics) {
  const std::uint64_t connections = MaxConnectionsOf(os::OpenFileLimit());
  return {.memory = Budget::Make({.name = "network_bytes",
                                  .total = kMaxNetworkBytes,
                                  .per_address = kMaxNetworkBytesPerAddress,
                                  .per_charge = kMaxNetworkBytesPerConnection,
                                  .small = kSmallRequestBytes,
                                  .metrics = metrics}),
          .connections = Budget::Make({.name = "connections",
                                       .total = connections,
                                       .per_address = connections / 2,
                                       .per_charge = 1,
                                       .metrics = metrics})};
}

}  // namespace st::net
