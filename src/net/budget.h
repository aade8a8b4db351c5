// Limits the use of a resource by clients: a total, a share of it for each client address, and a
// limit for each charge. A charge is decided before the memory or the descriptor is used.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/metrics.h"
#include "base/mutex.h"

namespace st::net {

class BudgetAccount;

struct BudgetOptions {
  std::string name;  // label of its metrics
  std::uint64_t total = 0;
  std::uint64_t per_address = 0;
  std::uint64_t per_charge = 0;
  // A charge above this leaves a quarter of the total and of its address's share to smaller ones,
  // so that large requests do not displace small ones. 0: all charges are equal.
  std::uint64_t small = 0;
  MetricRegistry* metrics = nullptr;  // may be null
};

// One budget of a server; its listeners share it.
//
// Threads: safe from any thread.
// Owner:   shared by its listeners; `metrics` must outlive it.
// Metrics: steelthread_budget_used, _limit, _refused_total, by budget.
class Budget : public std::enable_shared_from_this<Budget> {
 public:
  static std::shared_ptr<Budget> Make(BudgetOptions options);
  // The account of a client address, as ClientOf gives it; its connections share it.
  std::shared_ptr<BudgetAccount> AccountOf(const std::string& address);
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  // Number of the addresses that have an account.
  std::uint64_t AverageUse() const;
  const BudgetOptions& options() const { return options_; }
  // Counts a request or connection that was refused, closed or paused because of this budget.
  void CountRefusal() {
    if (refused_ != nullptr) refused_->Add();
  }

 private:
  friend class BudgetAccount;
  explicit Budget(BudgetOptions options);

  const BudgetOptions options_;
  Metric* used_metric_ = nullptr;
  Metric* refused_ = nullptr;
  std::atomic<std::uint64_t> used_ = 0;
  Guarded<std::unordered_map<std::string, std::weak_ptr<BudgetAccount>>> accounts_;
};

// The part of a budget that one client address holds.
//
// Threads: safe from any thread.
class BudgetAccount {
 public:
  BudgetAccount(std::shared_ptr<Budget> budget, std::string address)
      : budget_(std::move(budget)), address_(std::move(address)) {}
  BudgetAccount(const BudgetAccount&) = delete;
  BudgetAccount& operator=(const BudgetAccount&) = delete;
  ~BudgetAccount();
  Budget& budget() { return *budget_; }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  const std::string& address() const { return address_; }

 private:
  friend class Charge;
  // Grows one charge; false, without a change, where the result is over a limit.
  bool Grow(std::uint64_t from, std::uint64_t to);
  void Shrink(std::uint64_t by);
  std::uint64_t RoomFor(std::uint64_t held) const;

  const std::shared_ptr<Budget> budget_;
  const std::string address_;
  std::atomic<std::uint64_t> used_ = 0;
};

// The part of a budget that one connection holds; the destructor releases it.
//
// Threads: its owner's.
class Charge {
 public:
  Charge() = default;
  explicit Charge(std::shared_ptr<BudgetAccount> account) : account_(std::move(account)) {}
  Charge(Charge&& other) noexcept
      : account_(std::move(other.account_)), units_(std::exchange(other.units_, 0)) {}
  Charge& operator=(Charge&& other) noexcept {
    if (account_ && units_ > 0) account_->Shrink(units_);
    account_ = std::move(other.account_);
    units_ = std::exchange(other.units_, 0);
    return *this;
  }
  ~Charge() {
    if (account_ && units_ > 0) account_->Shrink(units_);
  }
  // Holds exactly `units` from now on. Fewer are always granted; false, without a change, where
  // more are over a limit. Without an account every size is granted.
  bool Resize(std::uint64_t units);
  std::uint64_t units() const { return units_; }
  // The units that its address holds.
  std::uint64_t account_used() const { return account_ ? account_->used() : 0; }
  // The size that Resize would grant now. Others may take it meanwhile.
  std::uint64_t Room() const;
  void CountRefusal() {
    if (account_) account_->budget().CountRefusal();
  }

 private:
  std::shared_ptr<BudgetAccount> account_;
  std::uint64_t units_ = 0;
};

// The budgets that all listeners of one server share.
struct ClientBudgets {
  std::shared_ptr<Budget> memory;       // bytes of requests on their way and of answers not taken
  std::shared_ptr<Budget> connections;  // open ones

  // By limits.h; connections also by the process's limit of descriptors, of which some are kept
  // for the log, the tables and the workers.
  static ClientBudgets ForProcess(MetricRegistry* metrics);
};
// How many of the process's descriptors clients' connections may use.
std::uint64_t MaxConnectionsOf(std::uint64_t descriptors);

}  // namespace st::net
