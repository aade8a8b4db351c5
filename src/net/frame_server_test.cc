#include "net/frame_server.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <new>

#include "base/coding.h"
#include "base/mutex.h"
#include "net/address.h"
#include "net/testing.h"
#include "os/thread.h"

namespace st::net {
namespace {

constexpr std::int64_t kWaitUs = 20'000'000;

class Client {
 public:
  explicit Client(const std::string& address, const std::string& from = "127.0.0.1")
      : fd_(testing::ConnectFrom(from, address)) {}
  void SendRaw(std::string_view bytes) {
    ASSERT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  void Send(std::string_view payload) {
    std::string frame;
    AppendBig(frame, static_cast<std::uint32_t>(payload.size()));
    SendRaw(frame + std::string(payload));
  }
  // Returns the next frame, or "closed".
  std::string Receive() {
    std::string head = Take(4);
    if (head.size() < 4) return "closed";
    return Take(LoadBig<std::uint32_t>(head));
  }

 private:
  std::string Take(std::size_t n) { return testing::Receive(fd_.get(), n, kWaitUs); }
  os::UniqueFd fd_;
};

TEST(FrameServer, AnswersLeaveInTheOrderOfTheRequests) {
  Guarded<std::vector<std::unique_ptr<FrameResponder>>> held;
  auto server = FrameServer::Start({.listen = "127.0.0.1:0", .name = "t"}, [&](FrameSession&,
                                                                               std::string frame,
                                                                               auto responder) {
                  if (frame == "quiet") return responder->SendNothing();
                  if (frame == "first") {
                    held.With([&](auto& h) { h.push_back(std::move(responder)); });
                    return;
                  }
                  responder->Send("answer to " + frame);
                  held.With([](auto& h) {
                    if (!h.empty()) h.front()->Send("late answer");
                    h.clear();
                  });
                }).value();
  Client client(server->address());
  for (const auto* frame : {"first", "quiet", "second"}) client.Send(frame);
  EXPECT_EQ(client.Receive(), "late answer");
  EXPECT_EQ(client.Receive(), "answer to second");
}

TEST(FrameServer, ClosesOnAnOversizeFrameAndGoesOnServing) {
  auto server = FrameServer::Start({.listen = "127.0.0.1:0", .name = "t", .max_frame_bytes = 100},
                                   [](FrameSession&, std::string frame, auto responder) {
                                     responder->Send(frame);
                                   })
                    .value();
  Client hostile(server->address());
  hostile.SendRaw("\x7F\xFF\xFF\xFF");
  EXPECT_EQ(hostile.Receive(), "closed");
  Client good(server->address());
  good.Send("hello");
  EXPECT_EQ(good.Receive(), "hello");
}

TEST(FrameServer, ADroppedResponderClosesTheConnection) {
  auto server = FrameServer::Start({.listen = "127.0.0.1:0", .name = "t"}, [](FrameSession&,
                                                                              std::string, auto) {
                }).value();
  Client client(server->address());
  client.Send("x");
  EXPECT_EQ(client.Receive(), "closed");
}

TEST(FrameServer, NothingIsSentAfterAClose) {
  Guarded<std::vector<std::unique_ptr<FrameResponder>>> held;
  auto server = FrameServer::Start({.listen = "127.0.0.1:0", .name = "t"}, [&](FrameSession&,
                                                                               std::string frame,
                                                                               auto responder) {
                  held.With([&](auto& h) {
                    h.push_back(std::move(responder));
                    if (frame != "last") return;
                    h[0]->Send(std::string(8 << 20, 'x'));
                    h[1]->Close();
                    h[2]->Send("never");
                  });
                }).value();
  Client client(server->address());
  for (const auto* frame : {"first", "second", "last"}) client.Send(frame);
  EXPECT_EQ(client.Receive().size(), 8U << 20);
  EXPECT_EQ(client.Receive(), "closed");
}

TEST(FrameServer, APeerThatTakesNoAnswerIsClosed) {
  MetricRegistry metrics;
  auto server =
      FrameServer::Start(
          {.listen = "127.0.0.1:0", .name = "t", .write_timeout_us = 100'000, .metrics = &metrics},
          [](FrameSession&, std::string, auto responder) {
            responder->Send(std::string(32 << 20, 'x'));
          })
          .value();
  Client client(server->address());
  client.Send("x");
  const auto has = [&](std::string_view sample) { return metrics.Render().contains(sample); };
  while (!has("steelthread_net_frames_total{listener=\"t\"} 1\n")) std::this_thread::yield();
  while (!has("steelthread_net_connections{listener=\"t\"} 0\n")) std::this_thread::yield();
  EXPECT_LT(client.Receive().size(), 32U << 20);
}

void Echo(FrameSession&, std::string frame, std::unique_ptr<FrameResponder> responder) {
  responder->Send(std::move(frame));
}

// A budget for the frames and answers of all clients; one address may have half of it.
ClientBudgets WithMemory(std::uint64_t total, MetricRegistry* metrics = nullptr) {
  auto budgets = ClientBudgets::ForProcess(nullptr);
  budgets.memory = Budget::Make({.name = "memory",
                                 .total = total,
                                 .per_address = total / 2,
                                 .per_charge = total / 2,
                                 .metrics = metrics});
  return budgets;
}

TEST(FrameServer, AStartedFrameAndTheFirstOneHaveDeadlines) {
  MetricRegistry metrics;
  auto server = FrameServer::Start({.listen = "127.0.0.1:0",
                                    .name = "t",
                                    .first_frame_timeout_us = 50'000,
                                    .frame_timeout_us = 50'000,
                                    .metrics = &metrics},
                                   Echo)
                    .value();
  Client partial(server->address());
  partial.SendRaw({"\0\0\0\x9only", 8});
  EXPECT_EQ(partial.Receive(), "closed");
  EXPECT_EQ(Client(server->address()).Receive(), "closed");
  const auto closed = [&](std::string_view reason) {
    return metrics.Render().contains(
        fmt::format("steelthread_net_closed_total{{listener=\"t\",reason=\"{}\"}} 1\n", reason));
  };
  EXPECT_TRUE(closed("frame_timeout"));
  EXPECT_TRUE(closed("idle"));
}

TEST(FrameServer, AFrameWaitsForRoomOfItsClientAndDelaysNoOther) {
  const auto budgets = WithMemory(400'000);
  auto server =
      FrameServer::Start({.listen = "127.0.0.1:0", .name = "t", .budgets = budgets}, Echo).value();
  const std::string length("\0\2\0\0", 4);  // announces 131,072 bytes
  auto holder = std::make_unique<Client>(server->address(), "127.0.0.2");
  holder->SendRaw(length);
  while (budgets.memory->used() == 0) std::this_thread::yield();
  Client waiting(server->address(), "127.0.0.2");
  waiting.Send(std::string(131'072, 'w'));
  Client other(server->address());
  other.Send(std::string(131'072, 'o'));
  EXPECT_EQ(other.Receive(), std::string(131'072, 'o'));
  // Wait until only the holder's bytes remain.
  while (budgets.memory->used() >= 200'000) std::this_thread::yield();
  holder.reset();
  EXPECT_EQ(waiting.Receive(), std::string(131'072, 'w'));
}

TEST(FrameServer, AnAnswerIsTakenWhileTheNextFrameWaitsForRoom) {
  MetricRegistry metrics;
  const auto budgets = WithMemory(400'000, &metrics);
  Guarded<std::unique_ptr<FrameResponder>> held;
  auto server = FrameServer::Start({.listen = "127.0.0.1:0", .name = "t", .budgets = budgets},
                                   [&](FrameSession&, std::string frame, auto responder) {
                                     if (frame.front() != 'h') {
                                       return responder->Send(std::move(frame));
                                     }
                                     held.With([&](auto& h) { h = std::move(responder); });
                                   })
                    .value();
  auto holder = std::make_unique<Client>(server->address());
  holder->SendRaw(std::string("\0\1\xd4\xc0", 4));  // announces 120,000 bytes
  while (budgets.memory->used() < 100'000) std::this_thread::yield();
  Client client(server->address());
  client.Send(std::string(50'000, 'h'));
  while (held.With([](auto& h) { return h == nullptr; })) std::this_thread::yield();
  client.Send(std::string(100'000, 'n'));  // has no room beside the holder's bytes
  while (!metrics.Render().contains("steelthread_budget_refused_total{budget=\"memory\"} 1\n")) {
    std::this_thread::yield();
  }
  held.With([](auto& h) { h->Send("taken"); });
  EXPECT_EQ(client.Receive(), "taken");
  holder.reset();
  EXPECT_EQ(client.Receive(), std::string(100'000, 'n'));
}

TEST(FrameServer, AnAnswerBeyondItsClientsShareClosesTheConnection) {
  const auto budgets = WithMemory(400'000);
  auto server =
      FrameServer::Start({.listen = "127.0.0.1:0", .name = "t", .budgets = budgets},
                         [](FrameSession&, const std::string& frame, auto responder) {
                           EXPECT_EQ(responder->Room(), 200'000U);
                           responder->Send(std::string(frame == "much" ? 250'000 : 150'000, 'x'));
                         })
          .value();
  Client client(server->address());
  client.Send("some");
  EXPECT_EQ(client.Receive().size(), 150'000U);
  while (budgets.memory->used() != 0) std::this_thread::yield();
  client.Send("much");
  EXPECT_EQ(client.Receive(), "closed");
}

TEST(FrameServer, RoomReservedForOneAnswerIsNotGivenToAnother) {
  const auto budgets = WithMemory(400'000);
  Guarded<std::vector<std::shared_ptr<FrameResponder>>> held;
  Guarded<std::vector<bool>> granted;
  auto server = FrameServer::Start({.listen = "127.0.0.1:0", .name = "t", .budgets = budgets},
                                   [&](FrameSession&, const std::string&, auto responder) {
                                     const std::shared_ptr<FrameResponder> shared =
                                         std::move(responder);
                                     const bool is_granted = shared->Reserve(150'000);
                                     granted.With([&](auto& g) { g.push_back(is_granted); });
                                     held.With([&](auto& h) { h.push_back(shared); });
                                   })
                    .value();
  const auto count = [&] { return held.With([](auto& h) { return h.size(); }); };
  Client first(server->address());
  first.Send("x");
  while (count() < 1) std::this_thread::yield();
  Client second(server->address());
  second.Send("x");
  while (count() < 2) std::this_thread::yield();
  EXPECT_EQ(granted.With([](auto& g) { return g; }), (std::vector<bool>{true, false}));
  held.With([](auto& h) { h.front()->Send(std::string(150'000, 'x')); });
  EXPECT_EQ(first.Receive().size(), 150'000U);
  while (budgets.memory->used() != 0) std::this_thread::yield();
}

TEST(FrameServer, AFrameThatIsNotPipelinedWaitsForEarlierAnswers) {
  constexpr std::size_t kLarge = 32 << 20;  // more than the buffers of both sockets hold
  std::atomic<int> handed = 0;
  auto server = FrameServer::Start({.listen = "127.0.0.1:0",
                                    .name = "t",
                                    .is_pipelined = [](auto frame) { return frame == "p"; }},
                                   [&](FrameSession&, const std::string& frame, auto responder) {
                                     ++handed;
                                     responder->Send(frame == "p" ? "p" : std::string(kLarge, 'x'));
                                   })
                    .value();
  Client client(server->address());
  for (int i = 0; i < 64; ++i) client.Send("poll");
  Client other(server->address());
  other.Send("p");
  EXPECT_EQ(other.Receive(), "p");
  EXPECT_LE(handed, 2) << "the other client's, and one of 64";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(client.Receive().size(), kLarge);
}

TEST(FrameServer, ARequestCanHoldBackThoseBehindIt) {
  Guarded<std::vector<std::unique_ptr<FrameResponder>>> held;
  Guarded<std::vector<std::string>> seen;
  auto server =
      FrameServer::Start({.listen = "127.0.0.1:0", .name = "t"}, [&](FrameSession&,
                                                                     const std::string& frame,
                                                                     auto responder) {
        seen.With([&](auto& s) { s.push_back(frame); });
        if (frame != "first") return responder->Send(frame);
        responder->HoldBack();
        held.With([&](auto& h) { h.push_back(std::move(responder)); });
      }).value();
  Client client(server->address());
  for (const auto* frame : {"first", "second"}) client.Send(frame);
  while (held.With([](auto& h) { return h.empty(); })) std::this_thread::yield();
  Client other(server->address());
  other.Send("other");
  EXPECT_EQ(other.Receive(), "other");
  EXPECT_EQ(seen.With([](auto& s) { return s; }), (std::vector<std::string>{"first", "other"}));
  held.With([](auto& h) { h.front()->Release(); });
  while (seen.With([](auto& s) { return s.size(); }) < 3) std::this_thread::yield();
  held.With([](auto& h) { h.front()->Send("late"); });
  EXPECT_EQ(client.Receive(), "late");
  EXPECT_EQ(client.Receive(), "second");
}

TEST(FrameServer, AnAllocationThatFailsCostsItsConnectionOnly) {
  auto server = FrameServer::Start({.listen = "127.0.0.1:0", .name = "t"}, [](FrameSession&,
                                                                              std::string frame,
                                                                              auto responder) {
                  if (frame == "bad") throw std::bad_alloc();
                  responder->Send(std::move(frame));
                }).value();
  Client bad(server->address());
  bad.Send("bad");
  EXPECT_EQ(bad.Receive(), "closed");
  Client good(server->address());
  good.Send("good");
  EXPECT_EQ(good.Receive(), "good");
}

TEST(FrameServer, AnswersAfterTheServerIsGoneAreDropped) {
  Guarded<std::vector<std::unique_ptr<FrameResponder>>> held;
  const auto count = [&] { return held.With([](auto& h) { return h.size(); }); };
  auto server =
      FrameServer::Start({.listen = "127.0.0.1:0", .name = "t"}, [&](FrameSession&, std::string,
                                                                     auto responder) {
        held.With([&](auto& h) { h.push_back(std::move(responder)); });
      }).value();
  server->RunAfter(60'000'000, [] {});
  Client client(server->address());
  for (int i = 0; i < 20; ++i) client.Send("x");
  while (count() < 20) std::this_thread::yield();
  os::Thread racer("race", [&] {
    for (std::size_t i = 0; i < 10; ++i) held.With([&](auto& h) { h[i]->Send("racing"); });
  });
  server.reset();
  racer.Join();
  held.With([](auto& h) {
    h[10]->Send("late");
    h.clear();
  });
}

TEST(FrameServer, StopLetsRequestsInHandBeAnswered) {
  FrameServer* self = nullptr;
  auto server = FrameServer::Start(
                    {.listen = "127.0.0.1:0", .name = "t"},
                    [&](FrameSession&, std::string, std::unique_ptr<FrameResponder> responder) {
                      auto shared = std::shared_ptr<FrameResponder>(std::move(responder));
                      self->RunAfter(50'000, [shared] { shared->Send("done"); });
                    })
                    .value();
  self = server.get();
  Client client(server->address());
  client.Send("x");
  client.Send("x");
  EXPECT_EQ(client.Receive(), "done");
  server->Stop(5'000'000);
  EXPECT_EQ(client.Receive(), "done");
  EXPECT_EQ(client.Receive(), "closed");
}

TEST(FrameServer, ABusyPortIsNamed) {
  const auto handler = [](FrameSession&, std::string, auto) {};
  auto server = FrameServer::Start({.listen = "127.0.0.1:0", .name = "t"}, handler).value();
  const auto second = FrameServer::Start({.listen = server->address(), .name = "t"}, handler);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(second.error().message(), "address already in use: " + server->address());
}

}  // namespace
}  // namespace st::net
