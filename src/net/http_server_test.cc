#include "net/http_server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "net/address.h"
#include "net/http_client.h"
#include "net/limits.h"
#include "net/shared_bodies.h"
#include "net/testing.h"
#include "os/thread.h"

namespace st::net {
namespace {

// A client that sends the given bytes as they are.
class RawClient {
 public:
  explicit RawClient(const std::string& address, const std::string& from = "127.0.0.1")
      : fd_(testing::ConnectFrom(from, address)) {}
  // Sends all bytes, or as many as the server takes before it closes.
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      pollfd wait{fd_.get(), POLLOUT, 0};
      if (::poll(&wait, 1, 20'000) <= 0) return;
      const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void EndSending() { ::shutdown(fd_.get(), SHUT_WR); }
  // Reads until `end` arrived, or until the server closed.
  std::string Read(std::string_view end = "") {
    std::string got;
    while (end.empty() || !got.contains(end)) {
      pollfd wait{fd_.get(), POLLIN, 0};
      if (::poll(&wait, 1, 20'000) <= 0) return got + " [nothing more came]";
      char part[4096];
      const ssize_t n = ::recv(fd_.get(), part, sizeof(part), 0);
      if (n < 0) return got + " [reset]";
      if (n == 0) break;
      got.append(part, static_cast<std::size_t>(n));
    }
    return got;
  }

 private:
  os::UniqueFd fd_;
};

class HttpTest : public ::testing::Test {
 protected:
  void Start(HttpLimits limits = {}, MetricRegistry* metrics = nullptr,
             HttpHandler handler = Echo) {
    server_ = HttpServer::Start({.listen = "127.0.0.1:0",
                                 .name = "t",
                                 .limits = limits,
                                 .budgets = budgets_,
                                 .metrics = metrics},
                                std::move(handler))
                  .value();
  }
  // Sets a budget for the requests and answers of all clients; one address may have half of it.
  void LimitMemory(std::uint64_t total) {
    budgets_ = ClientBudgets::ForProcess(nullptr);
    budgets_.memory = Budget::Make({.name = "memory",
                                    .total = total,
                                    .per_address = total / 2,
                                    .per_charge = total / 2,
                                    .small = kSmallRequestBytes});
  }
  static void Echo(const HttpRequest& request, std::unique_ptr<HttpResponder> responder) {
    responder->Send({.body = request.method + " " + request.target + " " + request.body + "\n"});
  }
  // Sends bytes, half-closes, and reads until the server closes.
  std::string Talk(std::string_view bytes) {
    RawClient client(server_->address());
    client.Send(bytes);
    client.EndSending();
    return client.Read();
  }
  ClientBudgets budgets_;
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
  RawClient client(server_->address());
  client.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_TRUE(client.Read().starts_with("HTTP/1.1 408 "));
}

TEST_F(HttpTest, ProblemsAreJson) {
  EXPECT_EQ(Problem(404, "no_route", "a \"b\"").body,
            "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,"
            "\"detail\":\"a \\\"b\\\"\",\"code\":\"no_route\"}\n");
}

TEST_F(HttpTest, ASlowHeadIsAnswered408AndSilenceIsClosed) {
  Start({.header_timeout_us = 100'000, .idle_timeout_us = 100'000});
  RawClient slow(server_->address());
  slow.Send("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(slow.Read().starts_with("HTTP/1.1 408 "));
  RawClient silent(server_->address());
  EXPECT_EQ(silent.Read(), "");
  RawClient idle(server_->address());
  idle.Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(idle.Read().ends_with("GET /a \n"));
}

// Without the lingering close, a reset would overtake the answer.
TEST_F(HttpTest, ARefusalIsSeenByAClientThatStillSends) {
  Start({.max_header_bytes = 1000, .max_body_bytes = 10});
  const std::string much(8 << 20, 'x');
  for (const std::string head :
       {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8388608\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n800000\r\n"}) {
    const auto got = Talk(head + much);
    EXPECT_TRUE(got.starts_with("HTTP/1.1 413 ") && got.ends_with("}\n")) << got;
  }
  const auto got = Talk("GET / HTTP/1.1\r\nHost: x\r\nA: " + much);
  EXPECT_TRUE(got.starts_with("HTTP/1.1 431 ") && got.ends_with("}\n")) << got;
  const auto last = Talk("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" + much);
  EXPECT_TRUE(last.starts_with("HTTP/1.1 200 ") && last.ends_with("GET / \n")) << last;
}

TEST_F(HttpTest, AConnectionBeyondTheLimitIsAnswered503) {
  MetricRegistry metrics;
  Start({.max_connections = 1}, &metrics);
  std::optional<RawClient> first(server_->address());
  first->Send("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
  first->Read("GET /a \n");
  RawClient second(server_->address());
  const auto refused = second.Read();
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_NE(refused.find("Retry-After: 1\r\n"), std::string::npos);
  const auto text = metrics.Render();
  for (const auto* sample : {"steelthread_net_connections_refused_total{listener=\"t\"} 1\n",
                             "steelthread_net_connections_accepted_total{listener=\"t\"} 2\n",
                             "steelthread_http_requests_total{listener=\"t\",code=\"2xx\"} 1\n",
                             "steelthread_http_requests_total{listener=\"t\",code=\"5xx\"} 1\n"}) {
    EXPECT_TRUE(text.contains(sample)) << sample << text;
  }
  first->EndSending();
  first->Read();
  EXPECT_EQ(Fetch(server_->address(), {})->status, 200);
  server_->Stop(1'000'000);
  EXPECT_TRUE(metrics.Render().contains("steelthread_net_connections{listener=\"t\"} 0\n"));
}

TEST_F(HttpTest, BodiesThatNeverEndTakeBoundedMemory) {
  LimitMemory(3'000'000);  // a client's share holds one body
  Start();
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
  RawClient first(server_->address());
  first.Send(head + std::string(900'000, 'x'));
  while (budgets_.memory->used() < 900'000) std::this_thread::yield();
  RawClient second(server_->address());
  second.Send(head + std::string(900'000, 'x'));
  const auto refused = second.Read("\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused.substr(0, 100);
  EXPECT_TRUE(refused.contains("Retry-After: 1\r\n"));
  EXPECT_TRUE(Talk("POST /s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi").contains("hi"));
  first.Send(std::string(100'000, 'x'));
  EXPECT_TRUE(first.Read("\r\n\r\n").starts_with("HTTP/1.1 200 ")) << "it was first";
  RawClient third(server_->address());
  third.Send(head + std::string(1'000'000, 'x'));
  EXPECT_TRUE(third.Read("\r\n\r\n").starts_with("HTTP/1.1 200 ")) << "there is room again";
}

TEST_F(HttpTest, AnswersBeyondTheirClientsShareAreRefused) {
  LimitMemory(64 << 20);
  const auto page = std::make_shared<const std::string>(16 << 20, 'x');
  Start({}, nullptr, [&](const HttpRequest& request, std::unique_ptr<HttpResponder> responder) {
    if (request.path == "/page") return responder->Send({.shared_body = page, .headers = {}});
    responder->Send({.body = "small"});
  });
  const std::string get = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n";
  RawClient first(server_->address());
  first.Send(get);
  EXPECT_TRUE(first.Read("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  RawClient second(server_->address());
  second.Send(get);
  const auto refused = second.Read("\r\n\r\n");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused.substr(0, 100);
  EXPECT_TRUE(refused.contains("Retry-After: 1\r\n"));
  EXPECT_TRUE(Talk("GET / HTTP/1.1\r\nHost: x\r\n\r\n").contains("small"));
  RawClient other(server_->address(), "127.0.0.2");
  other.Send(get);
  EXPECT_TRUE(other.Read("\r\n\r\n").starts_with("HTTP/1.1 200 ")) << "another client's share";
  EXPECT_EQ(page.use_count(), 3) << "two answers and ours: none is a copy";
}

TEST(SharedBodies, ThreadsThatWantTheSameBodyWaitForTheOneThatRendersIt) {
  SharedBodies bodies;
  const auto source = std::make_shared<int>(1);
  std::atomic<int> renders = 0;
  std::atomic<int> begun = 0;
  std::array<std::shared_ptr<const std::string>, 3> got;
  {
    std::vector<os::Thread> threads;
    for (auto& body : got) {
      threads.emplace_back("render", [&] {
        ++begun;
        body = bodies.Get(source, "", [&] {
          ++renders;
          while (begun < 3) std::this_thread::yield();
          return std::string(kInlineBodyBytes + 1, 'x');
        });
      });
    }
  }
  EXPECT_EQ(renders, 1);
  EXPECT_TRUE(got[0] != nullptr && got[0] == got[1] && got[1] == got[2]);
}

TEST(SharedBodies, ABodyIsRenderedOnceForAllAnswersThatHaveIt) {
  SharedBodies bodies;
  int rendered = 0;
  const auto render = [&] {
    ++rendered;
    return std::string(100'000, 'x');
  };
  auto source = std::make_shared<const int>(1);
  auto first = bodies.Get(source, "a", render);
  EXPECT_EQ(bodies.Get(source, "a", render), first);
  EXPECT_NE(bodies.Get(source, "b", render), first) << "another form";
  EXPECT_EQ(rendered, 2);
  first.reset();
  EXPECT_EQ(bodies.Get(source, "a", render)->size(), 100'000U);
  EXPECT_EQ(rendered, 3) << "no answer had it any more";
}

TEST_F(HttpTest, OneClientCannotTakeAllConnections) {
  budgets_ = ClientBudgets::ForProcess(nullptr);
  budgets_.connections =
      Budget::Make({.name = "connections", .total = 4, .per_address = 2, .per_charge = 1});
  Start();
  const std::string get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  RawClient one(server_->address(), "127.0.0.2");
  RawClient two(server_->address(), "127.0.0.2");
  RawClient three(server_->address(), "127.0.0.2");
  three.Send(get);
  EXPECT_TRUE(three.Read().starts_with("HTTP/1.1 503 "));
  RawClient other(server_->address());
  other.Send(get);
  EXPECT_TRUE(other.Read("\r\n\r\n").starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpTest, AnIdleConnectionOfTheClientWithTheMostGivesWayToOneWithFew) {
  budgets_ = ClientBudgets::ForProcess(nullptr);
  budgets_.connections =
      Budget::Make({.name = "connections", .total = 4, .per_address = 2, .per_charge = 1});
  Start();
  std::vector<std::unique_ptr<RawClient>> crowd;
  for (const auto* from : {"127.0.0.2", "127.0.0.2", "127.0.0.3", "127.0.0.3"}) {
    crowd.push_back(std::make_unique<RawClient>(server_->address(), from));
  }
  while (budgets_.connections->used() < 4) std::this_thread::yield();
  RawClient other(server_->address());
  other.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(other.Read("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  EXPECT_EQ(budgets_.connections->used(), 4U);
}

TEST_F(HttpTest, AClientThatExpects100ContinueGetsIt) {
  Start();
  RawClient client(server_->address());
  client.Send("POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.Read("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("hi");
  EXPECT_TRUE(client.Read("POST /a hi\n").starts_with("HTTP/1.1 200 "));
  // With its body already here no 100 Continue is needed.
  client.Send("POST /b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_TRUE(client.Read("POST /b hi\n").starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpTest, ADroppedOrThrowingHandlerAnswers500) {
  Start({}, nullptr, [](const HttpRequest& request, std::unique_ptr<HttpResponder> responder) {
    if (request.path == "/throw") throw std::runtime_error("bug");
    responder.reset();
  });
  EXPECT_EQ(Fetch(server_->address(), {.target = "/throw"})->status, 500);
  EXPECT_EQ(Fetch(server_->address(), {.target = "/drop"})->status, 500);
}

TEST_F(HttpTest, AnswersWithoutContentHaveNoLength) {
  Start({}, nullptr, [](const HttpRequest& request, std::unique_ptr<HttpResponder> responder) {
    responder->Send({.status = request.path == "/n" ? 204 : 304,
                     .body = "x",
                     .headers = {{"A", "b\r\nC: d"}, {"E", "f"}}});
  });
  for (const auto* target : {"/n", "/m"}) {
    const auto got =
        Talk(std::string("GET ") + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_FALSE(got.contains("Content-Length") || got.contains("C: d")) << got;
    EXPECT_TRUE(got.contains("E: f\r\n") && got.ends_with("\r\n\r\n")) << got;
  }
}

TEST_F(HttpTest, StopLetsRequestsInHandBeAnswered) {
  Guarded<std::vector<std::unique_ptr<HttpResponder>>> held;
  Start({}, nullptr, [&](const HttpRequest&, std::unique_ptr<HttpResponder> responder) {
    held.With([&](auto& all) { all.push_back(std::move(responder)); });
  });
  RawClient client(server_->address());
  client.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  while (held.With([](auto& all) { return all.empty(); })) std::this_thread::yield();
  os::Thread stopper("stop", [&] { server_->Stop(20'000'000); });
  held.With([](auto& all) { all.front()->Send({.body = "late"}); });
  EXPECT_TRUE(client.Read().ends_with("late"));
}

// Answers may come from any thread at any time; the sanitizers check that this is safe.
TEST_F(HttpTest, AnswersAfterTheServerIsGoneAreDropped) {
  Guarded<std::vector<std::unique_ptr<HttpResponder>>> held;
  Start({}, nullptr, [&](const HttpRequest&, std::unique_ptr<HttpResponder> responder) {
    held.With([&](auto& all) { all.push_back(std::move(responder)); });
  });
  constexpr std::size_t kClients = 32;
  std::vector<RawClient> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.emplace_back(server_->address()).Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  while (held.With([](auto& all) { return all.size(); }) < kClients) std::this_thread::yield();
  std::vector<std::unique_ptr<HttpResponder>> late;
  std::vector<std::unique_ptr<HttpResponder>> racing;
  held.With([&](auto& all) {
    for (std::size_t i = 0; i < kClients; ++i) {
      (i % 2 == 0 ? late : racing).push_back(std::move(all[i]));
    }
  });
  os::Thread racer("race", [&] {
    for (auto& responder : racing) responder->Send({.body = "racing"});
  });
  server_.reset();
  racer.Join();
  late.front()->Send({.body = "late"});
  late.clear();
}

}  // namespace
}  // namespace st::net
