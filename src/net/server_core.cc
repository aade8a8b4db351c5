#include "net/server_core.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

#include "net/address.h"
#include "net/limits.h"
#include "os/system_time.h"

namespace st::net {

namespace asio = boost::asio;
using boost::system::error_code;

std::int64_t MonotonicUs() { return os::SystemMonotonicUs(); }

std::int64_t SweepInterval(std::int64_t shortest_timeout_us) {
  return std::clamp(shortest_timeout_us / 4, kMinSweepUs, kSweepUs);
}

void Mailbox::Post(Task task) {
  const MutexLock lock(mu_);
  if (io_ == nullptr) return;
  tasks_.push_back(std::move(task));
  // One wake-up suffices for all tasks that gather until the io thread runs them.
  if (tasks_.size() == 1) asio::post(*io_, [self = shared_from_this()] { self->Run(); });
}

void Mailbox::Run() {
  std::vector<Task> tasks;
  {
    const MutexLock lock(mu_);
    tasks.swap(tasks_);
  }
  for (auto& task : tasks) task();
}

void Mailbox::Close() {
  std::vector<Task> tasks;
  const MutexLock lock(mu_);
  io_ = nullptr;
  tasks.swap(tasks_);
}

ServerCore::ServerCore(Options options, MakeConnection make)
    : options_(std::move(options)), make_(std::move(make)), work_(asio::make_work_guard(io_)) {
  if (options_.metrics == nullptr) return;
  const auto labels = fmt::format("listener=\"{}\"", options_.name);
  open_ = &options_.metrics->Gauge("steelthread_net_connections", "Open connections.", labels);
  accepted_ = &options_.metrics->Counter("steelthread_net_connections_accepted_total",
                                         "Connections accepted.", labels);
  refused_ = &options_.metrics->Counter("steelthread_net_connections_refused_total",
                                        "Connections over the limit.", labels);
  failed_ = &options_.metrics->Counter(
      "steelthread_net_failures_total",
      "Connections and requests that ended because there was no memory for them.", labels);
}

ServerCore::~ServerCore() {
  BeginStop(0);
  Join();
}

void ServerCore::Start() {
  ScheduleSweep(options_.sweep_us);
  thread_ = os::Thread("net-" + options_.name, [this] { Serve(); });
}

// Each connection has its own fence; this one is for the server's own work.
void ServerCore::Serve() {
  while (!io_.stopped()) {
    try {
      io_.run();
    } catch (const std::exception&) {
      CountFailure();
    }
  }
}

void ServerCore::RunFenced(const std::function<void()>& task) {
  try {
    task();
  } catch (const std::exception&) {
    CountFailure();
  }
}

void ServerCore::RunAfter(std::int64_t delay_us, std::function<void()> task) {
  mailbox_->Post([this, delay_us, task = std::move(task)]() mutable {
    auto timer = std::make_shared<asio::steady_timer>(io_, std::chrono::microseconds(delay_us));
    timer->async_wait([this, timer, task = std::move(task)](error_code) { RunFenced(task); });
  });
}

void ServerCore::BeginStop(std::int64_t grace_us) {
  asio::post(io_, [this, grace_us] { Drain(grace_us); });
}

void ServerCore::Join() {
  thread_.Join();
  mailbox_->Close();
}

void ServerCore::Drain(std::int64_t grace_us) {
  is_stopping_ = true;
  ForEach([](ServedConnection& connection) { connection.Drain(); });
  ScheduleSweep(kStopPartialUs);
  stop_timer_.expires_after(std::chrono::microseconds(grace_us));
  stop_timer_.async_wait([this](error_code) {
    ForEach([](ServedConnection& connection) { connection.Close(); });
    io_.stop();
  });
  if (connections_.empty()) stop_timer_.cancel();
}

std::shared_ptr<ServedConnection> ServerCore::Find(std::uint64_t number) const {
  const auto found = connections_.find(number);
  return found == connections_.end() ? nullptr : found->second.connection;
}

void ServerCore::Remove(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  if (found->second.is_over) --over_;
  if (open_ != nullptr) open_->Add(-1);
  connections_.erase(found);
  if (is_stopping_ && connections_.empty()) stop_timer_.cancel();
}

void ServerCore::Take(os::UniqueFd socket, int family) {
  mailbox_->Post([this, family, load = Counted(load_), socket = std::move(socket)]() mutable {
    if (is_stopping_) return;
    RunFenced([&] {
      Socket connected(io_, Protocol(family, 0), socket.get());
      socket.Release();
      Admit(MakeSocketStream(std::move(connected)), std::move(load));
    });
  });
}

bool ServerCore::MakeRoomFor(const BudgetAccount& newcomer) {
  if (newcomer.used() >= options_.budgets.connections->AverageUse()) return false;
  std::shared_ptr<ServedConnection> most;
  std::uint64_t used = newcomer.used() + 1;
  for (const auto& [number, entry] : connections_) {
    if (entry.is_over || entry.charge.account_used() <= used) continue;
    if (!entry.connection->IsExpendable()) continue;
    most = entry.connection;
    used = entry.charge.account_used();
  }
  if (!most) return false;
  if (refused_ != nullptr) refused_->Add();
  most->Close();
  return true;
}

void ServerCore::Admit(std::unique_ptr<Stream> stream, Counted load) {
  if (accepted_ != nullptr) accepted_->Add();
  const auto client = ClientOf(stream->peer());
  const auto account = options_.budgets.connections->AccountOf(client);
  Charge charge(account);
  const bool is_within_budget = charge.Resize(1) || (MakeRoomFor(*account) && charge.Resize(1));
  if (!is_within_budget) charge.CountRefusal();
  Counted served(*options_.served);
  const bool is_over = !is_within_budget || served.before() >= options_.max_connections;
  if (is_over) served = {};
  if (is_over && refused_ != nullptr) refused_->Add();
  if (is_over && over_ >= options_.max_refusals) return;
  const std::uint64_t number = ++last_number_;
  auto connection = make_(
      std::move(stream),
      {.number = number, .is_over = is_over, .memory = options_.budgets.memory->AccountOf(client)});
  connections_[number] = {.connection = connection,
                          .load = std::move(load),
                          .served = std::move(served),
                          .charge = std::move(charge),
                          .is_over = is_over};
  if (is_over) ++over_;
  if (open_ != nullptr) open_->Add();
  connection->Start();
}

void ServerCore::ScheduleSweep(std::int64_t delay_us) {
  sweep_timer_.expires_after(std::chrono::microseconds(delay_us));
  sweep_timer_.async_wait([this](error_code error) {
    if (error) return;
    const std::int64_t now_us = MonotonicUs();
    ForEach([now_us](ServedConnection& connection) { connection.Sweep(now_us); });
    ScheduleSweep(options_.sweep_us);
  });
}

// Iterates over a copy, because a visit may remove connections.
void ServerCore::ForEach(const std::function<void(ServedConnection&)>& visit) {
  std::vector<std::shared_ptr<ServedConnection>> all;
  all.reserve(connections_.size());
  for (const auto& [number, entry] : connections_) all.push_back(entry.connection);
  for (const auto& connection : all) visit(*connection);
}

}  // namespace st::net
