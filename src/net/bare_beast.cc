// The server that bench/http.py compares with: it is Beast and a group commit to one file, nothing
// else. It turns a GET into a payload of the benchmark event's size and answers after fdatasync of
// that payload.
// Usage: bare_beast FILE; it prints the address on which it listens.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "os/process.h"
#include "os/thread.h"

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::size_t kPayloadBytes = 220;  // a record batch with one purchase_sword event

// Writes and syncs in one go the payloads that arrived during the last sync, then calls their
// callbacks.
class GroupCommit {
 public:
  GroupCommit(asio::io_context& io, int fd) : io_(io), fd_(fd) {}
  void Append(std::string_view payload, std::function<void()> done) {
    const st::MutexLock lock(mu_);
    bytes_ += payload;
    waiting_.push_back(std::move(done));
    wake_.NotifyOne();
  }
  void Run() {
    while (true) {
      std::string bytes;
      std::vector<std::function<void()>> waiting;
      {
        const st::MutexLock lock(mu_);
        while (waiting_.empty()) wake_.Wait(mu_);
        bytes.swap(bytes_);
        waiting.swap(waiting_);
      }
      const auto size = static_cast<ssize_t>(bytes.size());
      if (::write(fd_, bytes.data(), bytes.size()) != size || ::fdatasync(fd_) != 0) ::_exit(1);
      asio::post(io_, [waiting = std::move(waiting)] {
        for (const auto& done : waiting) done();
      });
    }
  }

 private:
  asio::io_context& io_;
  const int fd_;
  st::Mutex mu_;
  st::CondVar wake_;
  std::string bytes_ ST_GUARDED_BY(mu_);
  std::vector<std::function<void()>> waiting_ ST_GUARDED_BY(mu_);
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, GroupCommit& log) : socket_(std::move(socket)), log_(log) {}
  void Read() {
    request_ = {};
    http::async_read(
        socket_, buffer_, request_, [self = shared_from_this()](error_code error, std::size_t) {
          if (error) return;
          self->log_.Append(std::string(kPayloadBytes, 'x'), [self] { self->Write(); });
        });
  }

 private:
  void Write() {
    response_ = {http::status::ok, request_.version()};
    response_.set(http::field::content_type, "text/html; charset=utf-8");
    response_.keep_alive(request_.keep_alive());
    response_.body() = "Sword Purchased!\n";
    response_.prepare_payload();
    http::async_write(socket_, response_,
                      [self = shared_from_this()](error_code error, std::size_t) {
                        if (!error && self->response_.keep_alive()) self->Read();
                      });
  }

  tcp::socket socket_;
  GroupCommit& log_;
  boost::beast::flat_buffer buffer_;
  http::request<http::empty_body> request_;
  http::response<http::string_body> response_;
};

void Accept(tcp::acceptor& acceptor, GroupCommit& log) {
  acceptor.async_accept([&](error_code error, tcp::socket socket) {
    if (error) return;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    std::make_shared<Session>(std::move(socket), log)->Read();
    Accept(acceptor, log);
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const st::os::UniqueFd fd(::open(argv[1], O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  // The file is allocated like a log's segment: a sync of a growing file would also write its size.
  if (!fd.is_open() || ::posix_fallocate(fd.get(), 0, 256 << 20) != 0) return 1;
  asio::io_context io(1);
  GroupCommit log(io, fd.get());
  tcp::acceptor acceptor(io, {asio::ip::make_address("127.0.0.1"), 0});
  fmt::print("127.0.0.1:{}\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  const st::os::Thread committer("commit", [&] { log.Run(); });
  Accept(acceptor, log);
  io.run();
  return 0;
}
