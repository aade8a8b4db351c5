#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <ctime>
#include <vector>

#include "net/http.h"
#include "net/http_intake.h"
#include "net/http_text.h"
#include "net/limits.h"
#include "net/memory.h"
#include "net/server_core.h"

namespace st::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// What the connections of one server share; on the io thread, but for what is constant.
class Shared {
 public:
  Shared(const HttpOptions& options, HttpHandler http_handler)
      : limits(options.limits), handler(std::move(http_handler)) {
    if (options.metrics == nullptr) return;
    for (std::size_t i = 0; i < by_class_.size(); ++i) {
      by_class_[i] = &options.metrics->Counter(
          "steelthread_http_requests_total", "Requests answered, by class of status.",
          fmt::format("listener=\"{}\",code=\"{}xx\"", options.name, i + 1));
    }
  }
  void Count(int status) {
    const auto index = static_cast<std::size_t>(status / 100 - 1);
    if (index < by_class_.size() && by_class_[index] != nullptr) by_class_[index]->Add();
  }
  const std::string& Date() {
    const std::time_t now = std::time(nullptr);
    if (now != date_second_) {
      date_second_ = now;
      date_ = HttpDate(now);
    }
    return date_;
  }

  const HttpLimits limits;
  const HttpHandler handler;
  ServerCore* core = nullptr;
  // Where bytes go that nobody looks at, of any connection.
  std::vector<char> dropped = std::vector<char>(kBodyBufferBytes);

 private:
  std::array<Metric*, 5> by_class_{};
  std::time_t date_second_ = -1;
  std::string date_;
};

// One request at a time: what is pipelined waits in the intake.
class Connection final : public ServedConnection, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Shared& shared, Socket socket, const ServerCore::Place& place);
  void Start() override;
  void Sweep(std::int64_t now_us) override;
  void Drain() override;
  void Close() override;
  bool IsExpendable() const override { return is_reading() || phase_ == Phase::kLingering; }
  void Answer(HttpResponse response);

 private:
  enum class Phase { kNew, kIdle, kHead, kBody, kHandling, kWriting, kLingering, kClosed };
  void Enter(Phase phase, std::int64_t timeout_us);
  bool is_reading() const {
    return phase_ == Phase::kIdle || phase_ == Phase::kHead || phase_ == Phase::kBody;
  }
  void Next();
  void EnterReading();
  void Read();
  void OnRead(std::size_t n);
  bool HasRoom();
  bool Recharge(std::uint64_t held);
  void Handle();
  void Render(HttpResponse response);
  void Refuse(const HttpResponse& response);
  void WriteSome();
  void OnWritten(std::size_t n);
  void Finish();
  void Linger();

  Shared& shared_;
  const ServerCore::Place place_;
  Socket socket_;
  Charge charge_;
  std::string peer_;
  std::string local_;
  HttpIntake intake_;
  HttpIntake::Traits traits_;
  std::string out_;  // a head, and a short body
  std::shared_ptr<const std::string> body_;
  std::size_t written_ = 0;
  std::size_t progress_bytes_ = 0;  // taken since the deadline was set
  std::uint64_t lingered_bytes_ = 0;
  std::uint64_t linger_limit_ = kMaxLingerBytes;
  Phase phase_ = Phase::kNew;
  std::int64_t deadline_us_ = 0;
  bool is_refused_ = false;
  bool is_draining_ = false;
};

class Responder final : public HttpResponder {
 public:
  Responder(Shared& shared, std::uint64_t number)
      : mailbox_(shared.core->mailbox()), core_(shared.core), number_(number) {}
  ~Responder() override {
    if (mailbox_) Send(Problem(500, "unanswered", "The request was dropped; please report it."));
  }
  void Send(HttpResponse response) override {
    const auto mailbox = std::move(mailbox_);
    // core_ lives as long as tasks run.
    mailbox->Post([core = core_, number = number_, response = std::move(response)]() mutable {
      const auto connection = core->Find(number);
      if (connection) static_cast<Connection&>(*connection).Answer(std::move(response));
    });
  }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  ServerCore* core_;
  std::uint64_t number_;
};

constexpr std::int64_t kNever = INT64_MAX;

Connection::Connection(Shared& shared, Socket socket, const ServerCore::Place& place)
    : shared_(shared),
      place_(place),
      socket_(std::move(socket)),
      charge_(place.memory),
      intake_({shared.limits.max_header_bytes, shared.limits.max_body_bytes}) {
  SetNoDelay(socket_.native_handle());
  local_ = LocalAddress(socket_.native_handle());
  peer_ = PeerAddress(socket_.native_handle());
}

void Connection::Enter(Phase phase, std::int64_t timeout_us) {
  phase_ = phase;
  deadline_us_ = timeout_us == kNever ? kNever : MonotonicUs() + timeout_us;
  if (is_draining_ && (is_reading() || phase == Phase::kLingering)) {
    deadline_us_ = std::min(deadline_us_, MonotonicUs() + kStopPartialUs);
  }
}

void Connection::Start() {
  if (!place_.is_over) {
    Enter(Phase::kIdle, shared_.limits.header_timeout_us);
    return Read();
  }
  auto refusal = Problem(503, "too_many_connections", "The server has no connection to spare.");
  refusal.headers.emplace_back("Retry-After", "1");
  Refuse(refusal);
}

void Connection::Sweep(std::int64_t now_us) {
  if (now_us < deadline_us_ || phase_ == Phase::kClosed) return;
  if (is_reading()) traits_ = {};
  if (phase_ == Phase::kHead) {
    return Refuse(Problem(408, "timeout", "The request's header did not arrive in time."));
  }
  if (phase_ == Phase::kBody) {
    return Refuse(Problem(408, "timeout", "The request's body did not arrive in time."));
  }
  Close();
}

// Handles the next request if it is here, else reads on.
void Connection::Next() {
  switch (intake_.state()) {
    case HttpIntake::State::kReady:
      return Handle();
    case HttpIntake::State::kRefused: {
      const auto& refusal = intake_.refusal();
      traits_ = intake_.refused_traits();  // after a HEAD the refusal has no body
      return Refuse(Problem(refusal.status, refusal.code, refusal.detail));
    }
    case HttpIntake::State::kHead:
    case HttpIntake::State::kBody:
      break;
  }
  if (is_draining_ && !intake_.is_within_request()) return Close();
  EnterReading();
  if (!intake_.TakeExpectation()) return Read();
  out_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(out_),
                    [self = shared_from_this()](error_code error, std::size_t) {
                      if (!self->is_reading()) return;
                      if (error) return self->Close();
                      self->Read();
                    });
}

// A phase's time runs from its first byte, whatever trickles in later.
void Connection::EnterReading() {
  if (intake_.state() == HttpIntake::State::kBody) {
    if (phase_ != Phase::kBody) Enter(Phase::kBody, shared_.limits.body_timeout_us);
  } else if (intake_.is_within_request()) {
    if (phase_ != Phase::kHead) Enter(Phase::kHead, shared_.limits.header_timeout_us);
  } else if (phase_ != Phase::kIdle) {
    Enter(Phase::kIdle, shared_.limits.idle_timeout_us);
  }
}

void Connection::Read() {
  const auto room = intake_.Room();
  if (!HasRoom()) return;  // before a byte is in it
  socket_.async_read_some(asio::buffer(room.data(), room.size()),
                          [self = shared_from_this()](error_code error, std::size_t n) {
                            if (!self->is_reading()) return;
                            if (error) return self->Close();
                            self->Fence([&] { self->OnRead(n); });
                          });
}

void Connection::OnRead(std::size_t n) {
  intake_.Commit(n);
  if (HasRoom()) Next();
}

bool Connection::HasRoom() {
  if (Recharge(intake_.held_bytes())) return true;
  charge_.CountRefusal();
  auto refusal = Problem(503, "too_many_bodies",
                         "Requests of this client that are on their way take too much memory.");
  refusal.headers.emplace_back("Retry-After", "1");
  linger_limit_ = kMaxOverBudgetLingerBytes;
  Refuse(refusal);
  return false;
}

// What a connection holds beyond what each may have is charged to its client.
bool Connection::Recharge(std::uint64_t held) {
  return charge_.Resize(held > kUnchargedBytes ? held - kUnchargedBytes : 0);
}

void Connection::Handle() {
  Enter(Phase::kHandling, kNever);
  auto [request, traits] = intake_.Take();
  traits_ = traits;
  request.peer = peer_;
  request.local = local_;
  request.principal = kLocalPrincipal;
  auto responder = std::make_unique<Responder>(shared_, place_.number);
  try {
    shared_.handler(std::move(request), std::move(responder));
  } catch (const std::exception&) {
    // The responder went with the handler's frame and has answered 500.
  }
}

void Connection::Refuse(const HttpResponse& response) {
  error_code ignored;
  if (is_reading()) socket_.cancel(ignored);
  intake_.Forget();
  is_refused_ = true;
  traits_.keep_alive = false;
  phase_ = Phase::kHandling;
  Answer(response);
}

void Connection::Answer(HttpResponse response) {
  if (phase_ != Phase::kHandling) return;
  if (is_draining_) traits_.keep_alive = false;
  Fence([&] {
    if (!Recharge(response.content().size() + intake_.held_bytes())) {
      charge_.CountRefusal();
      response = Problem(503, "too_many_answers",
                         "Answers that this client has not taken yet take too much memory.");
      response.headers.emplace_back("Retry-After", "1");
      static_cast<void>(Recharge(0));
    }
    Render(std::move(response));
    WriteSome();
  });
}

void Connection::Render(HttpResponse response) {
  shared_.Count(response.status);
  const ResponseStyle style{.date = shared_.Date(),
                            .keep_alive = traits_.keep_alive,
                            .is_http10 = traits_.is_http10,
                            .without_body = traits_.is_head};
  out_ = SerializeHead(response, style);
  written_ = 0;
  progress_bytes_ = 0;
  if (!HasContent(response, style)) return;
  if (response.content().size() <= kInlineBodyBytes) {
    out_ += response.content();
  } else if (response.shared_body) {
    body_ = std::move(response.shared_body);
  } else {
    body_ = std::make_shared<const std::string>(std::move(response.body));
  }
}

// The timeout is for a peer that takes nothing, or next to nothing.
void Connection::WriteSome() {
  if (progress_bytes_ == 0 || progress_bytes_ >= kMinWriteProgressBytes) {
    Enter(Phase::kWriting, shared_.limits.write_timeout_us);
    progress_bytes_ = 0;
  }
  const std::size_t of_body = written_ > out_.size() ? written_ - out_.size() : 0;
  const std::array<asio::const_buffer, 2> buffers = {
      asio::buffer(out_) + written_, body_ ? asio::buffer(*body_) + of_body : asio::const_buffer()};
  socket_.async_write_some(buffers, [self = shared_from_this()](error_code error, std::size_t n) {
    if (self->phase_ != Phase::kWriting) return;
    if (error) return self->Close();
    self->Fence([&] { self->OnWritten(n); });
  });
}

void Connection::OnWritten(std::size_t n) {
  written_ += n;
  progress_bytes_ += n;
  if (written_ < out_.size() + (body_ ? body_->size() : 0)) return WriteSome();
  Finish();
}

void Connection::Finish() {
  if (out_.capacity() > kInlineBodyBytes) FreeMemory(out_);
  body_.reset();
  static_cast<void>(Recharge(intake_.held_bytes()));  // less than before
  if (traits_.keep_alive) return Next();
  // Bytes that nobody reads would turn the close into a reset, and lose the answer on its way.
  error_code ignored;
  const bool has_more = intake_.is_within_request() || socket_.available(ignored) > 0;
  return is_refused_ || has_more ? Linger() : Close();
}

void Connection::Linger() {
  error_code ignored;
  if (phase_ != Phase::kLingering) {
    Enter(Phase::kLingering, kLingerUs);
    socket_.shutdown(Socket::shutdown_send, ignored);
    FreeMemory(out_);
  }
  socket_.async_read_some(asio::buffer(shared_.dropped),
                          [self = shared_from_this()](error_code error, std::size_t n) {
                            if (self->phase_ != Phase::kLingering) return;
                            self->lingered_bytes_ += n;
                            if (error || self->lingered_bytes_ > self->linger_limit_) {
                              return self->Close();
                            }
                            self->Linger();
                          });
}

void Connection::Drain() {
  is_draining_ = true;
  if (phase_ == Phase::kIdle) return Close();
  if (is_reading() || phase_ == Phase::kLingering) {
    deadline_us_ = std::min(deadline_us_, MonotonicUs() + kStopPartialUs);
  }
}

void Connection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  charge_ = {};
  error_code ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
  shared_.core->Remove(place_.number);
}

std::int64_t ShortestTimeout(const HttpLimits& limits) {
  return std::min({limits.header_timeout_us, limits.body_timeout_us, limits.idle_timeout_us,
                   limits.write_timeout_us});
}

class Server final : public HttpServer {
 public:
  Server(const HttpOptions& options, HttpHandler handler)
      : shared_(options, std::move(handler)),
        core_({.listen = options.listen,
               .name = options.name,
               .max_connections = options.limits.max_connections,
               .max_refusals = kMaxLingeringRefusals,
               .budgets = options.budgets,
               .sweep_us = SweepInterval(ShortestTimeout(options.limits)),
               .metrics = options.metrics},
              [this](Socket socket, const ServerCore::Place& place) {
                return std::make_shared<Connection>(shared_, std::move(socket), place);
              }) {
    shared_.core = &core_;
  }
  Status Open() { return core_.Open(); }
  const std::string& address() const override { return core_.address(); }
  void Stop(std::int64_t grace_us) override { core_.Stop(grace_us); }

 private:
  Shared shared_;
  ServerCore core_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(HttpOptions options, HttpHandler handler) {
  auto server = std::make_unique<Server>(options, std::move(handler));
  ST_TRY_STATUS(server->Open());
  return server;
}

}  // namespace st::net
