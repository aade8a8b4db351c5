#include "net/http.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "net/address.h"

namespace st::net {
namespace {

class HttpTest : public ::testing::Test {
 protected:
  void Start(HttpLimits limits = {}) {
    server_ = HttpServer::Start({.listen = "127.0.0.1:0", .name = "t", .limits = limits},
                                [](HttpRequest request, auto responder) {
                                  HttpResponse response;
                                  response.body = request.method + " " + request.target + " " +
                                                  request.body + "\n";
                                  responder->Send(std::move(response));
                                })
                  .value();
  }
  // Sends bytes, half-closes, and reads until the server closes.
  std::string Talk(std::string_view bytes) {
    auto fd = Connect(server_->address(), 20'000'000).value();
    EXPECT_EQ(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    ::shutdown(fd.get(), SHUT_WR);
    std::string got;
    while (true) {
      pollfd wait{fd.get(), POLLIN, 0};
      if (::poll(&wait, 1, 20'000) <= 0) break;
      char part[4096];
      const ssize_t n = ::recv(fd.get(), part, sizeof(part), 0);
      if (n <= 0) break;
      got.append(part, static_cast<std::size_t>(n));
    }
    return got;
  }
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpTest, PipelinedRequestsAreAnsweredInOrder) {
  Start();
  const auto got = Talk(
      "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nHost: x\r\nContent-Length: "
      "2\r\n\r\nhi"
      "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto a = got.find("GET /a \n");
  const auto b = got.find("POST /b hi\n");
  const auto c = got.find("GET /c \n");
  EXPECT_TRUE(a < b && b < c && c != std::string::npos) << got;
  EXPECT_NE(got.find("Connection: close"), std::string::npos);
}

TEST_F(HttpTest, HeadHasTheHeadersOfGetAndNoBody) {
  Start();
  const auto got = Talk("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(got.find("Content-Length: 9\r\n"), std::string::npos) << got;
  EXPECT_TRUE(got.ends_with("\r\n\r\n"));
}

TEST_F(HttpTest, Http10ClosesUnlessAskedToStay) {
  Start();
  EXPECT_NE(Talk("GET / HTTP/1.0\r\n\r\n").find("Connection: close"), std::string::npos);
  EXPECT_NE(Talk("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").find("keep-alive"),
            std::string::npos);
}

TEST_F(HttpTest, MalformedAndSmuggledRequestsAreRefused) {
  Start();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
  for (const std::string& bytes :
       {std::string("nonsense\r\n\r\n"), std::string("GET / HTTP/1.1\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
        head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        head + "Content-Length: -1\r\n\r\n", head + "Content-Length: 1x\r\n\r\na",
        head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        std::string("GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n"),
        std::string("GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n", 35)}) {
    const auto got = Talk(bytes);
    EXPECT_TRUE(got.starts_with("HTTP/1.1 400 ")) << bytes << "\n-> " << got;
    EXPECT_NE(got.find("application/problem+json"), std::string::npos);
  }
}

TEST_F(HttpTest, LimitsAreAnswered) {
  Start({.max_header_bytes = 1000, .max_body_bytes = 10});
  const auto large = Talk("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(2000, 'a') + "\r\n\r\n");
  EXPECT_TRUE(large.starts_with("HTTP/1.1 431 ")) << large;
  const auto body = Talk("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n01234567890");
  EXPECT_TRUE(body.starts_with("HTTP/1.1 413 ")) << body;
}

TEST_F(HttpTest, ASlowBodyIsAnswered408) {
  Start({.body_timeout_us = 100'000});
  auto fd = Connect(server_->address(), 20'000'000).value();
  const std::string_view bytes = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab";
  ASSERT_GT(::send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), 0);
  pollfd wait{fd.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&wait, 1, 20'000), 1);
  char part[100];
  const ssize_t n = ::recv(fd.get(), part, sizeof(part), 0);
  EXPECT_TRUE(std::string_view(part, static_cast<std::size_t>(n)).starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpTest, ProblemsAreJson) {
  EXPECT_EQ(Problem(404, "no_route", "a \"b\"").body,
            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
            "\"detail\":\"a \\\"b\\\"\",\"code\":\"no_route\"}\n");
}

}  // namespace
}  // namespace st::net
