#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <future>
#include <set>

#include "base/endian.h"
#include "net/address.h"
#include "net/frames.h"
#include "net/limits.h"
#include "os/thread.h"

namespace st::net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kLengthBytes = 4;

class Server;

// One connection; all of it on the io thread. Requests are numbered; answers wait in `slots_` until
// those before them are there.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Server& server, tcp::socket socket);
  void Start() { ReadLength(); }
  void Answer(std::uint64_t number, std::optional<std::string> payload);
  void CloseAfter(std::uint64_t number);
  // Reads no more; closes once all requests in hand are answered.
  void Drain();
  void Close();
  bool is_idle_since(std::int64_t deadline_ticks) const { return last_active_ < deadline_ticks; }

 private:
  struct Slot {
    bool ready = false;
    bool close = false;
    std::optional<std::string> payload;  // with its length; none: no answer
  };
  void ReadLength();
  void ReadBody(std::size_t had);
  void Dispatch();
  void Flush();
  void CloseIfDrained();

  Server& server_;
  tcp::socket socket_;
  FrameSession session_;
  std::array<char, kLengthBytes> length_{};
  std::size_t wanted_ = 0;
  std::string frame_;
  std::deque<Slot> slots_;
  std::uint64_t first_slot_ = 0;
  std::vector<std::string> writing_;
  bool is_writing_ = false;
  bool is_reading_ = false;
  bool is_draining_ = false;
  bool is_closed_ = false;
  std::int64_t last_active_ = 0;
};

class Server final : public FrameServer {
 public:
  Server(FrameOptions options, FrameHandler handler)
      : options_(std::move(options)), handler_(std::move(handler)) {}
  ~Server() override { Stop(0); }

  Status Open() {
    ST_TRY(auto fd, Listen(options_.listen));
    address_ = LocalAddress(fd.get());
    const bool is_v6 = address_.starts_with('[');
    acceptor_.assign(is_v6 ? tcp::v6() : tcp::v4(), fd.Release());
    Accept();
    Sweep();
    thread_ = os::Thread("net-" + options_.name, [this] { io_.run(); });
    return {};
  }

  const std::string& address() const override { return address_; }

  void Stop(std::int64_t grace_us) override {
    if (stopped_.exchange(true)) return;
    asio::post(io_, [this, grace_us] {
      error_code ignored;
      acceptor_.close(ignored);
      is_stopping_ = true;
      for (const auto& connection : std::set(connections_)) connection->Drain();
      stop_timer_.expires_after(std::chrono::microseconds(grace_us));
      stop_timer_.async_wait([this](error_code) { Finish(); });
      if (connections_.empty()) stop_timer_.cancel();
    });
    thread_.Join();
  }

  void RunAfter(std::int64_t delay_us, std::function<void()> task) override {
    asio::post(io_, [this, delay_us, task = std::move(task)]() mutable {
      auto timer = std::make_shared<asio::steady_timer>(io_, std::chrono::microseconds(delay_us));
      timer->async_wait([timer, task = std::move(task)](error_code) { task(); });
    });
  }

  void Post(std::function<void()> task) { asio::post(io_, std::move(task)); }
  void Remove(const std::shared_ptr<Connection>& connection) {
    connections_.erase(connection);
    if (is_stopping_ && connections_.empty()) stop_timer_.cancel();
  }
  const FrameOptions& options() const { return options_; }
  const FrameHandler& handler() const { return handler_; }
  std::int64_t ticks() const { return ticks_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (is_stopping_ || error == asio::error::operation_aborted) return;
      if (error) {
        // No descriptor is left, most likely: wait rather than spin.
        accept_timer_.expires_after(std::chrono::microseconds(kAcceptBackoffUs));
        accept_timer_.async_wait([this](error_code) { Accept(); });
        return;
      }
      if (connections_.size() < options_.max_connections) {
        auto connection = std::make_shared<Connection>(*this, std::move(socket));
        connections_.insert(connection);
        connection->Start();
      }
      Accept();
    });
  }

  // Once a second: closes connections that were idle too long.
  void Sweep() {
    sweep_timer_.expires_after(std::chrono::microseconds(kSweepUs));
    sweep_timer_.async_wait([this](error_code error) {
      if (error || is_stopping_) return;
      ++ticks_;
      const std::int64_t deadline = ticks_ - options_.idle_timeout_us / kSweepUs;
      for (const auto& connection : std::set(connections_)) {
        if (connection->is_idle_since(deadline)) connection->Close();
      }
      Sweep();
    });
  }

  void Finish() {
    for (const auto& connection : std::set(connections_)) connection->Close();
    io_.stop();
  }

  FrameOptions options_;
  FrameHandler handler_;
  std::string address_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  tcp::acceptor acceptor_{io_};
  asio::steady_timer accept_timer_{io_};
  asio::steady_timer sweep_timer_{io_};
  asio::steady_timer stop_timer_{io_};
  std::set<std::shared_ptr<Connection>> connections_;
  std::int64_t ticks_ = 0;
  bool is_stopping_ = false;
  std::atomic<bool> stopped_ = false;
  os::Thread thread_;
};

// Crosses from any thread to the io thread.
class Responder final : public FrameResponder {
 public:
  Responder(Server& server, std::shared_ptr<Connection> connection, std::uint64_t number)
      : server_(server), connection_(std::move(connection)), number_(number) {}
  ~Responder() override {
    if (connection_) Close();
  }
  void Send(std::string payload) override { Answer(std::move(payload)); }
  void SendNothing() override { Answer(std::nullopt); }
  void Close() override {
    server_.Post([connection = std::move(connection_), number = number_] {
      connection->CloseAfter(number);
    });
    connection_.reset();
  }

 private:
  void Answer(std::optional<std::string> payload) {
    server_.Post([connection = std::move(connection_), number = number_,
                  payload = std::move(payload)]() mutable {
      connection->Answer(number, std::move(payload));
    });
    connection_.reset();
  }

  Server& server_;
  std::shared_ptr<Connection> connection_;
  std::uint64_t number_;
};

Connection::Connection(Server& server, tcp::socket socket)
    : server_(server), socket_(std::move(socket)), last_active_(server.ticks()) {
  SetNoDelay(socket_.native_handle());
  error_code error;
  session_.local = LocalAddress(socket_.native_handle());
  const auto peer = socket_.remote_endpoint(error);
  if (!error) session_.peer = fmt::format("{}:{}", peer.address().to_string(), peer.port());
}

void Connection::ReadLength() {
  if (is_closed_ || is_draining_ || is_reading_ ||
      slots_.size() >= server_.options().max_pipelined) {
    return;
  }
  is_reading_ = true;
  asio::async_read(socket_, asio::buffer(length_),
                   [self = shared_from_this()](error_code error, std::size_t) {
                     if (error) return self->Drain();
                     self->wanted_ = LoadBig<std::uint32_t>({self->length_.data(), kLengthBytes});
                     if (self->wanted_ > self->server_.options().max_frame_bytes) {
                       return self->Close();
                     }
                     self->frame_.clear();
                     self->ReadBody(0);
                   });
}

// Grows with what arrives: a length alone must not cost memory.
void Connection::ReadBody(std::size_t had) {
  if (had == wanted_) return Dispatch();
  const std::size_t step = std::min(wanted_ - had, std::max(had, kFrameGrowthBytes));
  frame_.resize(had + step);
  asio::async_read(socket_, asio::buffer(frame_.data() + had, step),
                   [self = shared_from_this(), had, step](error_code error, std::size_t) {
                     if (error) return self->Drain();
                     self->ReadBody(had + step);
                   });
}

void Connection::Dispatch() {
  is_reading_ = false;
  if (is_closed_ || is_draining_) return;
  last_active_ = server_.ticks();
  const std::uint64_t number = first_slot_ + slots_.size();
  slots_.emplace_back();
  auto responder = std::make_unique<Responder>(server_, shared_from_this(), number);
  server_.handler()(session_, std::move(frame_), std::move(responder));
  frame_ = {};
  ReadLength();
}

void Connection::Answer(std::uint64_t number, std::optional<std::string> payload) {
  if (is_closed_) return;
  Slot& slot = slots_[number - first_slot_];
  slot.ready = true;
  if (payload) {
    std::string framed;
    AppendBig(framed, static_cast<std::uint32_t>(payload->size()));
    slot.payload = framed + *payload;
  }
  last_active_ = server_.ticks();
  Flush();
}

void Connection::CloseAfter(std::uint64_t number) {
  if (is_closed_) return;
  slots_[number - first_slot_].ready = true;
  slots_[number - first_slot_].close = true;
  Flush();
}

void Connection::Flush() {
  if (is_writing_ || is_closed_) return;
  writing_.clear();
  while (!slots_.empty() && slots_.front().ready) {
    if (slots_.front().close) {
      is_draining_ = true;
      slots_.clear();
      break;
    }
    if (slots_.front().payload) writing_.push_back(std::move(*slots_.front().payload));
    slots_.pop_front();
    ++first_slot_;
  }
  ReadLength();
  if (writing_.empty()) return CloseIfDrained();
  is_writing_ = true;
  std::vector<asio::const_buffer> buffers;
  for (const auto& part : writing_) buffers.push_back(asio::buffer(part));
  asio::async_write(socket_, buffers, [self = shared_from_this()](error_code error, std::size_t) {
    self->is_writing_ = false;
    if (error) return self->Close();
    self->Flush();
  });
}

void Connection::Drain() {
  is_draining_ = true;
  CloseIfDrained();
}

void Connection::CloseIfDrained() {
  if (is_draining_ && !is_writing_ && slots_.empty()) Close();
}

void Connection::Close() {
  if (is_closed_) return;
  is_closed_ = true;
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_both, ignored);
  socket_.close(ignored);
  server_.Remove(shared_from_this());
}

}  // namespace

Result<std::unique_ptr<FrameServer>> FrameServer::Start(FrameOptions options,
                                                        FrameHandler handler) {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler));
  ST_TRY_STATUS(server->Open());
  return server;
}

}  // namespace st::net
