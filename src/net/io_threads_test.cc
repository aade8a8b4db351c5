// Servers with several io threads.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/coding.h"
#include "base/mutex.h"
#include "net/frame_server.h"
#include "net/http_server.h"
#include "net/testing.h"

namespace st::net {
namespace {

constexpr std::int64_t kWaitUs = 20'000'000;
constexpr int kThreads = 3;

FrameOptions Options(const ClientBudgets& budgets = {}) {
  return {.listen = "127.0.0.1:0", .name = "t", .io_threads = kThreads, .budgets = budgets};
}

class Client {
 public:
  explicit Client(const std::string& address, const std::string& from = "127.0.0.1")
      : fd_(testing::ConnectFrom(from, address)) {}
  void Send(std::string_view bytes) const {
    ASSERT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void SendFrame(const std::string& payload) const {
    std::string frame;
    AppendBig(frame, static_cast<std::uint32_t>(payload.size()));
    Send(frame + payload);
  }
  std::string ReceiveFrame() const {
    const auto head = testing::Receive(fd_.get(), 4, kWaitUs);
    if (head.size() < 4) return "closed";
    return testing::Receive(fd_.get(), LoadBig<std::uint32_t>(head), kWaitUs);
  }
  std::string Receive(std::size_t n) const { return testing::Receive(fd_.get(), n, kWaitUs); }

 private:
  os::UniqueFd fd_;
};

using ThreadsSeen = Guarded<std::multiset<std::thread::id>>;

// The least and the most connections that one of the threads had, and how many threads there were.
struct Spread {
  std::size_t threads = 0;
  std::size_t least = 0;
  std::size_t most = 0;
};

Spread SpreadOf(const ThreadsSeen& seen) {
  return seen.With([](const auto& ids) {
    const std::set<std::thread::id> distinct(ids.begin(), ids.end());
    Spread spread{.threads = distinct.size(), .least = ids.size(), .most = 0};
    for (const auto& id : distinct) {
      spread.least = std::min(spread.least, ids.count(id));
      spread.most = std::max(spread.most, ids.count(id));
    }
    return spread;
  });
}

TEST(IoThreads, EachHasAsManyConnectionsAsTheOthers) {
  ThreadsSeen seen;
  const auto server =
      FrameServer::Start(Options(), [&](FrameSession&, std::string, auto responder) {
        seen.With([](auto& ids) { ids.insert(std::this_thread::get_id()); });
        responder->Send("done");
      }).value();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 4 * kThreads; ++i) {
    clients.push_back(std::make_unique<Client>(server->address()));
    clients.back()->SendFrame("x");
    ASSERT_EQ(clients.back()->ReceiveFrame(), "done");
  }
  const auto spread = SpreadOf(seen);
  EXPECT_EQ(spread.threads, kThreads);
  EXPECT_EQ(spread.least, 4U);
  EXPECT_EQ(spread.most, 4U);
}

TEST(IoThreads, AConnectionStaysOnItsThreadWithItsTasks) {
  ThreadsSeen seen;
  const auto server =
      FrameServer::Start(Options(), [&](FrameSession&, std::string, auto responder) {
        seen.With([](auto& ids) { ids.insert(std::this_thread::get_id()); });
        const std::shared_ptr<FrameResponder> shared = std::move(responder);
        shared->RunAfter(1'000, [&seen, shared] {
          seen.With([](auto& ids) { ids.insert(std::this_thread::get_id()); });
          shared->Send("late");
        });
      }).value();
  const Client other(server->address());
  const Client client(server->address());
  for (int i = 0; i < 5; ++i) {
    client.SendFrame("x");
    ASSERT_EQ(client.ReceiveFrame(), "late");
  }
  const auto spread = SpreadOf(seen);
  EXPECT_EQ(spread.threads, 1U);
  EXPECT_EQ(spread.most, 10U);
}

TEST(IoThreads, AHandlerThatTakesLongDelaysTheConnectionsOfItsThreadAlone) {
  std::mutex mutex;
  std::condition_variable released;
  bool is_released = false;
  const auto server =
      FrameServer::Start(Options(), [&](FrameSession&, const std::string& frame, auto responder) {
        if (frame == "long") {
          std::unique_lock lock(mutex);
          released.wait(lock, [&] { return is_released; });
        }
        responder->Send(frame);
      }).value();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kThreads; ++i) {
    clients.push_back(std::make_unique<Client>(server->address()));
    clients.back()->SendFrame("first");
    ASSERT_EQ(clients.back()->ReceiveFrame(), "first");
  }
  const auto& slow = *clients.front();
  slow.SendFrame("long");
  for (int i = 1; i < kThreads; ++i) {
    clients[static_cast<std::size_t>(i)]->SendFrame("quick");
    EXPECT_EQ(clients[static_cast<std::size_t>(i)]->ReceiveFrame(), "quick");
  }
  {
    const std::scoped_lock lock(mutex);
    is_released = true;
  }
  released.notify_all();
  EXPECT_EQ(slow.ReceiveFrame(), "long");
}

TEST(IoThreads, RoomThatOneGivesBackIsTakenByAnother) {
  auto budgets = ClientBudgets::ForProcess(nullptr);
  budgets.memory = Budget::Make(
      {.name = "memory", .total = 400'000, .per_address = 200'000, .per_charge = 200'000});
  auto options = Options(budgets);
  options.frame_timeout_us = 10 * kWaitUs;  // so that no sweep comes before the test ends
  options.idle_timeout_us = options.first_frame_timeout_us = 10 * kWaitUs;
  options.write_timeout_us = 10 * kWaitUs;
  const auto server = FrameServer::Start(options, [](FrameSession&, std::string frame, auto out) {
                        out->Send(std::move(frame));
                      }).value();
  auto holder = std::make_unique<Client>(server->address());
  holder->Send({"\0\2\0\0", 4});  // announces 131,072 bytes
  while (budgets.memory->used() == 0) std::this_thread::yield();
  std::vector<std::unique_ptr<Client>> waiting;
  for (int i = 0; i < kThreads; ++i) {
    waiting.push_back(std::make_unique<Client>(server->address()));
    waiting.back()->SendFrame(std::string(100'000, 'w'));
  }
  holder.reset();
  for (const auto& client : waiting) EXPECT_EQ(client->ReceiveFrame().size(), 100'000U);
}

TEST(IoThreads, TheLimitOfConnectionsIsOfAllTogether) {
  MetricRegistry metrics;
  auto options = Options();
  options.max_connections = 4;
  options.metrics = &metrics;
  const auto server = FrameServer::Start(options, [](FrameSession&, std::string frame, auto out) {
                        out->Send(std::move(frame));
                      }).value();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(std::make_unique<Client>(server->address()));
    clients.back()->SendFrame("x");
    ASSERT_EQ(clients.back()->ReceiveFrame(), "x");
  }
  const Client refused(server->address());
  EXPECT_EQ(refused.Receive(1), "");
  EXPECT_TRUE(metrics.Render().contains("steelthread_net_connections{listener=\"t\"} 4\n"));
  clients.clear();
  while (!metrics.Render().contains("steelthread_net_connections{listener=\"t\"} 0\n")) {
    std::this_thread::yield();
  }
  const Client next(server->address());
  next.SendFrame("again");
  EXPECT_EQ(next.ReceiveFrame(), "again");
}

TEST(IoThreads, AnHttpServerStopsWhenAllOfThemHaveAnswered) {
  Guarded<std::vector<std::unique_ptr<HttpResponder>>> held;
  const auto server =
      HttpServer::Start({.listen = "127.0.0.1:0",
                         .name = "t",
                         .limits = {},
                         .io_threads = kThreads,
                         .budgets = {}},
                        [&](const HttpRequest&, auto responder) {
                          held.With([&](auto& all) { all.push_back(std::move(responder)); });
                        })
          .value();
  std::vector<std::unique_ptr<Client>> clients;
  for (std::size_t i = 0; i < kThreads; ++i) {
    clients.push_back(std::make_unique<Client>(server->address()));
    clients.back()->Send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    while (held.With([](auto& all) { return all.size(); }) <= i) std::this_thread::yield();
  }
  std::thread stop([&] { server->Stop(kWaitUs); });
  held.With([](auto& all) {
    for (auto& responder : all) responder->Send({.body = "answered", .headers = {}});
  });
  for (const auto& client : clients) {
    EXPECT_TRUE(client->Receive(10'000).ends_with("answered"));
  }
  stop.join();
}

}  // namespace
}  // namespace st::net
