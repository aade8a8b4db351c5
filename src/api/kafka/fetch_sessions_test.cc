#include "api/kafka/fetch_sessions.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/kafka/limits.h"
#include "format/kafka/limits.h"
#include "os/random.h"
#include "os/testing/step_clock.h"
#include "os/thread.h"

namespace st::api {
namespace {

using kafka::ErrorCode;
using kafka::FetchRequest;

constexpr std::int64_t kAWhileUs = kFetchSessionIdleUs + 1'000'000;

class FetchSessionsTest : public ::testing::Test {
 protected:
  static FetchRequest Request(std::int32_t session, std::int32_t epoch, std::int32_t partitions,
                              std::string_view topic = "a") {
    FetchRequest request{.session = session, .session_epoch = epoch};
    for (std::int32_t n = 0; n < partitions; ++n) {
      request.partitions.push_back({.topic = {.name = topic}, .partition = n});
    }
    return request;
  }
  // The id of a new session of so many partitions.
  std::int32_t Begin(std::int32_t partitions = 1, const std::string& client = "me") {
    auto fetch = sessions_.Take(Request(0, 0, partitions), false);
    EXPECT_TRUE(fetch.may_begin);
    return Finish(fetch, client);
  }
  // Has a fetch answered with one for each of its partitions; the id of its session.
  std::int32_t Finish(FetchSessions::Fetch& fetch, const std::string& client = "me") {
    std::vector<kafka::FetchedPartition> parts(fetch.partitions->parts().size());
    EXPECT_TRUE(sessions_.Finish(fetch, parts, client));
    FetchSessions::Release(fetch);
    return fetch.session;
  }
  ErrorCode Continue(std::int32_t session, std::int32_t epoch, bool by_id = false) {
    auto fetch = sessions_.Take(Request(session, epoch, 0), by_id);
    EXPECT_EQ(fetch.partitions != nullptr, fetch.error == ErrorCode::kNone);
    EXPECT_FALSE(fetch.may_begin);
    if (fetch.error == ErrorCode::kNone) EXPECT_EQ(Finish(fetch), session);
    return fetch.error;
  }
  std::int64_t Metric(const std::string& name) {
    const std::string text = metrics_.Render();
    const auto at = text.find("\n" + name + " ");
    return at == std::string::npos ? -1 : std::stoll(text.substr(at + name.size() + 2));
  }

  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  MetricRegistry metrics_;
  FetchSessions sessions_{clock_, *random_, &metrics_};
};

TEST_F(FetchSessionsTest, EachFetchOfASessionHasTheNextEpoch) {
  const auto id = Begin();
  ASSERT_GT(id, 0);
  EXPECT_EQ(Continue(id, 2), ErrorCode::kInvalidFetchSessionEpoch);
  EXPECT_EQ(Continue(id, 1), ErrorCode::kNone);
  EXPECT_EQ(Continue(id, 1), ErrorCode::kInvalidFetchSessionEpoch) << "a repeat";
  EXPECT_EQ(Continue(id, -2), ErrorCode::kInvalidFetchSessionEpoch);
  EXPECT_EQ(Continue(id, 2), ErrorCode::kNone) << "what was refused did not count";
  EXPECT_EQ(Continue(0, 1), ErrorCode::kFetchSessionIdNotFound);
  EXPECT_EQ(Continue(id ^ 1, 1), ErrorCode::kFetchSessionIdNotFound);
}

TEST_F(FetchSessionsTest, ASessionByNamesIsNotContinuedByIds) {
  const auto id = Begin();
  EXPECT_EQ(Continue(id, 5, true), ErrorCode::kInvalidFetchSessionEpoch);
  EXPECT_EQ(Continue(id, 1, true), ErrorCode::kFetchSessionTopicIdError);
  EXPECT_EQ(Continue(id, 1), ErrorCode::kNone);
}

TEST_F(FetchSessionsTest, AFullFetchEndsTheSessionThatItNames) {
  auto id = Begin();
  const auto final = sessions_.Take(Request(id, kafka::kFinalFetchEpoch, 3), false);
  EXPECT_FALSE(final.may_begin);
  EXPECT_EQ(final.session, kafka::kNoFetchSession);
  EXPECT_EQ(final.partitions->parts().size(), 3);
  EXPECT_EQ(Continue(id, 1), ErrorCode::kFetchSessionIdNotFound);
  id = Begin();
  const auto anew = sessions_.Take(Request(id, kafka::kFirstFetchEpoch, 2), false);
  EXPECT_TRUE(anew.may_begin);
  EXPECT_EQ(Continue(id, 1), ErrorCode::kFetchSessionIdNotFound);
  EXPECT_EQ(sessions_.size(), 0);
  EXPECT_EQ(sessions_.bytes(), 0);
}

TEST_F(FetchSessionsTest, ASessionThatForgetsAllEnds) {
  const auto id = Begin(2);
  auto request = Request(id, 1, 1, "b");
  request.forgotten = {{{.name = "a"}, 0}, {{.name = "a"}, 1}, {{.name = "b"}, 0}};
  const auto fetch = sessions_.Take(request, false);
  EXPECT_EQ(fetch.session, kafka::kNoFetchSession);
  EXPECT_EQ(fetch.partitions->parts().size(), 1) << "as Kafka: what the request names is read";
  EXPECT_EQ(Continue(id, 2), ErrorCode::kFetchSessionIdNotFound);
  EXPECT_EQ(sessions_.bytes(), 0);
}

TEST_F(FetchSessionsTest, AFetchIsNotAnsweredOnceTheNextOneCame) {
  const auto id = Begin();
  auto first = sessions_.Take(Request(id, 1, 0), false);
  EXPECT_TRUE(FetchSessions::IsCurrent(first));
  auto second = sessions_.Take(Request(id, 2, 0), false);
  EXPECT_FALSE(FetchSessions::IsCurrent(first));
  std::vector<kafka::FetchedPartition> parts(1);
  EXPECT_FALSE(sessions_.Finish(first, parts, "me"));
  EXPECT_TRUE(FetchSessions::IsCurrent(second));
  sessions_.Take(Request(id, kafka::kFirstFetchEpoch, 1), false);
  EXPECT_TRUE(FetchSessions::IsCurrent(second)) << "its session ended without a later one";
  EXPECT_EQ(Finish(second), id);
}

TEST_F(FetchSessionsTest, NobodyChangesThePartitionsOfAFetchInWork) {
  const auto id = Begin(2);
  auto first = sessions_.Take(Request(id, 1, 0), false);
  const auto* const kept = first.partitions.get();
  auto second = sessions_.Take(Request(id, 2, 1, "b"), false);
  EXPECT_NE(second.partitions.get(), kept);
  EXPECT_EQ(second.partitions->parts().size(), 3);
  EXPECT_EQ(first.partitions->parts().size(), 2);
  EXPECT_EQ(first.partitions->parts()[1].topic->asked.name, "a");
  FetchSessions::Release(first);
  const auto* const copied = second.partitions.get();
  auto third = sessions_.Take(Request(id, 3, 0), false);
  EXPECT_NE(third.partitions.get(), copied) << "the second one still has them";
  const auto* const last = third.partitions.get();
  EXPECT_EQ(Finish(third), id);
  const auto fourth = sessions_.Take(Request(id, 4, 0), false);
  EXPECT_EQ(fourth.partitions.get(), last) << "none is copied that nobody uses";
}

TEST_F(FetchSessionsTest, AFetchOutlivesTheSessionThatForgotItsPartitions) {
  const auto id = Begin(2);
  auto first = sessions_.Take(Request(id, 1, 0), false);
  auto request = Request(id, 2, 0);
  request.forgotten = {{{.name = "a"}, 0}, {{.name = "a"}, 1}};
  auto second = sessions_.Take(request, false);
  EXPECT_EQ(Finish(second), kafka::kNoFetchSession);
  EXPECT_EQ(first.partitions->parts().size(), 2);
  EXPECT_FALSE(FetchSessions::IsCurrent(first));
}

TEST_F(FetchSessionsTest, ThreadsShareOneSession) {
  constexpr int kThreads = 4;
  constexpr std::int32_t kEach = 300;
  const auto id = Begin(20);
  std::atomic<std::int32_t> epoch = 1;
  std::atomic<int> finished = 0;
  std::vector<std::unique_ptr<os::Thread>> threads;
  for (int n = 0; n < kThreads; ++n) {
    threads.push_back(std::make_unique<os::Thread>("fetches", [&] {
      for (std::int32_t i = 0; i < kEach; ++i) {
        auto fetch = sessions_.Take(Request(id, epoch, 1, i % 2 == 0 ? "a" : "b"), false);
        if (fetch.error != ErrorCode::kNone) continue;
        ++epoch;
        std::vector<kafka::FetchedPartition> parts;
        for (const auto& part : fetch.partitions->parts()) {
          parts.push_back({.topic = part.topic->asked, .partition = part.partition});
          parts.back().records = i % 3 == 0 ? "records" : "";
        }
        const bool is_current = sessions_.Finish(fetch, parts, "me");
        finished += is_current ? 1 : 0;
        for (const auto& part : parts) EXPECT_LE(part.topic.name, "b");
        FetchSessions::Release(fetch);
      }
    }));
  }
  for (auto& thread : threads) thread->Join();
  EXPECT_GT(finished, 0);
  EXPECT_EQ(Continue(id, epoch), ErrorCode::kNone);
}

TEST_F(FetchSessionsTest, OneClientHasAShareOfThePlaces) {
  for (std::size_t i = 0; i < kMaxFetchSessionsPerAddress; ++i) ASSERT_NE(Begin(), 0);
  EXPECT_EQ(Begin(), 0) << "as many partitions as the others";
  EXPECT_EQ(Begin(2), 0) << "the others are young";
  EXPECT_NE(Begin(1, "another"), 0);
  EXPECT_EQ(Metric("steelthread_kafka_fetch_sessions_refused_total"), 2);
  EXPECT_EQ(Metric("steelthread_kafka_fetch_sessions_evicted_total"), 0);
  EXPECT_EQ(Metric("steelthread_kafka_fetch_sessions"), kMaxFetchSessionsPerAddress + 1);
}

TEST_F(FetchSessionsTest, TheOneThatWasNotUsedForLongestMakesPlace) {
  const auto others = Begin(1, "another");
  clock_.Advance(1);
  const auto oldest = Begin(3);
  clock_.Advance(1);
  const auto next = Begin(2);
  while (sessions_.size() <= kMaxFetchSessionsPerAddress) Begin();
  clock_.Advance(kFetchSessionIdleUs - 1);
  EXPECT_EQ(Begin(), 0) << "it is not idle for longer than that";
  clock_.Advance(1);
  EXPECT_NE(Begin(), 0);
  EXPECT_EQ(Continue(oldest, 1), ErrorCode::kFetchSessionIdNotFound);
  EXPECT_EQ(Continue(next, 1), ErrorCode::kNone);
  EXPECT_EQ(Continue(others, 1), ErrorCode::kNone) << "of another client";
  EXPECT_EQ(Metric("steelthread_kafka_fetch_sessions_evicted_total"), 1);
}

TEST_F(FetchSessionsTest, ALargerOneTakesThePlaceOfASmallerThatHasBeenInUse) {
  const auto larger = Begin(5);
  const auto smallest = Begin(2);
  const auto middle = Begin(3);
  std::vector<std::int32_t> young;
  clock_.Advance(kAWhileUs);
  for (const auto id : {larger, smallest, middle}) EXPECT_EQ(Continue(id, 1), ErrorCode::kNone);
  while (sessions_.size() < kMaxFetchSessionsPerAddress) young.push_back(Begin());
  EXPECT_EQ(Begin(2), 0) << "not larger than one that has been in use";
  EXPECT_NE(Begin(3), 0);
  EXPECT_EQ(Continue(smallest, 2), ErrorCode::kFetchSessionIdNotFound);
  EXPECT_EQ(Continue(middle, 2), ErrorCode::kNone);
  EXPECT_NE(Begin(4), 0);
  EXPECT_EQ(Continue(middle, 3), ErrorCode::kFetchSessionIdNotFound);
  EXPECT_EQ(Begin(4), 0);
  EXPECT_EQ(Continue(larger, 2), ErrorCode::kNone);
  EXPECT_EQ(Continue(young[0], 1), ErrorCode::kNone) << "smaller, and protected by its age";
}

TEST_F(FetchSessionsTest, AllClientsTogetherHaveABound) {
  for (int client = 0; sessions_.size() < kMaxFetchSessions; ++client) {
    for (int i = 0; i < 100; ++i) ASSERT_NE(Begin(1, fmt::format("client {}", client)), 0);
  }
  EXPECT_EQ(Begin(), 0);
  clock_.Advance(kAWhileUs);
  EXPECT_NE(Begin(), 0) << "in the place of an idle one of any client";
  EXPECT_EQ(sessions_.size(), kMaxFetchSessions);
}

TEST_F(FetchSessionsTest, MemoryHasABoundForEachClientAndForAll) {
  constexpr std::int32_t kPartitions = 4'000;
  const auto fill = [&](const std::string& client) {
    std::vector<std::int32_t> ids;
    while (const auto id = Begin(kPartitions, client)) ids.push_back(id);
    return ids;
  };
  const auto first = fill("first");
  const std::size_t of_one = sessions_.bytes();
  EXPECT_LE(of_one, kMaxFetchSessionBytesPerAddress);
  EXPECT_GT(of_one * 10, kMaxFetchSessionBytesPerAddress * 9) << "nearly all of its share";
  for (const auto id : first) EXPECT_EQ(Continue(id, 1), ErrorCode::kNone);
  fill("second");
  EXPECT_LE(fill("third").size(), 1) << "all is used, but for what others left";
  EXPECT_LE(sessions_.bytes(), kMaxFetchSessionBytes);
  EXPECT_EQ(Metric("steelthread_kafka_fetch_session_bytes"), sessions_.bytes());
  clock_.Advance(kAWhileUs);
  EXPECT_NE(Begin(kPartitions, "third"), 0) << "idle ones make room";
}

TEST_F(FetchSessionsTest, ASessionThatOutgrowsItsShareEnds) {
  const auto id = Begin();
  while (Begin(4'000) != 0) {
  }
  std::int32_t epoch = 0;
  ErrorCode error = ErrorCode::kNone;
  while (error == ErrorCode::kNone && epoch < 100'000) {
    const std::string name = fmt::format("{:0>240}", ++epoch);
    error = sessions_.Take(Request(id, epoch, 1, name), false).error;
  }
  EXPECT_EQ(error, ErrorCode::kFetchSessionIdNotFound) << "so its client begins anew";
  EXPECT_LT(epoch, kafka::kMaxRequestPartitions);
  EXPECT_LE(sessions_.bytes(), kMaxFetchSessionBytesPerAddress);
  EXPECT_EQ(Continue(id, epoch), ErrorCode::kFetchSessionIdNotFound);
}

TEST_F(FetchSessionsTest, ASessionHasNoMorePartitionsThanARequest) {
  const auto id = Begin(kafka::kMaxRequestPartitions);
  EXPECT_EQ(Continue(id, 1), ErrorCode::kNone);
  EXPECT_EQ(sessions_.Take(Request(id, 2, 1, "b"), false).error,
            ErrorCode::kFetchSessionIdNotFound);
  EXPECT_EQ(sessions_.size(), 0);
}

}  // namespace
}  // namespace st::api
