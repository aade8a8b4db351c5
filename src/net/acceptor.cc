#include "net/acceptor.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <utility>

#include "net/limits.h"
#include "os/paths.h"

namespace st::net {

namespace asio = boost::asio;
using boost::system::error_code;

ServerCore::Options SharedBy(ServerCore::Options options) {
  if (!options.budgets.memory) options.budgets = ClientBudgets::ForProcess(nullptr);
  options.served = std::make_shared<std::atomic<std::uint32_t>>(0);
  return options;
}

Acceptor::Acceptor(Options options, std::vector<ServerCore*> cores)
    : options_(std::move(options)),
      cores_(std::move(cores)),
      acceptor_(cores_.front()->io()),
      pause_(cores_.front()->io()) {}

Status Acceptor::Open() {
  ST_TRY(auto listener, Listener::Open(options_.listen));
  listener_.emplace(std::move(listener));
  address_ = listener_->address();
  if (options_.metrics != nullptr) {
    const auto labels = fmt::format("listener=\"{}\"", options_.name);
    accepted_ = &options_.metrics->Counter("steelthread_net_connections_accepted_total",
                                           "Connections accepted.", labels);
    refused_ = &options_.metrics->Counter("steelthread_net_connections_refused_total",
                                          "Connections over the limit.", labels);
  }
  family_ = UnixPath(options_.listen) ? AF_UNIX : address_.starts_with('[') ? AF_INET6 : AF_INET;
  acceptor_.assign(Protocol(family_, 0), listener_->TakeFd().Release());
  spare_ = os::OpenNull();
  Accept();
  for (auto* core : cores_) core->Start();
  return {};
}

void Acceptor::Stop(std::int64_t grace_us) {
  if (is_stopped_.exchange(true)) return;
  asio::post(cores_.front()->io(), [this] { Close(); });
  for (auto* core : cores_) core->BeginStop(grace_us);
  for (auto* core : cores_) core->Join();
  listener_.reset();
}

void Acceptor::Close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  spare_.Reset();
  is_closed_ = true;
}

ServerCore& Acceptor::LeastLoaded() const {
  return **std::ranges::min_element(cores_, {}, [](const auto* core) { return core->load(); });
}

void Acceptor::Accept() {
  acceptor_.async_accept([this](error_code error, Socket socket) {
    if (is_closed_ || error == asio::error::operation_aborted) return;
    if (error) {
      if (error == asio::error::no_descriptors || error.value() == ENFILE) TurnAway();
      pause_.expires_after(std::chrono::microseconds(kAcceptBackoffUs));
      pause_.async_wait([this](error_code) {
        if (!is_closed_) Accept();
      });
      return;
    }
    auto& core = LeastLoaded();
    core.RunFenced([&] { core.Take(os::UniqueFd(socket.release()), family_); });
    Accept();
  });
}

void Acceptor::TurnAway() {
  spare_.Reset();
  for (int i = 0; i < kTurnedAwayAtOnce; ++i) {
    const os::UniqueFd client(
        ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!client.is_open()) break;
    if (accepted_ != nullptr) accepted_->Add();
    if (refused_ != nullptr) refused_->Add();
  }
  spare_ = os::OpenNull();
}

}  // namespace st::net
