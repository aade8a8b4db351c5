#include "net/http_pool.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <set>

#include "base/mutex.h"
#include "net/address.h"
#include "net/http_server.h"
#include "os/thread.h"

namespace st::net {
namespace {

// Collects the answers of requests that were sent together, in the order of arrival.
class Answers {
 public:
  void Add(Result<ClientReply> reply) {
    const MutexLock lock(mu_);
    replies_.push_back(std::move(reply));
    more_.NotifyAll();
  }
  std::vector<Result<ClientReply>> WaitFor(std::size_t count) {
    const MutexLock lock(mu_);
    while (replies_.size() < count) more_.Wait(mu_);
    return std::exchange(replies_, {});
  }

 private:
  Mutex mu_;
  CondVar more_;
  std::vector<Result<ClientReply>> replies_ ST_GUARDED_BY(mu_);
};

std::unique_ptr<HttpServer> Echo(const std::string& listen = "127.0.0.1:0") {
  return HttpServer::Start({.listen = listen, .name = "t"},
                           [](auto request, auto out) {
                             HttpResponse response;
                             response.headers.emplace_back("X-Peer", request.peer);
                             response.body = request.target + " " + request.body;
                             out->Send(std::move(response));
                           })
      .value();
}

std::vector<Result<ClientReply>> SendAll(HttpPool& pool, std::size_t count) {
  Answers answers;
  pool.Post([&] {
    for (std::size_t i = 0; i < count; ++i) {
      pool.Send({.method = "POST", .target = "/" + std::to_string(i), .body = "x"},
                [&](auto reply) { answers.Add(std::move(reply)); });
    }
  });
  return answers.WaitFor(count);
}

TEST(HttpPool, SharesItsConnectionsAmongManyRequests) {
  const auto server = Echo();
  const auto pool = HttpPool::Start({.endpoint = server->address(), .max_connections = 3}).value();
  std::set<std::string> bodies;
  std::set<std::string> peers;
  for (int round = 0; round < 2; ++round) {
    for (const auto& reply : SendAll(*pool, 200)) {
      ASSERT_TRUE(reply) << reply.error().ToString();
      EXPECT_EQ(reply->status, 200);
      bodies.insert(reply->body);
      peers.insert(std::string(reply->Header("X-Peer")));
    }
  }
  EXPECT_EQ(bodies.size(), 200U);
  EXPECT_EQ(peers.size(), 3U);
}

TEST(HttpPool, ServesAgainAfterARestartOfTheServer) {
  auto server = Echo();
  const auto address = server->address();
  const auto pool = HttpPool::Start({.endpoint = address, .max_connections = 4}).value();
  EXPECT_TRUE(SendAll(*pool, 8)[7]);
  server->Stop(0);
  for (const auto& reply : SendAll(*pool, 8)) {
    ASSERT_FALSE(reply);
    EXPECT_TRUE(reply.error().code() == ErrorCode::kUnavailable ||
                reply.error().code() == ErrorCode::kOutcomeUnknown)
        << reply.error().ToString();
  }
  server = Echo(address);
  // The pool may spend one more request on a connection that has just died.
  SendAll(*pool, 4);
  for (const auto& reply : SendAll(*pool, 8)) EXPECT_TRUE(reply) << reply.error().ToString();
}

TEST(HttpPool, RefusesAMalformedRequestAndKeepsTheConnection) {
  const auto server = Echo();
  const auto pool = HttpPool::Start({.endpoint = server->address()}).value();
  Answers answers;
  pool->Post([&] {
    pool->Send({.target = "no slash"}, [&](auto reply) { answers.Add(std::move(reply)); });
  });
  EXPECT_EQ(answers.WaitFor(1)[0].error().code(), ErrorCode::kInvalidArgument);
  EXPECT_TRUE(SendAll(*pool, 1)[0]);
  EXPECT_EQ(HttpPool::Start({.endpoint = "nowhere"}).error().code(), ErrorCode::kInvalidArgument);
}

TEST(HttpPool, EndsARequestThatIsNotAnsweredInTime) {
  auto listener = Listener::Open("127.0.0.1:0").value();  // accepts connections and never answers
  const auto pool = HttpPool::Start({.endpoint = listener.address(), .timeout_us = 30'000}).value();
  EXPECT_EQ(SendAll(*pool, 1)[0].error().code(), ErrorCode::kDeadline);
}

TEST(HttpPool, LimitsTheRequestsThatWait) {
  auto listener = Listener::Open("127.0.0.1:0").value();
  const auto pool = HttpPool::Start({.endpoint = listener.address(),
                                     .max_connections = 1,
                                     .max_waiting = 1,
                                     .timeout_us = 30'000})
                        .value();
  const auto replies = SendAll(*pool, 4);
  int refused = 0;
  for (const auto& reply : replies) refused += reply.error().code() == ErrorCode::kUnavailable;
  EXPECT_EQ(refused, 2);
}

TEST(HttpPool, RunsTasksLaterAndDropsThemWhenStopped) {
  const auto pool = HttpPool::Start({.endpoint = "127.0.0.1:1"}).value();
  Answers answers;
  pool->Post([&] {
    const auto began_us = pool->NowUs();
    pool->RunAfter(2'000, [&, began_us] {
      EXPECT_GE(pool->NowUs(), began_us + 2'000);
      pool->Send({}, [&](auto reply) { answers.Add(std::move(reply)); });
    });
    pool->RunAfter(600'000'000, [] { FAIL(); });
  });
  EXPECT_EQ(answers.WaitFor(1)[0].error().code(), ErrorCode::kUnavailable);
  pool->Stop();
  pool->Post([] { FAIL(); });
}

}  // namespace
}  // namespace st::net
