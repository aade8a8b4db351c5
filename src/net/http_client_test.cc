#include "net/http_client.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "net/address.h"
#include "net/http_server.h"
#include "os/thread.h"

namespace st::net {
namespace {

// A server that echoes each request, over TCP or over a socket in the test's own folder.
class HttpClient : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string form = std::filesystem::temp_directory_path() / "st_http_XXXXXX";
    folder_ = ::mkdtemp(form.data());
  }
  void TearDown() override {
    server_.reset();
    if (!HasFailure()) std::filesystem::remove_all(folder_);
  }
  void Serve(const std::string& listen) {
    auto server = HttpServer::Start({.listen = listen, .name = "t"}, [](auto request, auto out) {
      HttpResponse response;
      response.status = request.path == "/missing" ? 404 : 200;
      response.headers.emplace_back("X-Peer", request.peer);
      response.headers.emplace_back("X-Host", request.Header("host"));
      response.body = request.method + " " + request.target + " " + request.body;
      out->Send(std::move(response));
    });
    ASSERT_TRUE(server) << server.error().ToString();
    server_ = std::move(*server);
  }
  std::string Socket(const std::string& name = "s.sock") { return "unix:" + folder_ + "/" + name; }

  std::string folder_;
  std::unique_ptr<HttpServer> server_;
};

// Accepts one connection, reads a request's head, sends `reply` and closes.
class Peer {
 public:
  explicit Peer(std::string reply)
      : listener_(Listener::Open("127.0.0.1:0").value()), fd_(listener_.TakeFd()) {
    ::fcntl(fd_.get(), F_SETFL, 0);
    thread_ = os::Thread("peer", [this, reply = std::move(reply)] {
      os::UniqueFd client(::accept(fd_.get(), nullptr, nullptr));
      char part[4096];
      static_cast<void>(::recv(client.get(), part, sizeof(part), 0));
      static_cast<void>(::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL));
    });
  }
  ~Peer() { ::shutdown(fd_.get(), SHUT_RDWR); }
  const std::string& address() const { return listener_.address(); }

 private:
  Listener listener_;
  os::UniqueFd fd_;
  os::Thread thread_;
};

TEST_F(HttpClient, FetchesOverTcpAndOverAUnixSocket) {
  for (const auto& listen : {std::string("127.0.0.1:0"), std::string("[::1]:0"), Socket()}) {
    Serve(listen);
    const auto reply =
        Fetch(server_->address(), {.method = "POST", .target = "/a?b", .body = "hi"});
    ASSERT_TRUE(reply) << reply.error().ToString();
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "POST /a?b hi");
    const bool is_unix = listen == Socket();
    EXPECT_EQ(reply->Header("x-peer") == "unix", is_unix);
    EXPECT_EQ(reply->Header("x-host"), is_unix ? "localhost" : server_->address());
    EXPECT_EQ(Fetch(server_->address(), {.target = "/missing"})->status, 404);
    EXPECT_EQ(Fetch(server_->address(), {.method = "HEAD"})->body, "");
    server_.reset();
  }
}

TEST_F(HttpClient, CarriesLargeBodiesBothWays) {
  Serve(Socket());
  const std::string body(900'000, 'x');
  const auto reply = Fetch(server_->address(), {.method = "PUT", .target = "/", .body = body});
  ASSERT_TRUE(reply) << reply.error().ToString();
  EXPECT_EQ(reply->body, "PUT / " + body);
  const auto refused =
      Fetch(server_->address(), {.method = "PUT", .body = body}, {.max_body_bytes = body.size()});
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
}

TEST_F(HttpClient, ASocketIsPrivateAndRemovedWithTheServer) {
  Serve(Socket());
  struct stat status{};
  ASSERT_EQ(::stat((folder_ + "/s.sock").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  server_->Stop(0);
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/s.sock"));
  EXPECT_EQ(Fetch(Socket(), {}).error().code(), ErrorCode::kUnavailable);
}

TEST_F(HttpClient, ALiveSocketIsRefusedAndAStaleOneReplaced) {
  Serve(Socket());
  const auto second = HttpServer::Start({.listen = Socket(), .name = "u"}, [](auto, auto) {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(Fetch(Socket(), {})->status, 200);
  server_.reset();
  {
    // A killed process leaves the same: a socket's file that no process listens on.
    auto dead = ListenUnix(folder_ + "/s.sock");
    ASSERT_TRUE(dead);
  }
  EXPECT_EQ(Fetch(Socket(), {}).error().code(), ErrorCode::kUnavailable);
  Serve(Socket());
  EXPECT_EQ(Fetch(Socket(), {})->status, 200);
}

TEST_F(HttpClient, AFileThatIsNoSocketIsNotTouched) {
  const int fd = ::open((folder_ + "/s.sock").c_str(), O_CREAT | O_WRONLY, 0600);
  ASSERT_GE(fd, 0);
  ::close(fd);
  const auto server = HttpServer::Start({.listen = Socket(), .name = "u"}, [](auto, auto) {});
  EXPECT_EQ(server.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(std::filesystem::exists(folder_ + "/s.sock"));
}

TEST_F(HttpClient, APathLongerThanASocketsAddressWorks) {
  const std::string deep = folder_ + "/" + std::string(100, 'a') + "/" + std::string(100, 'b');
  std::filesystem::create_directories(deep);
  Serve("unix:" + deep + "/s.sock");
  EXPECT_EQ(Fetch("unix:" + deep + "/s.sock", {})->status, 200);
  server_.reset();
  EXPECT_FALSE(std::filesystem::exists(deep + "/s.sock"));
  const auto long_name =
      HttpServer::Start({.listen = Socket(std::string(120, 'n')), .name = "u"}, [](auto, auto) {});
  EXPECT_EQ(long_name.error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(HttpClient, UnderstandsEveryFramingOfAReply) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  for (const std::string& reply :
       {head + "Content-Length: 5\r\n\r\nhello", head + "\r\nhello",
        head + "Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nT: v\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n" + head + "Content-Length: 5\r\n\r\nhello",
        std::string("HTTP/1.0 200\r\n\r\nhello")}) {
    const Peer peer(reply);
    const auto got = Fetch(peer.address(), {});
    ASSERT_TRUE(got) << reply << "\n" << got.error().ToString();
    EXPECT_EQ(got->body, "hello");
  }
}

TEST_F(HttpClient, RepliesThatAreCutOrBadAreErrors) {
  const std::string head = "HTTP/1.1 200 OK\r\n";
  const auto code = [](const std::string& reply) {
    const Peer peer(reply);
    return Fetch(peer.address(), {}, {.max_body_bytes = 100}).error().code();
  };
  EXPECT_EQ(code(""), ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(code(head), ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(code(head + "Content-Length: 9\r\n\r\nhello"), ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(code(head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
            ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(code("SSH-2.0\r\n\r\n"), ErrorCode::kCorruption);
  EXPECT_EQ(code(head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
            ErrorCode::kCorruption);
  EXPECT_EQ(code(head + "Transfer-Encoding: gzip, chunked\r\n\r\n"), ErrorCode::kUnsupported);
  EXPECT_EQ(code(head + "\r\n" + std::string(200, 'x')), ErrorCode::kUnsupported);
  EXPECT_EQ(code(head + "A: " + std::string(70'000, 'x')), ErrorCode::kUnsupported);
}

TEST_F(HttpClient, ReportsAMissingServerAndAMissingAnswer) {
  std::string address;
  {
    const auto listener = Listener::Open("127.0.0.1:0").value();
    address = listener.address();
    // The listener never answers.
    EXPECT_EQ(Fetch(address, {}, {.timeout_us = 50'000}).error().code(), ErrorCode::kDeadline);
  }
  EXPECT_EQ(Fetch(address, {}).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(Fetch("unix:/nonexistent/a/b", {}).error().code(), ErrorCode::kUnavailable);
}

TEST_F(HttpClient, RefusesValuesThatWouldBreakTheHead) {
  Serve("127.0.0.1:0");
  for (const ClientRequest& request :
       {ClientRequest{.method = "GET /"}, ClientRequest{.target = "/a b"},
        ClientRequest{.target = "/\r\nX: y"}, ClientRequest{.headers = {{"A:", "b"}}},
        ClientRequest{.headers = {{"A", "b\r\nC: d"}}}}) {
    EXPECT_EQ(Fetch(server_->address(), request).error().code(), ErrorCode::kInvalidArgument);
  }
  EXPECT_EQ(Fetch("nowhere", {}).error().code(), ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace st::net
