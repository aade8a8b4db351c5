// Requests, answers and sockets of tests.
#pragma once

#include <poll.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <string>

#include "base/check.h"
#include "net/address.h"
#include "net/http.h"
#include "net/http_intake.h"

namespace st::net::testing {

// A connected, blocking socket whose own address is `from`: all of 127.0.0.0/8 are this machine's.
inline os::UniqueFd ConnectFrom(const std::string& from, const std::string& address) {
  auto to = ParseAddress(address).value();
  auto own = ParseAddress(from + ":0").value();
  os::UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ST_CHECK(fd.is_open());
  ST_CHECK(::bind(fd.get(), own.get(), own.size) == 0);
  ST_CHECK(::connect(fd.get(), to.get(), to.size) == 0);
  SetNoDelay(fd.get());
  return fd;
}

// The next `n` bytes of a socket; fewer at its end, and where it gives none for `wait_us`.
inline std::string Receive(int fd, std::size_t n, std::int64_t wait_us) {
  std::string got;
  while (got.size() < n) {
    pollfd wait{fd, POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(wait_us / 1000)) <= 0) break;
    std::string part(n - got.size(), '\0');
    const ssize_t r = ::recv(fd, part.data(), part.size(), 0);
    if (r <= 0) break;
    got += part.substr(0, static_cast<std::size_t>(r));
  }
  return got;
}

// The request as a handler gets it from a connection on this machine. Host is "h" unless `headers`
// have one.
inline HttpRequest RequestOf(const std::string& method, const std::string& target,
                             const HttpHeaders& headers = {}, const std::string& body = "") {
  std::string bytes = method + " " + target + " HTTP/1.1\r\n";
  if (FindHeader(headers, "Host").empty()) bytes += "Host: h\r\n";
  for (const auto& [name, value] : headers) bytes += name + ": " + value + "\r\n";
  if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  bytes += "\r\n" + body;
  HttpIntake intake({.max_header_bytes = 1 << 20, .max_body_bytes = 1 << 20});
  while (!bytes.empty()) {
    const auto room = intake.Room();
    const auto n = bytes.copy(room.data(), room.size());
    intake.Commit(n);
    bytes.erase(0, n);
  }
  ST_CHECK(intake.state() == HttpIntake::State::kReady);
  HttpRequest request = std::move(intake.Take().request);
  if (!body.empty()) {
    std::erase_if(request.headers, [](const auto& h) { return h.first == "Content-Length"; });
  }
  request.principal = kLocalPrincipal;
  request.peer = "127.0.0.1:40000";
  request.local = "127.0.0.1:5000";
  return request;
}

// The answer of a handler, from whatever thread.
inline HttpResponse AnswerOf(const HttpHandler& handler, HttpRequest request) {
  class Keeper final : public HttpResponder {
   public:
    explicit Keeper(std::promise<HttpResponse>& to) : to_(to) {}
    void Send(HttpResponse response) override { to_.set_value(std::move(response)); }

   private:
    std::promise<HttpResponse>& to_;
  };
  constexpr std::chrono::seconds kWait(20);
  std::promise<HttpResponse> to;
  auto answer = to.get_future();
  handler(std::move(request), std::make_unique<Keeper>(to));
  ST_CHECK(answer.wait_for(kWait) == std::future_status::ready);
  return answer.get();
}

}  // namespace st::net::testing
