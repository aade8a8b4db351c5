#include "net/server_core.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>

#include "net/limits.h"

namespace st::net {

namespace asio = boost::asio;
using boost::system::error_code;

std::int64_t MonotonicUs() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

std::int64_t SweepInterval(std::int64_t shortest_timeout_us) {
  return std::clamp(shortest_timeout_us / 4, kMinSweepUs, kSweepUs);
}

void Mailbox::Post(Task task) {
  const MutexLock lock(mu_);
  if (io_ == nullptr) return;
  tasks_.push_back(std::move(task));
  // One wake-up for what gathers until the io thread looks.
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
    : options_(std::move(options)), make_(std::move(make)), work_(asio::make_work_guard(io_)) {}

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
  }
  const int family = UnixPath(options_.listen)   ? AF_UNIX
                     : address_.starts_with('[') ? AF_INET6
                                                 : AF_INET;
  acceptor_.assign(Protocol(family, 0), listener_->TakeFd().Release());
  Accept();
  ScheduleSweep(options_.sweep_us);
  thread_ = os::Thread("net-" + options_.name, [this] { io_.run(); });
  return {};
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
      // No descriptor is left, most likely: wait rather than spin.
      accept_timer_.expires_after(std::chrono::microseconds(kAcceptBackoffUs));
      accept_timer_.async_wait([this](error_code) { Accept(); });
      return;
    }
    Admit(std::move(socket));
    Accept();
  });
}

void ServerCore::Admit(Socket socket) {
  if (accepted_ != nullptr) accepted_->Add();
  const bool is_over = connections_.size() - over_ >= options_.max_connections;
  if (is_over && refused_ != nullptr) refused_->Add();
  if (is_over && over_ >= options_.max_refusals) return;
  const std::uint64_t number = ++last_number_;
  auto connection = make_(std::move(socket), number, is_over);
  connections_[number] = {.connection = connection, .is_over = is_over};
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

// Over a copy: a visit may remove.
void ServerCore::ForEach(const std::function<void(ServedConnection&)>& visit) {
  std::vector<std::shared_ptr<ServedConnection>> all;
  all.reserve(connections_.size());
  for (const auto& [number, entry] : connections_) all.push_back(entry.connection);
  for (const auto& connection : all) visit(*connection);
}

}  // namespace st::net
