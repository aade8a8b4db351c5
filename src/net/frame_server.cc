#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <chrono>
#include <deque>

#include "base/endian.h"
#include "net/frames.h"
#include "net/limits.h"
#include "net/server_core.h"

namespace st::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kLengthBytes = 4;

// What the connections of one server share; on the io thread, but for what is constant.
struct Shared {
  const FrameOptions options;
  const FrameHandler handler;
  ServerCore* core = nullptr;
  Metric* frames = nullptr;
};

// Requests are numbered; answers wait in `slots_` until those before them are there.
class Connection final : public ServedConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, Socket socket, std::uint64_t number);
  void Start() override { ReadLength(); }
  void Sweep(std::int64_t now_us) override;
  // Reads no more; closes once all requests in hand are answered.
  void Drain() override;
  void Close() override;
  void Answer(std::uint64_t request, std::optional<std::string> payload);
  void CloseAfter(std::uint64_t request);

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
  void WriteSome();
  void CloseIfDrained();

  Shared& shared_;
  const std::uint64_t number_;
  Socket socket_;
  FrameSession session_;
  std::array<char, kLengthBytes> length_{};
  std::size_t wanted_ = 0;
  std::string frame_;
  std::deque<Slot> slots_;
  std::uint64_t first_slot_ = 0;
  std::deque<std::string> writing_;  // answers on their way; the first is out up to `written_`
  std::size_t written_ = 0;
  std::size_t unsent_bytes_ = 0;
  std::int64_t write_began_us_ = 0;
  bool is_reading_ = false;
  bool is_draining_ = false;
  bool is_closed_ = false;
  std::int64_t last_active_us_ = MonotonicUs();
};

// Crosses from any thread to the io thread.
class Responder final : public FrameResponder {
 public:
  struct Place {
    std::uint64_t connection;
    std::uint64_t request;
  };
  Responder(ServerCore& core, Place place) : mailbox_(core.mailbox()), core_(core), place_(place) {}
  ~Responder() override {
    if (mailbox_) Close();
  }
  void Send(std::string payload) override { Answer(std::move(payload)); }
  void SendNothing() override { Answer(std::nullopt); }
  void Close() override {
    Post([request = place_.request](Connection& connection) { connection.CloseAfter(request); });
  }

 private:
  void Answer(std::optional<std::string> payload) {
    Post([request = place_.request, payload = std::move(payload)](Connection& connection) mutable {
      connection.Answer(request, std::move(payload));
    });
  }
  // `core_` lives as long as tasks run.
  template <typename Task>
  void Post(Task task) {
    const auto mailbox = std::move(mailbox_);
    mailbox->Post([core = &core_, number = place_.connection, task = std::move(task)]() mutable {
      const auto connection = core->Find(number);
      if (connection) task(static_cast<Connection&>(*connection));
    });
  }

  std::shared_ptr<Mailbox> mailbox_;
  ServerCore& core_;
  const Place place_;
};

Connection::Connection(Shared& shared, Socket socket, std::uint64_t number)
    : shared_(shared), number_(number), socket_(std::move(socket)) {
  SetNoDelay(socket_.native_handle());
  session_.local = LocalAddress(socket_.native_handle());
  session_.peer = PeerAddress(socket_.native_handle());
}

void Connection::Sweep(std::int64_t now_us) {
  const bool is_stuck =
      !writing_.empty() && now_us - write_began_us_ > shared_.options.write_timeout_us;
  const bool is_idle = slots_.empty() && now_us - last_active_us_ > shared_.options.idle_timeout_us;
  if (is_stuck || is_idle) Close();
}

void Connection::ReadLength() {
  if (is_closed_ || is_draining_ || is_reading_ || slots_.size() >= shared_.options.max_pipelined ||
      unsent_bytes_ > kMaxUnsentFrameBytes) {
    return;
  }
  is_reading_ = true;
  asio::async_read(socket_, asio::buffer(length_),
                   [self = shared_from_this()](error_code error, std::size_t) {
                     if (error) return self->Drain();
                     self->wanted_ = LoadBig<std::uint32_t>({self->length_.data(), kLengthBytes});
                     if (self->wanted_ > self->shared_.options.max_frame_bytes) {
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
  last_active_us_ = MonotonicUs();
  if (shared_.frames != nullptr) shared_.frames->Add();
  const std::uint64_t number = first_slot_ + slots_.size();
  slots_.emplace_back();
  auto responder = std::make_unique<Responder>(
      *shared_.core, Responder::Place{.connection = number_, .request = number});
  shared_.handler(session_, std::move(frame_), std::move(responder));
  frame_ = {};
  ReadLength();
}

void Connection::Answer(std::uint64_t request, std::optional<std::string> payload) {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return;  // closed by one before it
  Slot& slot = slots_[request - first_slot_];
  slot.ready = true;
  if (payload) {
    std::string framed;
    AppendBig(framed, static_cast<std::uint32_t>(payload->size()));
    slot.payload = framed + *payload;
  }
  last_active_us_ = MonotonicUs();
  Flush();
}

void Connection::CloseAfter(std::uint64_t request) {
  if (is_closed_ || request - first_slot_ >= slots_.size()) return;
  slots_[request - first_slot_].ready = true;
  slots_[request - first_slot_].close = true;
  Flush();
}

void Connection::Flush() {
  if (is_closed_) return;
  const bool was_writing = !writing_.empty();
  while (!slots_.empty() && slots_.front().ready) {
    if (slots_.front().close) {
      is_draining_ = true;
      slots_.clear();
      break;
    }
    if (auto& payload = slots_.front().payload) {
      unsent_bytes_ += payload->size();
      writing_.push_back(std::move(*payload));
    }
    slots_.pop_front();
    ++first_slot_;
  }
  ReadLength();
  if (writing_.empty()) return CloseIfDrained();
  if (!was_writing) WriteSome();
}

// The timeout is for a peer that takes nothing, not for one that takes its time.
void Connection::WriteSome() {
  write_began_us_ = MonotonicUs();
  std::vector<asio::const_buffer> buffers;
  for (const auto& part : writing_) buffers.push_back(asio::buffer(part));
  buffers.front() += written_;
  socket_.async_write_some(buffers, [self = shared_from_this()](error_code error, std::size_t n) {
    if (error) return self->Close();
    if (self->is_closed_) return;
    self->written_ += n;
    self->unsent_bytes_ -= n;
    auto& writing = self->writing_;
    while (!writing.empty() && self->written_ >= writing.front().size()) {
      self->written_ -= writing.front().size();
      writing.pop_front();
    }
    if (!writing.empty()) return self->WriteSome();
    self->Flush();
  });
}

void Connection::Drain() {
  is_draining_ = true;
  CloseIfDrained();
}

void Connection::CloseIfDrained() {
  if (is_draining_ && writing_.empty() && slots_.empty()) Close();
}

void Connection::Close() {
  if (is_closed_) return;
  is_closed_ = true;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  shared_.core->Remove(number_);
}

class Server final : public FrameServer {
 public:
  Server(FrameOptions options, FrameHandler handler)
      : shared_{.options = std::move(options), .handler = std::move(handler)},
        core_({.listen = shared_.options.listen,
               .name = shared_.options.name,
               .max_connections = shared_.options.max_connections,
               .sweep_us = SweepInterval(
                   std::min(shared_.options.idle_timeout_us, shared_.options.write_timeout_us)),
               .metrics = shared_.options.metrics},
              [this](Socket socket, std::uint64_t number, bool) {
                return std::make_shared<Connection>(shared_, std::move(socket), number);
              }) {
    shared_.core = &core_;
    if (shared_.options.metrics == nullptr) return;
    shared_.frames =
        &shared_.options.metrics->Counter("steelthread_net_frames_total", "Frames received.",
                                          fmt::format("listener=\"{}\"", shared_.options.name));
  }
  Status Open() { return core_.Open(); }
  const std::string& address() const override { return core_.address(); }
  void Stop(std::int64_t grace_us) override { core_.Stop(grace_us); }
  void RunAfter(std::int64_t delay_us, std::function<void()> task) override {
    core_.mailbox()->Post([this, delay_us, task = std::move(task)]() mutable {
      auto timer =
          std::make_shared<asio::steady_timer>(core_.io(), std::chrono::microseconds(delay_us));
      timer->async_wait([timer, task = std::move(task)](error_code) { task(); });
    });
  }

 private:
  Shared shared_;
  ServerCore core_;
};

}  // namespace

Result<std::unique_ptr<FrameServer>> FrameServer::Start(FrameOptions options,
                                                        FrameHandler handler) {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler));
  ST_TRY_STATUS(server->Open());
  return server;
}

}  // namespace st::net
