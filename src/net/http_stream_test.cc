// Tests answers whose body is made while it is sent.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <fstream>

#include "base/mutex.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/testing.h"
#include "os/thread.h"

namespace st::net {
namespace {

constexpr std::int64_t kLongestWaitMs = 20'000;
constexpr std::string_view kGet = "GET /s HTTP/1.1\r\nHost: x\r\n\r\n";

// A stream that a test feeds, and whose end the test can see.
class FedSource final : public HttpBodySource {
 public:
  explicit FedSource(bool is_endless = false) : is_endless_(is_endless) {}
  void Next(ChunkDone done) override {
    MutexLock lock(mu_);
    if (chunks_.empty()) {
      waiting_ = std::move(done);
      changed_.NotifyAll();
      return;
    }
    done(std::move(chunks_.front()));
    chunks_.pop_front();
  }
  void Finished(bool is_whole) override {
    MutexLock lock(mu_);
    is_whole_ = is_whole;
    changed_.NotifyAll();
  }
  bool is_endless() const override { return is_endless_; }

  void Feed(Result<std::optional<std::string>> chunk) {
    MutexLock lock(mu_);
    if (!waiting_) return chunks_.push_back(std::move(chunk));
    std::exchange(waiting_, nullptr)(std::move(chunk));
  }
  // Waits until the server asks for a chunk that the test has not fed yet.
  bool IsAsked() {
    MutexLock lock(mu_);
    return WaitUntil([&]() ST_NO_THREAD_SAFETY_ANALYSIS { return waiting_ != nullptr; });
  }
  // Waits for the end and returns whether the body was sent whole.
  std::optional<bool> End() {
    MutexLock lock(mu_);
    WaitUntil([&]() ST_NO_THREAD_SAFETY_ANALYSIS { return is_whole_.has_value(); });
    return is_whole_;
  }
  void DropDone() {
    MutexLock lock(mu_);
    waiting_ = nullptr;
  }

 private:
  template <typename Condition>
  bool WaitUntil(Condition is_met) ST_REQUIRES(mu_) {
    for (std::int64_t waited_ms = 0; !is_met() && waited_ms < kLongestWaitMs; ++waited_ms) {
      changed_.WaitFor(mu_, std::chrono::milliseconds(1));
    }
    return is_met();
  }

  const bool is_endless_;
  Mutex mu_;
  CondVar changed_;
  std::deque<Result<std::optional<std::string>>> chunks_ ST_GUARDED_BY(mu_);
  ChunkDone waiting_ ST_GUARDED_BY(mu_) = nullptr;
  std::optional<bool> is_whole_ ST_GUARDED_BY(mu_);
};

class Client {
 public:
  explicit Client(const std::string& address) : fd_(testing::ConnectFrom("127.0.0.1", address)) {}
  void Send(std::string_view bytes) {
    ASSERT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // Reads until `end` arrived, or until the server closed.
  std::string Read(std::string_view end = "") {
    std::string got;
    while (end.empty() || !got.contains(end)) {
      const auto part = ReadSome();
      if (part.empty()) break;
      got += part;
    }
    return got;
  }
  // Returns "" at the end.
  std::string ReadSome() {
    pollfd wait{fd_.get(), POLLIN, 0};
    if (::poll(&wait, 1, static_cast<int>(kLongestWaitMs)) <= 0) return "";
    const ssize_t n = ::recv(fd_.get(), part_.data(), part_.size(), 0);
    return n <= 0 ? "" : part_.substr(0, static_cast<std::size_t>(n));
  }
  void EndSending() { ::shutdown(fd_.get(), SHUT_WR); }
  void Leave() { fd_.Reset(); }

 private:
  os::UniqueFd fd_;
  std::string part_ = std::string(64 << 10, '\0');
};

class HttpStreamTest : public ::testing::Test {
 protected:
  void Start(std::shared_ptr<HttpBodySource> source, HttpLimits limits = {}) {
    server_ = HttpServer::Start({.listen = "127.0.0.1:0",
                                 .name = "t",
                                 .limits = limits,
                                 .budgets = budgets_,
                                 .metrics = &metrics_},
                                [source](const HttpRequest& request, auto responder) {
                                  if (request.path != "/s") {
                                    return responder->Send({.body = "unstreamed", .headers = {}});
                                  }
                                  HttpResponse response;
                                  response.source = source;
                                  responder->Send(std::move(response));
                                })
                  .value();
  }
  bool HasMetric(const std::string& sample) { return metrics_.Render().contains(sample); }
  MetricRegistry metrics_;
  const ClientBudgets budgets_ = ClientBudgets::ForProcess(nullptr);
  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpStreamTest, ChunksArriveAsTheyAreMadeAndTheConnectionGoesOn) {
  const auto source = std::make_shared<FedSource>();
  Start(source);
  Client client(server_->address());
  client.Send(kGet);
  const auto head = client.Read("\r\n\r\n");
  EXPECT_TRUE(head.contains("Transfer-Encoding: chunked\r\n")) << head;
  EXPECT_FALSE(head.contains("Content-Length") || head.contains("Connection")) << head;
  EXPECT_TRUE(source->IsAsked());
  EXPECT_TRUE(HasMetric("steelthread_http_streams{listener=\"t\"} 1\n"));
  source->Feed("one");
  EXPECT_EQ(client.Read("one\r\n"), "3\r\none\r\n");
  source->Feed("");
  source->Feed(std::string(10'000, 'x'));
  EXPECT_EQ(client.Read("x\r\n"), "2710\r\n" + std::string(10'000, 'x') + "\r\n");
  client.Send("GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  source->Feed("two");
  source->Feed(std::nullopt);
  const auto rest = client.Read("unstreamed");
  EXPECT_TRUE(rest.starts_with("3\r\ntwo\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n")) << rest;
  EXPECT_EQ(source->End(), true);
  EXPECT_TRUE(HasMetric("steelthread_http_streams{listener=\"t\"} 0\n"));
  EXPECT_TRUE(HasMetric("steelthread_http_streams_cut_total{listener=\"t\"} 0\n"));
}

TEST_F(HttpStreamTest, OurClientsReadAStreamedBody) {
  const auto source = std::make_shared<FedSource>();
  Start(source);
  for (const std::string part : {"a", "b", "c"}) source->Feed(part);
  source->Feed(std::nullopt);
  EXPECT_EQ(Fetch(server_->address(), {.target = "/s"})->body, "abc");
  EXPECT_EQ(source->End(), true);
}

TEST_F(HttpStreamTest, Http10GetsTheBodyUpToTheClose) {
  const auto source = std::make_shared<FedSource>();
  Start(source);
  for (const std::string part : {"a", "b"}) source->Feed(part);
  source->Feed(std::nullopt);
  Client client(server_->address());
  client.Send("GET /s HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const auto got = client.Read();
  EXPECT_TRUE(got.contains("Connection: close\r\n") && got.ends_with("\r\n\r\nab")) << got;
  EXPECT_FALSE(got.contains("Content-Length") || got.contains("Transfer-Encoding")) << got;
}

TEST_F(HttpStreamTest, HeadHasTheHeadersOfGetAndAsksForNoChunk) {
  const auto source = std::make_shared<FedSource>();
  Start(source);
  Client client(server_->address());
  client.Send("HEAD /s HTTP/1.1\r\nHost: x\r\n\r\nGET /p HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto got = client.Read("unstreamed");
  EXPECT_TRUE(got.contains("Transfer-Encoding: chunked\r\n\r\nHTTP/1.1 200")) << got;
  EXPECT_EQ(source->End(), true);
}

TEST_F(HttpStreamTest, AClientThatGoesAwayIsNoticedWhileTheStreamIsSilent) {
  const auto source = std::make_shared<FedSource>(true);
  Start(source);
  Client client(server_->address());
  client.Send(kGet);
  client.Read("\r\n\r\n");
  source->Feed("event: 1\n\n");
  client.Read("1\n\n\r\n");
  EXPECT_TRUE(source->IsAsked());
  client.Leave();
  EXPECT_EQ(source->End(), false);
  source->Feed("to nobody");
  EXPECT_TRUE(HasMetric("steelthread_http_streams_cut_total{listener=\"t\"} 1\n"));
  EXPECT_EQ(Fetch(server_->address(), {})->body, "unstreamed");
}

TEST_F(HttpStreamTest, AFailedOrDroppedChunkCutsTheBody) {
  for (const bool is_dropped : {false, true}) {
    const auto source = std::make_shared<FedSource>();
    Start(source);
    Client client(server_->address());
    client.Send(kGet);
    client.Read("\r\n\r\n");
    source->Feed("part");
    client.Read("part\r\n");
    EXPECT_TRUE(source->IsAsked());
    if (is_dropped) {
      source->DropDone();
    } else {
      source->Feed(Fail(ErrorCode::kIo, "no more"));
    }
    EXPECT_EQ(client.Read(), "") << "closed without an end";
    EXPECT_EQ(source->End(), false);
  }
}

TEST_F(HttpStreamTest, AChunkBeyondTheLimitCutsTheBody) {
  const auto source = std::make_shared<FedSource>();
  Start(source);
  source->Feed(std::string(kMaxStreamChunkBytes, 'x'));
  source->Feed(std::string(kMaxStreamChunkBytes + 1, 'x'));
  Client client(server_->address());
  client.Send(kGet);
  EXPECT_TRUE(client.Read().ends_with("x\r\n"));
  EXPECT_EQ(source->End(), false);
}

TEST_F(HttpStreamTest, AClientThatTakesNothingIsCut) {
  const auto source = std::make_shared<FedSource>();
  Start(source, {.write_timeout_us = 200'000});
  for (int i = 0; i < 64; ++i) source->Feed(std::string(kMaxStreamChunkBytes, 'x'));
  Client client(server_->address());
  client.Send(kGet);
  EXPECT_EQ(source->End(), false);
}

TEST_F(HttpStreamTest, StopEndsStreamsOfEventsAndSendsOtherBodiesOn) {
  const auto events = std::make_shared<FedSource>(true);
  Start(events);
  Client client(server_->address());
  client.Send(kGet);
  client.Read("\r\n\r\n");
  EXPECT_TRUE(events->IsAsked());
  server_->Stop(20'000'000);
  EXPECT_EQ(client.Read(), "0\r\n\r\n");
  EXPECT_EQ(events->End(), true);

  const auto body = std::make_shared<FedSource>();
  Start(body);
  Client reader(server_->address());
  reader.Send(kGet);
  reader.Read("\r\n\r\n");
  EXPECT_TRUE(body->IsAsked());
  os::Thread stopper("stop", [&] { server_->Stop(20'000'000); });
  body->Feed("last");
  body->Feed(std::nullopt);
  EXPECT_EQ(reader.Read(), "4\r\nlast\r\n0\r\n\r\n");
  stopper.Join();
  EXPECT_EQ(body->End(), true);
}

TEST_F(HttpStreamTest, StopTruncatesABodyThatTakesLongerThanItsGrace) {
  const auto source = std::make_shared<FedSource>();
  Start(source);
  Client client(server_->address());
  client.Send(kGet);
  client.Read("\r\n\r\n");
  EXPECT_TRUE(source->IsAsked());
  server_->Stop(0);
  EXPECT_EQ(client.Read(), "");
  EXPECT_EQ(source->End(), false);
  source->Feed("late");
}

// Makes a body of `bytes`, and counts the bytes made.
class LargeSource final : public HttpBodySource {
 public:
  explicit LargeSource(std::uint64_t bytes) : left_(bytes) {}
  void Next(ChunkDone done) override {
    if (left_ == 0) return done(std::nullopt);
    const auto n = std::min<std::uint64_t>(left_, 64 << 10);
    left_ -= n;
    made_ += n;
    done(std::string(n, 'x'));
  }
  void Finished(bool) override {}
  std::uint64_t made() const { return made_; }

 private:
  std::uint64_t left_;
  std::atomic<std::uint64_t> made_ = 0;
};

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kKeepsFreedMemory = true;  // the sanitizer quarantines freed memory
#else
constexpr bool kKeepsFreedMemory = false;
#endif

std::uint64_t ResidentBytes() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * 4096;
}

TEST_F(HttpStreamTest, AGibibyteToASlowReaderTakesLittleMemory) {
  constexpr std::uint64_t kBytes = 1 << 30;
  constexpr std::uint64_t kMostHeld = 8 << 20;
  constexpr std::uint64_t kMostAhead = 16 << 20;  // the system's buffers may hold so much
  constexpr std::uint64_t kReadsBetweenPauses = 2'000;
  const auto source = std::make_shared<LargeSource>(kBytes);
  Start(source);
  Client client(server_->address());
  client.Send(kGet);
  std::uint64_t got = client.Read("\r\n\r\n").size();
  const auto before = ResidentBytes();
  std::uint64_t most_ahead = 0;
  std::uint64_t most_held = 0;
  for (std::uint64_t reads = 0; true; ++reads) {
    if (reads % kReadsBetweenPauses == 0) {
      // Wait until the server has filled all buffers and stops.
      for (std::uint64_t made = 1; made != source->made();) {
        made = source->made();
        ::poll(nullptr, 0, 20);
      }
      most_ahead = std::max(most_ahead, source->made() - std::min(source->made(), got));
      const auto now = ResidentBytes();
      most_held = std::max(most_held, now - std::min(now, before));
      EXPECT_LE(budgets_.memory->used(), kMaxStreamChunkBytes);
    }
    const auto part = client.ReadSome();
    got += part.size();
    if (part.empty() || part.ends_with("0\r\n\r\n")) break;
  }
  EXPECT_GT(got, kBytes);
  EXPECT_LT(got, kBytes + (kBytes >> 10)) << "with the sizes of its chunks";
  EXPECT_LT(most_ahead, kMostAhead);
  if (!kKeepsFreedMemory) {
    EXPECT_LT(most_held, kMostHeld);
  }
}

}  // namespace
}  // namespace st::net
