#include "net/http_connection.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <utility>

#include "net/http_text.h"
#include "net/memory.h"
#include "os/system_time.h"

namespace st::net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::int64_t kNever = INT64_MAX;

// Posts tasks from any thread to a connection while it exists. `core_` lives as long as tasks run.
class Wire {
 public:
  Wire(HttpShared& shared, std::uint64_t number)
      : mailbox_(shared.core->mailbox()), core_(shared.core), number_(number) {}
  // Usable once. Runs `task` with the connection, or with null if it has closed.
  template <typename Task>
  void Post(Task task) {
    const auto mailbox = std::exchange(mailbox_, nullptr);
    mailbox->Post([core = core_, number = number_, task = std::move(task)]() mutable {
      const auto connection = core->Find(number);
      task(static_cast<HttpConnection*>(connection.get()));
    });
  }
  explicit operator bool() const { return mailbox_ != nullptr; }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  ServerCore* core_;
  std::uint64_t number_;
};

class Responder final : public HttpResponder {
 public:
  explicit Responder(Wire wire) : wire_(std::move(wire)) {}
  ~Responder() override {
    if (wire_) Send(Problem(500, "unanswered", "The request was dropped; please report it."));
  }
  void Send(HttpResponse response) override {
    wire_.Post([response = std::move(response)](HttpConnection* connection) mutable {
      if (connection != nullptr) return connection->Answer(std::move(response));
      if (response.source) response.source->Finished(false);
    });
  }

 private:
  Wire wire_;
};

// Takes one chunk of a source.
class ChunkTaker {
 public:
  explicit ChunkTaker(Wire wire) : wire_(std::move(wire)) {}
  ChunkTaker(ChunkTaker&&) = default;
  ChunkTaker& operator=(ChunkTaker&&) = delete;
  ~ChunkTaker() {
    if (wire_) (*this)(Fail(ErrorCode::kOutcomeUnknown, "the source gave no chunk"));
  }
  void operator()(Result<std::optional<std::string>> chunk) {
    if (!wire_) return;
    wire_.Post([chunk = std::move(chunk)](HttpConnection* connection) mutable {
      if (connection != nullptr) connection->TakeChunk(std::move(chunk));
    });
  }

 private:
  Wire wire_;
};

}  // namespace

HttpShared::HttpShared(const HttpOptions& options, HttpHandler http_handler)
    : limits(options.limits), handler(std::move(http_handler)) {
  if (options.metrics == nullptr) return;
  for (std::size_t i = 0; i < by_class_.size(); ++i) {
    by_class_[i] = &options.metrics->Counter(
        "steelthread_http_requests_total", "Requests answered, by class of status.",
        fmt::format("listener=\"{}\",code=\"{}xx\"", options.name, i + 1));
  }
  const auto labels = fmt::format("listener=\"{}\"", options.name);
  streams_ = &options.metrics->Gauge("steelthread_http_streams",
                                     "Answers whose body is made while it is sent.", labels);
  cut_streams_ = &options.metrics->Counter(
      "steelthread_http_streams_cut_total",
      "Streamed answers that were truncated: the client closed or read nothing, the source failed, "
      "or the server stopped.",
      labels);
}

void HttpShared::CountAnswer(int status) {
  const auto index = static_cast<std::size_t>(status / 100 - 1);
  if (index < by_class_.size() && by_class_[index] != nullptr) by_class_[index]->Add();
}

void HttpShared::CountStreamBegin() {
  if (streams_ != nullptr) streams_->Add(1);
}

void HttpShared::CountStreamEnd(bool is_whole) {
  if (streams_ != nullptr) streams_->Add(-1);
  if (cut_streams_ != nullptr && !is_whole) cut_streams_->Add();
}

const std::string& HttpShared::Date() {
  const std::time_t now = os::SystemNowUs() / 1'000'000;
  if (now != date_second_) {
    date_second_ = now;
    date_ = HttpDate(now);
  }
  return date_;
}

HttpConnection::HttpConnection(HttpShared& shared, std::unique_ptr<Stream> stream,
                               const ServerCore::Place& place)
    : shared_(shared),
      place_(place),
      stream_(std::move(stream)),
      charge_(place.memory),
      intake_({shared.limits.max_header_bytes, shared.limits.max_body_bytes}) {}

void HttpConnection::Enter(Phase phase, std::int64_t timeout_us) {
  phase_ = phase;
  deadline_us_ = timeout_us == kNever ? kNever : MonotonicUs() + timeout_us;
  if (is_draining_ && (is_reading() || phase == Phase::kLingering)) {
    deadline_us_ = std::min(deadline_us_, MonotonicUs() + kStopPartialUs);
  }
}

void HttpConnection::Start() {
  if (!place_.is_over) {
    Enter(Phase::kIdle, shared_.limits.header_timeout_us);
    return Read();
  }
  auto refusal = Problem(503, "too_many_connections", "The server has no connection to spare.");
  refusal.headers.emplace_back("Retry-After", "1");
  Refuse(refusal);
}

void HttpConnection::Sweep(std::int64_t now_us) {
  if (now_us < deadline_us_ || phase_ == Phase::kClosed) return;
  if (is_reading()) traits_ = {};
  if (phase_ == Phase::kHead) {
    return Refuse(Problem(408, "timeout", "The request's header did not arrive in time."));
  }
  if (phase_ == Phase::kOverBudget) return RefuseOverBudget();
  if (phase_ == Phase::kBody) {
    return Refuse(Problem(408, "timeout", "The request's body did not arrive in time."));
  }
  Close();
}

// Handles the next request if it is complete; otherwise reads on.
void HttpConnection::Next() {
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
  written_ = 0;
  Continue();
}

// Sends out_, then reads on.
void HttpConnection::Continue() {
  const std::array<asio::const_buffer, 1> rest = {asio::buffer(out_) + written_};
  stream_->WriteSome(rest, [self = shared_from_this()](error_code error, std::size_t n) {
    if (!self->is_reading()) return;
    if (error) return self->Close();
    self->written_ += n;
    if (self->written_ < self->out_.size()) return self->Continue();
    self->Fence([&] { self->Read(); });
  });
}

// A phase's deadline counts from its first byte; later bytes do not extend it.
void HttpConnection::EnterReading() {
  if (intake_.state() == HttpIntake::State::kBody) {
    if (phase_ != Phase::kBody) Enter(Phase::kBody, shared_.limits.body_timeout_us);
  } else if (intake_.is_within_request()) {
    if (phase_ != Phase::kHead) Enter(Phase::kHead, shared_.limits.header_timeout_us);
  } else if (phase_ != Phase::kIdle) {
    Enter(Phase::kIdle, shared_.limits.idle_timeout_us);
  }
}

void HttpConnection::Read() {
  if (is_read_pending_) return;
  const auto room = intake_.Room();
  if (is_reading() && !HasRoom()) return;  // refuses before it reads a byte
  is_read_pending_ = true;
  stream_->ReadSome(room, [self = shared_from_this()](error_code error, std::size_t n) {
    self->is_read_pending_ = false;
    self->Fence([&] { self->OnRead(error, n); });
  });
}

void HttpConnection::OnRead(error_code error, std::size_t n) {
  if (is_refused_ || phase_ == Phase::kLingering || phase_ == Phase::kClosed) return;
  if (error) {
    // A client that only shut down its sending side still gets the rest of the answer.
    has_client_ended_ = true;
    if (phase_ != Phase::kWriting) Close();
    return;
  }
  intake_.Commit(n);
  if (is_reading() && HasRoom()) Next();
}

bool HttpConnection::HasRoom() {
  if (Recharge(intake_.held_bytes())) return true;
  charge_.CountRefusal();
  StopReading();
  Enter(Phase::kOverBudget, is_draining_ ? 0 : kOverBudgetPauseUs);
  return false;
}

// A client that tries again at once would otherwise take an io thread's time with refusals.
void HttpConnection::RefuseOverBudget() {
  auto refusal = Problem(503, "too_many_bodies",
                         "The unfinished requests of this client take too much memory.");
  refusal.headers.emplace_back("Retry-After", "1");
  linger_limit_ = kMaxOverBudgetLingerBytes;
  traits_ = {};
  Refuse(refusal);
}

// Charges to its client what the connection holds beyond the uncharged bytes that each may hold.
bool HttpConnection::Recharge(std::uint64_t held) {
  return charge_.Resize(held > kUnchargedBytes ? held - kUnchargedBytes : 0);
}

void HttpConnection::Handle() {
  Enter(Phase::kHandling, kNever);
  auto [request, traits] = intake_.Take();
  traits_ = traits;
  request.peer = stream_->peer();
  request.local = stream_->local();
  request.principal = kLocalPrincipal;
  auto responder = std::make_unique<Responder>(Wire(shared_, place_.number));
  try {
    shared_.handler(std::move(request), std::move(responder));
  } catch (const std::exception&) {
    // The handler destroyed the responder, which answered 500.
  }
}

void HttpConnection::Refuse(const HttpResponse& response) {
  StopReading();
  traits_.keep_alive = false;
  phase_ = Phase::kHandling;
  Answer(response);
}

void HttpConnection::StopReading() {
  if (is_reading()) stream_->Cancel();
  intake_.Forget();
  is_refused_ = true;
}

void HttpConnection::Answer(HttpResponse response) {
  const auto refuse_source = [&response] {
    if (response.source) response.source->Finished(false);
  };
  if (phase_ != Phase::kHandling) return refuse_source();
  if (is_draining_) traits_.keep_alive = false;
  Fence([&] {
    if (!Recharge(response.content().size() + intake_.held_bytes())) {
      charge_.CountRefusal();
      refuse_source();
      response = Problem(503, "too_many_answers",
                         "The answers that this client has not read yet take too much memory.");
      response.headers.emplace_back("Retry-After", "1");
      static_cast<void>(Recharge(0));
    }
    Render(std::move(response));
  });
}

void HttpConnection::Render(HttpResponse response) {
  shared_.CountAnswer(response.status);
  if (response.source) {
    if (traits_.is_http10) traits_.keep_alive = false;
    source_ = std::move(response.source);
    shared_.CountStreamBegin();
    response.source = source_;
  }
  const ResponseStyle style{.date = shared_.Date(),
                            .keep_alive = traits_.keep_alive,
                            .is_http10 = traits_.is_http10,
                            .without_body = traits_.is_head};
  auto head = SerializeHead(response, style);
  if (!HasContent(response, style)) {
    if (source_) ReleaseSource(true);
    return Write(std::move(head), nullptr);
  }
  if (source_) return Write(std::move(head), nullptr);
  if (response.content().size() <= kInlineBodyBytes) {
    head += response.content();
    return Write(std::move(head), nullptr);
  }
  auto body = std::move(response.shared_body);
  if (!body) body = std::make_shared<const std::string>(std::move(response.body));
  Write(std::move(head), std::move(body));
}

void HttpConnection::Write(std::string out, std::shared_ptr<const std::string> body) {
  out_ = std::move(out);
  body_ = std::move(body);
  written_ = 0;
  progress_bytes_ = 0;
  WriteSome();
}

// Ends a peer that takes none of its answer, or too little: only real progress restarts the
// timeout.
void HttpConnection::WriteSome() {
  if (progress_bytes_ == 0 || progress_bytes_ >= kMinWriteProgressBytes) {
    Enter(Phase::kWriting, shared_.limits.write_timeout_us);
    progress_bytes_ = 0;
  }
  const std::size_t of_body = written_ > out_.size() ? written_ - out_.size() : 0;
  const std::array<asio::const_buffer, 2> buffers = {
      asio::buffer(out_) + written_, body_ ? asio::buffer(*body_) + of_body : asio::const_buffer()};
  stream_->WriteSome(buffers, [self = shared_from_this()](error_code error, std::size_t n) {
    if (self->phase_ != Phase::kWriting) return;
    if (error) return self->Close();
    self->Fence([&] { self->OnWritten(n); });
  });
}

void HttpConnection::OnWritten(std::size_t n) {
  written_ += n;
  progress_bytes_ += n;
  if (written_ < out_.size() + (body_ ? body_->size() : 0)) return WriteSome();
  source_ ? AwaitChunk() : Finish();
}

void HttpConnection::AwaitChunk() {
  body_.reset();
  static_cast<void>(Recharge(intake_.held_bytes()));  // it shrinks, so it cannot fail
  if (has_client_ended_) return Close();
  Enter(Phase::kAwaiting, kNever);
  if (is_draining_ && source_->is_endless()) return EndStream();
  // A pending read notices that the client closes. At most one read of a next request, so as to
  // hold little of it.
  if (!intake_.is_within_request() && intake_.state() == HttpIntake::State::kHead) Read();
  source_->Next(ChunkTaker(Wire(shared_, place_.number)));
}

void HttpConnection::TakeChunk(Result<std::optional<std::string>> chunk) {
  if (phase_ != Phase::kAwaiting) return;
  Fence([&] {
    if (!chunk) return Close();
    if (!*chunk) return EndStream();
    if ((*chunk)->empty()) return AwaitChunk();
    const std::uint64_t held = (*chunk)->size() + intake_.held_bytes();
    if ((*chunk)->size() <= kMaxStreamChunkBytes && Recharge(held)) {
      return WriteChunk(std::move(**chunk));
    }
    charge_.CountRefusal();
    Close();
  });
}

void HttpConnection::WriteChunk(std::string bytes) {
  std::string size;
  if (!traits_.is_http10) {
    size = fmt::format("{:x}\r\n", bytes.size());
    bytes += "\r\n";
  }
  if (bytes.size() <= kInlineBodyBytes) return Write(size + bytes, nullptr);
  Write(std::move(size), std::make_shared<const std::string>(std::move(bytes)));
}

void HttpConnection::EndStream() {
  ReleaseSource(true);
  if (traits_.is_http10) return Finish();
  Write("0\r\n\r\n", nullptr);
}

void HttpConnection::ReleaseSource(bool is_whole) {
  shared_.CountStreamEnd(is_whole);
  std::exchange(source_, nullptr)->Finished(is_whole);
}

void HttpConnection::Finish() {
  if (out_.capacity() > kInlineBodyBytes) FreeMemory(out_);
  body_.reset();
  static_cast<void>(Recharge(intake_.held_bytes()));  // it shrinks, so it cannot fail
  if (traits_.keep_alive) return Next();
  // Closing with unread bytes would send a reset, and the client could lose the answer.
  const bool has_more = intake_.is_within_request() || stream_->HasUnread();
  return is_refused_ || has_more ? Linger() : Close();
}

void HttpConnection::Linger() {
  if (phase_ != Phase::kLingering) {
    Enter(Phase::kLingering, kLingerUs);
    stream_->Cancel();  // ends the read that watched a streamed answer's client
    stream_->EndSending();
    FreeMemory(out_);
  }
  stream_->ReadSome(shared_.dropped, [self = shared_from_this()](error_code error, std::size_t n) {
    if (self->phase_ != Phase::kLingering) return;
    self->lingered_bytes_ += n;
    if (error || self->lingered_bytes_ > self->linger_limit_) return self->Close();
    self->Linger();
  });
}

void HttpConnection::Drain() {
  is_draining_ = true;
  if (phase_ == Phase::kIdle) return Close();
  if (phase_ == Phase::kAwaiting && source_->is_endless()) return Fence([&] { EndStream(); });
  if (is_reading() || phase_ == Phase::kOverBudget || phase_ == Phase::kLingering) {
    deadline_us_ = std::min(deadline_us_, MonotonicUs() + kStopPartialUs);
  }
}

void HttpConnection::Close() {
  if (phase_ == Phase::kClosed) return;
  phase_ = Phase::kClosed;
  charge_ = {};
  if (source_) ReleaseSource(false);
  stream_->Close();
  shared_.core->Remove(place_.number);
}

}  // namespace st::net
