#include "net/http_pool.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/write.hpp>
#include <deque>
#include <vector>

#include "net/address.h"
#include "net/http_reply.h"
#include "net/limits.h"
#include "net/server_core.h"

namespace st::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

struct Job {
  ClientRequest request;
  HttpPool::Done done;
};

class Pool;

// One connection, with at most one request at a time.
class PooledConnection final : public std::enable_shared_from_this<PooledConnection> {
 public:
  explicit PooledConnection(Pool& pool);
  void Start(Job job);
  // Returns false if the server has closed the connection.
  bool IsAlive();
  void Sweep(std::int64_t now_us);
  void Drop();

 private:
  enum class Phase { kNew, kConnecting, kIdle, kExchange, kClosed };
  void Connect();
  void Write();
  void WriteRest(std::size_t done);
  void Read();
  void OnReadable();
  void End(Result<ClientReply> outcome, bool keep);

  Pool& pool_;
  Socket socket_;
  Phase phase_ = Phase::kNew;
  std::int64_t deadline_us_ = 0;
  std::int64_t idle_since_us_ = 0;
  std::string out_;
  bool is_writing_ = false;  // the rest of out_ is being sent
  std::optional<ReplyReader> reader_;
  HttpPool::Done done_;
};

class Pool final : public HttpPool {
 public:
  explicit Pool(PoolOptions options, const Endpoint& endpoint)
      : options_(std::move(options)),
        to_(endpoint.get(), endpoint.size),
        work_(io_.get_executor()) {}
  ~Pool() override { Stop(); }
  void Start() {
    ScheduleSweep();
    thread_ = os::Thread(options_.name, [this] { io_.run(); });
  }
  void Send(ClientRequest request, Done done) override;
  void RunAfter(std::int64_t delay_us, Task task) override;
  std::int64_t NowUs() override { return MonotonicUs(); }
  void Post(Task task) override { mailbox_->Post(std::move(task)); }
  void Stop() override;

  const PoolOptions& options() const { return options_; }
  const Protocol::endpoint& to() const { return to_; }
  asio::io_context& io() { return io_; }
  std::array<char, kBodyBufferBytes>& scratch() { return scratch_; }
  // Gives `connection` the next request, or makes it idle; without `keep` it is forgotten.
  void Release(const std::shared_ptr<PooledConnection>& connection, bool keep);

 private:
  void ScheduleSweep();
  void StartWaiting();

  const PoolOptions options_;
  const Protocol::endpoint to_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  const std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>(io_);
  asio::steady_timer sweep_timer_{io_};
  std::vector<std::shared_ptr<PooledConnection>> all_;
  std::vector<std::shared_ptr<PooledConnection>> idle_;
  std::deque<Job> waiting_;
  std::array<char, kBodyBufferBytes> scratch_{};
  std::atomic<bool> stopped_ = false;
  os::Thread thread_;
};

PooledConnection::PooledConnection(Pool& pool) : pool_(pool), socket_(pool.io()) {}

void PooledConnection::Start(Job job) {
  done_ = std::move(job.done);
  const auto& options = pool_.options();
  auto bytes = SerializeRequest(options.endpoint, job.request, false);
  if (!bytes) return End(std::unexpected(bytes.error()), phase_ == Phase::kIdle);
  out_ = std::move(*bytes);
  reader_.emplace(options.endpoint, job.request.method == "HEAD", options.max_body_bytes);
  if (phase_ == Phase::kIdle) return Write();
  Connect();
}

void PooledConnection::Connect() {
  phase_ = Phase::kConnecting;
  deadline_us_ = MonotonicUs() + pool_.options().connect_timeout_us;
  socket_.async_connect(pool_.to(), [self = shared_from_this()](error_code error) {
    if (self->phase_ != Phase::kConnecting) return;
    if (error) {
      return self->End(Fail(ErrorCode::kUnavailable, "connect to {}: {}",
                            self->pool_.options().endpoint, error.message()),
                       false);
    }
    error_code ignored;
    self->socket_.non_blocking(true, ignored);
    SetNoDelay(self->socket_.native_handle());
    self->Write();
  });
}

// Most requests fit into the socket's buffer, so the first send needs no turn of the loop.
void PooledConnection::Write() {
  phase_ = Phase::kExchange;
  deadline_us_ = MonotonicUs() + pool_.options().timeout_us;
  const ssize_t sent = ::send(socket_.native_handle(), out_.data(), out_.size(), MSG_NOSIGNAL);
  const auto done = static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
  if (done < out_.size()) WriteRest(done);
  Read();
}

// A failed write is reported by the read, since the server may have said why before it closed.
void PooledConnection::WriteRest(std::size_t done) {
  is_writing_ = true;
  asio::async_write(
      socket_, asio::buffer(out_) + done,
      [self = shared_from_this()](error_code, std::size_t) { self->is_writing_ = false; });
}

void PooledConnection::Read() {
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](error_code) {
    if (self->phase_ == Phase::kExchange) self->OnReadable();
  });
}

void PooledConnection::OnReadable() {
  auto& part = pool_.scratch();
  const ssize_t n = ::recv(socket_.native_handle(), part.data(), part.size(), 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Read();
  auto whole =
      n > 0 ? reader_->Take({part.data(), static_cast<std::size_t>(n)}) : reader_->TakeEnd();
  if (!whole) return End(std::unexpected(whole.error()), false);
  if (!*whole) return Read();
  End(std::move(reader_->reply()), n > 0 && reader_->keep_alive() && !is_writing_);
}

void PooledConnection::End(Result<ClientReply> outcome, bool keep) {
  const auto self = shared_from_this();
  auto done = std::move(done_);
  if (keep) {
    phase_ = Phase::kIdle;
    idle_since_us_ = MonotonicUs();
  } else {
    Drop();
  }
  pool_.Release(self, keep);
  if (done) done(std::move(outcome));
}

bool PooledConnection::IsAlive() {
  constexpr std::int64_t kTrustUs = 10'000;
  if (phase_ != Phase::kIdle) return false;
  if (MonotonicUs() - idle_since_us_ < kTrustUs) return true;
  char byte = 0;
  const ssize_t n = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n < 0 && errno == EAGAIN;
}

void PooledConnection::Sweep(std::int64_t now_us) {
  if (now_us < deadline_us_) return;
  if (phase_ == Phase::kConnecting) {
    End(Fail(ErrorCode::kUnavailable, "no connection to {} in time", pool_.options().endpoint),
        false);
  } else if (phase_ == Phase::kExchange) {
    End(Fail(ErrorCode::kDeadline, "{} sent no complete reply in time", pool_.options().endpoint),
        false);
  }
}

void PooledConnection::Drop() {
  phase_ = Phase::kClosed;
  error_code ignored;
  socket_.close(ignored);
}

void Pool::Send(ClientRequest request, Done done) {
  if (waiting_.size() >= options_.max_waiting) {
    return done(Fail(ErrorCode::kUnavailable, "{} requests wait for a connection to {} already",
                     waiting_.size(), options_.endpoint));
  }
  waiting_.push_back({std::move(request), std::move(done)});
  StartWaiting();
}

void Pool::StartWaiting() {
  while (!waiting_.empty()) {
    std::shared_ptr<PooledConnection> connection;
    while (!idle_.empty() && !connection) {
      connection = std::move(idle_.back());
      idle_.pop_back();
      if (connection->IsAlive()) continue;
      connection->Drop();
      std::erase(all_, connection);
      connection = nullptr;
    }
    if (!connection) {
      if (all_.size() >= options_.max_connections) return;
      connection = std::make_shared<PooledConnection>(*this);
      all_.push_back(connection);
    }
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    connection->Start(std::move(job));
  }
}

void Pool::Release(const std::shared_ptr<PooledConnection>& connection, bool keep) {
  if (keep) {
    idle_.push_back(connection);
  } else {
    std::erase(all_, connection);
  }
  // Starting from here would recurse without end if requests fail at once.
  if (!waiting_.empty()) {
    asio::post(io_, [this] { StartWaiting(); });
  }
}

void Pool::RunAfter(std::int64_t delay_us, Task task) {
  auto timer = std::make_unique<asio::steady_timer>(io_, std::chrono::microseconds(delay_us));
  auto& waits = *timer;
  waits.async_wait([timer = std::move(timer), task = std::move(task)](error_code error) mutable {
    if (!error) task();
  });
}

void Pool::ScheduleSweep() {
  sweep_timer_.expires_after(std::chrono::microseconds(
      SweepInterval(std::min(options_.timeout_us, options_.connect_timeout_us))));
  sweep_timer_.async_wait([this](error_code error) {
    if (error) return;
    const auto now_us = MonotonicUs();
    const auto all = all_;  // Sweep may change the list
    for (const auto& connection : all) connection->Sweep(now_us);
    ScheduleSweep();
  });
}

void Pool::Stop() {
  if (stopped_.exchange(true)) return;
  mailbox_->Close();
  asio::post(io_, [this] {
    waiting_.clear();
    for (const auto& connection : all_) connection->Drop();
    all_.clear();
    idle_.clear();
    sweep_timer_.cancel();
    work_.reset();
    io_.stop();
  });
  thread_.Join();
}

}  // namespace

Result<std::unique_ptr<HttpPool>> HttpPool::Start(PoolOptions options) {
  ST_TRY(const Endpoint endpoint, ParseAddress(options.endpoint));
  auto pool = std::make_unique<Pool>(std::move(options), endpoint);
  pool->Start();
  return pool;
}

}  // namespace st::net
