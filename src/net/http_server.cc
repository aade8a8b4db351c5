// The only translation unit that sees Beast.
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <ctime>
#include <optional>
#include <set>

#include "net/address.h"
#include "net/http.h"
#include "net/http_text.h"
#include "net/limits.h"
#include "os/thread.h"

namespace st::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Protocol = asio::generic::stream_protocol;  // TCP and Unix sockets alike
using Socket = Protocol::socket;
using boost::system::error_code;

class Server;

// One connection; all of it on the io thread. One request at a time: what is pipelined waits in the
// buffer.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Server& server, Socket socket);
  void Start() { Read(); }
  void Refuse(HttpResponse response);
  void Answer(HttpResponse response);
  void Drain();
  void Close();
  // Closes, or answers 408, when the phase it is in has lasted too long.
  void CheckDeadline(std::int64_t now_us);

 private:
  enum class Phase { kIdle, kHeader, kBody, kHandling, kWriting };
  void Read();
  void Handle();
  void OnReadError(error_code error);
  void Write(const HttpResponse& response);
  void Enter(Phase phase);

  Server& server_;
  Socket socket_;
  std::string peer_;
  std::string local_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string out_;
  Phase phase_ = Phase::kIdle;
  std::int64_t phase_began_us_ = 0;
  bool keep_alive_ = true;
  bool is_head_ = false;
  bool is_draining_ = false;
  bool is_closed_ = false;
};

class Server final : public HttpServer {
 public:
  Server(HttpOptions options, HttpHandler handler)
      : options_(std::move(options)), handler_(std::move(handler)) {}
  ~Server() override { Stop(0); }

  Status Open() {
    ST_TRY(auto listener, Listener::Open(options_.listen));
    listener_.emplace(std::move(listener));
    const int family = UnixPath(options_.listen)    ? AF_UNIX
                       : address().starts_with('[') ? AF_INET6
                                                    : AF_INET;
    acceptor_.assign(Protocol(family, 0), listener_->TakeFd().Release());
    Accept();
    Tick();
    thread_ = os::Thread("net-" + options_.name, [this] { io_.run(); });
    return {};
  }
  const std::string& address() const override { return listener_->address(); }
  void Stop(std::int64_t grace_us) override {
    if (stopped_.exchange(true)) return;
    asio::post(io_, [this, grace_us] {
      error_code ignored;
      acceptor_.close(ignored);
      is_stopping_ = true;
      for (const auto& connection : std::set(connections_)) connection->Drain();
      stop_timer_.expires_after(std::chrono::microseconds(grace_us));
      stop_timer_.async_wait([this](error_code) {
        for (const auto& connection : std::set(connections_)) connection->Close();
        io_.stop();
      });
      if (connections_.empty()) stop_timer_.cancel();
    });
    thread_.Join();
    listener_.reset();
  }

  void Post(std::function<void()> task) { asio::post(io_, std::move(task)); }
  void Remove(const std::shared_ptr<Connection>& connection) {
    connections_.erase(connection);
    if (is_stopping_ && connections_.empty()) stop_timer_.cancel();
  }
  const HttpLimits& limits() const { return options_.limits; }
  const HttpHandler& handler() const { return handler_; }
  const std::string& date() const { return date_; }
  std::int64_t now_us() const { return now_us_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](error_code error, Socket socket) {
      if (is_stopping_ || error == asio::error::operation_aborted) return;
      if (error) {
        accept_timer_.expires_after(std::chrono::microseconds(kAcceptBackoffUs));
        accept_timer_.async_wait([this](error_code) { Accept(); });
        return;
      }
      auto connection = std::make_shared<Connection>(*this, std::move(socket));
      const bool is_over = connections_.size() >= options_.limits.max_connections;
      connections_.insert(connection);
      if (is_over) {
        auto refusal =
            Problem(503, "too_many_connections", "The server has no connection to spare.");
        refusal.headers.emplace_back("Retry-After", "1");
        connection->Refuse(std::move(refusal));
      } else {
        connection->Start();
      }
      Accept();
    });
  }

  // Keeps the date and looks at deadlines, a few times a second.
  void Tick() {
    constexpr auto kTick = std::chrono::milliseconds(200);
    const auto since_epoch = std::chrono::steady_clock::now().time_since_epoch();
    now_us_ = std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
    date_ = HttpDate(std::time(nullptr));
    for (const auto& connection : std::set(connections_)) connection->CheckDeadline(now_us_);
    tick_timer_.expires_after(kTick);
    tick_timer_.async_wait([this](error_code error) {
      if (!error) Tick();
    });
  }

  HttpOptions options_;
  HttpHandler handler_;
  std::optional<Listener> listener_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(io_);
  asio::basic_socket_acceptor<Protocol> acceptor_{io_};
  asio::steady_timer accept_timer_{io_};
  asio::steady_timer tick_timer_{io_};
  asio::steady_timer stop_timer_{io_};
  std::set<std::shared_ptr<Connection>> connections_;
  std::string date_;
  std::int64_t now_us_ = 0;
  bool is_stopping_ = false;
  std::atomic<bool> stopped_ = false;
  os::Thread thread_;
};

class Responder final : public HttpResponder {
 public:
  Responder(Server& server, std::shared_ptr<Connection> connection)
      : server_(server), connection_(std::move(connection)) {}
  ~Responder() override {
    if (connection_) Send(Problem(500, "unanswered", "The request was dropped; please report it."));
  }
  void Send(HttpResponse response) override {
    server_.Post([connection = std::move(connection_), response = std::move(response)]() mutable {
      connection->Answer(std::move(response));
    });
    connection_.reset();
  }

 private:
  Server& server_;
  std::shared_ptr<Connection> connection_;
};

Connection::Connection(Server& server, Socket socket)
    : server_(server), socket_(std::move(socket)) {
  SetNoDelay(socket_.native_handle());
  local_ = LocalAddress(socket_.native_handle());
  peer_ = PeerAddress(socket_.native_handle());
  Enter(Phase::kIdle);
}

void Connection::Enter(Phase phase) {
  phase_ = phase;
  phase_began_us_ = server_.now_us();
}

void Connection::CheckDeadline(std::int64_t now_us) {
  const auto& limits = server_.limits();
  const std::int64_t lasted = now_us - phase_began_us_;
  switch (phase_) {
    case Phase::kIdle: {
      const bool has_bytes = buffer_.size() > 0;
      if (has_bytes && lasted > limits.header_timeout_us) {
        return Refuse(Problem(408, "timeout", "The request header did not arrive in time."));
      }
      if (lasted > limits.idle_timeout_us) Close();
      return;
    }
    case Phase::kHeader:
    case Phase::kBody:
      if (lasted > limits.body_timeout_us) {
        Refuse(Problem(408, "timeout", "The request body did not arrive in time."));
      }
      return;
    case Phase::kWriting:
      if (lasted > limits.write_timeout_us) Close();
      return;
    case Phase::kHandling:
      return;
  }
}

void Connection::Read() {
  if (is_closed_) return;
  if (is_draining_ && buffer_.size() == 0) return Close();
  Enter(Phase::kIdle);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(server_.limits().max_header_bytes));
  parser_->body_limit(server_.limits().max_body_bytes);
  http::async_read_header(
      socket_, buffer_, *parser_, [self = shared_from_this()](error_code error, std::size_t) {
        if (self->is_closed_ || self->phase_ != Phase::kIdle) return;
        if (error) return self->OnReadError(error);
        if (self->parser_->is_done()) return self->Handle();
        self->Enter(Phase::kBody);
        if (beast::iequals(self->parser_->get()[http::field::expect], "100-continue")) {
          self->out_ = "HTTP/1.1 100 Continue\r\n\r\n";
          asio::async_write(self->socket_, asio::buffer(self->out_),
                            [self](error_code, std::size_t) {});
        }
        http::async_read(self->socket_, self->buffer_, *self->parser_,
                         [self](error_code read_error, std::size_t) {
                           if (self->is_closed_ || self->phase_ != Phase::kBody) return;
                           if (read_error) return self->OnReadError(read_error);
                           self->Handle();
                         });
      });
}

void Connection::OnReadError(error_code error) {
  if (error == http::error::end_of_stream || error == asio::error::connection_reset ||
      error == asio::error::eof || error == http::error::partial_message ||
      error.category() != http::make_error_code(http::error::bad_value).category()) {
    return Close();
  }
  if (error == http::error::header_limit) {
    return Refuse(Problem(431, "header_too_large",
                          fmt::format("The request header is larger than {} bytes.",
                                      server_.limits().max_header_bytes)));
  }
  if (error == http::error::body_limit) {
    return Refuse(Problem(
        413, "body_too_large",
        fmt::format("The request body is larger than {} bytes.", server_.limits().max_body_bytes)));
  }
  Refuse(Problem(400, "malformed_request", "The request is not HTTP: " + error.message() + "."));
}

void Connection::Handle() {
  const auto& message = parser_->get();
  keep_alive_ = message.keep_alive();
  is_head_ = message.method() == http::verb::head;
  HttpRequest request;
  request.method = message.method_string();
  request.target = message.target();
  const auto question = request.target.find('?');
  request.path = request.target.substr(0, question);
  if (question != std::string::npos) request.query = request.target.substr(question + 1);
  std::size_t hosts = 0;
  for (const auto& field : message) {
    if (field.name() == http::field::host) ++hosts;
    request.headers.emplace_back(field.name_string(), field.value());
  }
  if (hosts > 1 || (hosts == 0 && message.version() >= 11)) {
    return Refuse(Problem(400, "bad_host", "HTTP/1.1 takes exactly one Host header."));
  }
  if (message.version() != 10 && message.version() != 11) {
    return Refuse(Problem(505, "http_version", "HTTP/1.0 and HTTP/1.1 are spoken here."));
  }
  request.body = std::move(parser_->get().body());
  request.peer = peer_;
  request.local = local_;
  Enter(Phase::kHandling);
  server_.handler()(std::move(request), std::make_unique<Responder>(server_, shared_from_this()));
}

void Connection::Refuse(HttpResponse response) {
  keep_alive_ = false;
  Enter(Phase::kHandling);
  Answer(std::move(response));
}

void Connection::Answer(HttpResponse response) {
  if (is_closed_ || phase_ != Phase::kHandling) return;
  Enter(Phase::kWriting);
  if (is_draining_) keep_alive_ = false;
  const bool is_http10 = parser_ && parser_->get().version() == 10;
  out_ = SerializeResponse(response, {.date = server_.date(),
                                      .keep_alive = keep_alive_,
                                      .is_http10 = is_http10,
                                      .without_body = is_head_});
  asio::async_write(socket_, asio::buffer(out_),
                    [self = shared_from_this()](error_code error, std::size_t) {
                      if (error || !self->keep_alive_) return self->Close();
                      self->Read();
                    });
}

void Connection::Drain() {
  is_draining_ = true;
  if (phase_ == Phase::kIdle && buffer_.size() == 0) Close();
}

void Connection::Close() {
  if (is_closed_) return;
  is_closed_ = true;
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  // What the client still sends is read first, or the close would reset away our answer.
  char rest[4096];
  socket_.non_blocking(true, ignored);
  for (int i = 0; i < 64 && !ignored; ++i) socket_.read_some(asio::buffer(rest), ignored);
  socket_.close(ignored);
  server_.Remove(shared_from_this());
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Start(HttpOptions options, HttpHandler handler) {
  auto server = std::make_unique<Server>(std::move(options), std::move(handler));
  ST_TRY_STATUS(server->Open());
  return server;
}

}  // namespace st::net
