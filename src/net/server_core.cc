#include "net/server_core.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>

#include "net/limits.h"
#include "os/paths.h"
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

namespace {
os::UniqueFd OpenSpare() { return os::OpenNull(); }

ServerCore::Options WithBudgets(ServerCore::Options options) {
  if (!options.budgets.memory) options.budgets = ClientBudgets::ForProcess(nullptr);
  return options;
}
}  // namespace

ServerCore::ServerCore(Options options, MakeConnection make)
    : options_(WithBudgets(std::move(options))),
      make_(std::move(make)),
      work_(asio::make_work_guard(io_)) {}

Status ServerCore::Open() {
  ST_TRY(auto listener, Listener::Open(options_.listen));
  listener_.emplace(std::move(listener));
  address_ = listener_->address();
  if (options_.metrics != nullptr) {
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
  const int family = UnixPath(options_.listen)   ? AF_UNIX
                     : address_.starts_with('[') ? AF_INET6
                                                 : AF_INET;
  acceptor_.assign(Protocol(family, 0), listener_->TakeFd().Release());
  spare_ = OpenSpare();
  Accept();
  ScheduleSweep(options_.sweep_us);
  thread_ = os::Thread("net-" + options_.name, [this] { Serve(); });
  return {};
}

// Each connection has its own fence; this one is for the server's own work, such as accepting.
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

void ServerCore::Stop(std::int64_t grace_us) {
  if (stopped_.exchange(true)) return;
  asio::post(io_, [this, grace_us] { BeginStop(grace_us); });
  thread_.Join();
  mailbox_->Close();
  listener_.reset();
}

void ServerCore::BeginStop(std::int64_t grace_us) {
  error_code ignored;
  acceptor_.close(ignored);
  spare_.Reset();
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

void ServerCore::Accept() {
  acceptor_.async_accept([this](error_code error, Socket socket) {
    if (is_stopping_ || error == asio::error::operation_aborted) return;
    if (error) {
      if (error == asio::error::no_descriptors || error.value() == ENFILE) TurnAway();
      accept_timer_.expires_after(std::chrono::microseconds(kAcceptBackoffUs));
      accept_timer_.async_wait([this](error_code) { Accept(); });
      return;
    }
    RunFenced([&] { Admit(MakeSocketStream(std::move(socket))); });
    Accept();
  });
}

void ServerCore::TurnAway() {
  spare_.Reset();
  for (int i = 0; i < kTurnedAwayAtOnce; ++i) {
    const os::UniqueFd client(
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!client.is_open()) break;
    if (accepted_ != nullptr) accepted_->Add();
    if (refused_ != nullptr) refused_->Add();
  }
  spare_ = OpenSpare();
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

void ServerCore::Admit(std::unique_ptr<Stream> stream) {
  if (accepted_ != nullptr) accepted_->Add();
  const auto client = ClientOf(stream->peer());
  const auto account = options_.budgets.connections->AccountOf(client);
  Charge charge(account);
  const bool is_within_budget = charge.Resize(1) || (MakeRoomFor(*account) && charge.Resize(1));
  if (!is_within_budget) charge.CountRefusal();
  const bool is_over = !is_within_budget || connections_.size() - over_ >= options_.max_connections;
  if (is_over && refused_ != nullptr) refused_->Add();
  if (is_over && over_ >= options_.max_refusals) return;
  const std::uint64_t number = ++last_number_;
  auto connection = make_(
      std::move(stream),
      {.number = number, .is_over = is_over, .memory = options_.budgets.memory->AccountOf(client)});
  connections_[number] = {
      .connection = connection, .is_over = is_over, .charge = std::move(charge)};
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
