// Test fixture of consumer groups: a coordinator on a log in memory and a stepped clock, and
// members that speak to it.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/metrics.h"
#include "group/coordinator.h"
#include "log/testing.h"
#include "os/random.h"

namespace st::group::testing {

inline constexpr std::int64_t kSecondUs = 1'000'000;

// An answer that may come later.
template <typename Answer>
class Promised {
 public:
  Promised() : promise_(std::make_shared<std::promise<Answer>>()) {
    future_ = promise_->get_future().share();
  }
  std::function<void(const Answer&)> Setter() const {
    return [promise = promise_](const Answer& answer) { promise->set_value(answer); };
  }
  bool is_there() const {
    return future_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  const Answer& Get() const {
    if (future_.wait_for(std::chrono::seconds(20)) != std::future_status::ready) {
      ADD_FAILURE() << "no answer";
      static const Answer none{};
      return none;
    }
    return future_.get();
  }

 private:
  std::shared_ptr<std::promise<Answer>> promise_;
  std::shared_future<Answer> future_;
};

class GroupTest : public ::testing::Test {
 protected:
  void SetUp() override {
    settings_.initial_rebalance_delay_ms = 0;
    Open();
    topic_ = log_->CreateTopic("events", 4).value().id;
  }
  void TearDown() override {
    if (log_) log_->Stop();
  }
  void Open() {
    auto log = log::LocalLog::Open({*fs_, clock_, *random_}, options_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
    auto coordinator = Coordinator::Open({*fs_, clock_, *random_, &metrics_}, *log_, settings_);
    ASSERT_TRUE(coordinator) << coordinator.error().message();
    coordinator_ = std::move(*coordinator);
  }
  // As a kill leaves the disk, with a server that starts on it.
  void Kill() {
    auto disk = fs_->Crash(*random_);
    log_->Stop();
    coordinator_.reset();
    log_.reset();
    fs_ = std::move(disk);
    Open();
  }

  JoinRequest RequestOf(const std::string& member) const {
    return {.group = "g",
            .member = member,
            .instance = {},
            .protocol_type = "consumer",
            .protocols = {{"range", "topics"}},
            .session_timeout_ms = 10'000,
            .rebalance_timeout_ms = 60'000,
            .client = {.id = "client", .host = "/127.0.0.1", .address = "127.0.0.1"}};
  }
  Promised<JoinAnswer> Join(const JoinRequest& request) {
    Promised<JoinAnswer> answer;
    coordinator_->Join(request, answer.Setter());
    coordinator_->Step();
    return answer;
  }
  Promised<JoinAnswer> Join(const std::string& member = "") { return Join(RequestOf(member)); }
  Promised<SyncAnswer> Sync(const JoinAnswer& joined,
                            std::vector<std::pair<std::string, std::string>> assignments = {}) {
    Promised<SyncAnswer> answer;
    coordinator_->Sync({.member = RefOf(joined),
                        .protocol_type = {},
                        .protocol = {},
                        .assignments = std::move(assignments)},
                       answer.Setter());
    return answer;
  }
  static MemberRef RefOf(const JoinAnswer& joined) {
    return {.group = "g", .member = joined.member, .instance = {}, .generation = joined.generation};
  }
  Outcome Heartbeat(const JoinAnswer& joined) { return coordinator_->Heartbeat(RefOf(joined)); }
  LeaveAnswer Leave(const std::string& member) {
    return coordinator_->Leave("g", {{.member = member, .instance = {}}});
  }
  Outcome Commit(const MemberRef& member, std::int64_t offset, std::int32_t partition = 0) {
    Promised<Outcome> done;
    coordinator_->Commit({.member = member,
                          .offsets = {{Tp(partition),
                                       {.offset = Offset(offset),
                                        .commit_time_ms = clock_.NowUs() / 1'000,
                                        .metadata = "note"}}},
                          .client = {}},
                         done.Setter());
    return done.Get();
  }
  // -1: none.
  std::int64_t Committed(std::int32_t partition = 0, const std::string& group = "g") {
    const auto offsets = coordinator_->OffsetsOf(group);
    const auto found = offsets.find(Tp(partition));
    return found == offsets.end() ? -1 : found->second.offset.value();
  }
  std::string StateOf(const std::string& group = "g") {
    const auto described = coordinator_->Describe(group);
    return described ? described->state : "none";
  }
  TopicPartition Tp(std::int32_t partition) const { return {topic_, PartitionId(partition)}; }
  // Moves the clock, and has the coordinator do what is due.
  void Pass(std::int64_t seconds) {
    clock_.Advance(seconds * kSecondUs);
    coordinator_->Step();
  }
  // A stable group of one member, which leads it.
  JoinAnswer OneMember() {
    const auto joined = Join().Get();
    EXPECT_EQ(joined.outcome, Outcome::kDone);
    EXPECT_EQ(Sync(joined, {{joined.member, "all"}}).Get().assignment, "all");
    return joined;
  }
  // A stable group of two; the first leads it.
  std::pair<JoinAnswer, JoinAnswer> TwoMembers() {
    const auto first = OneMember();
    const auto second = Join();
    EXPECT_EQ(Heartbeat(first), Outcome::kRebalanceInProgress);
    const auto again = Join(first.member).Get();
    EXPECT_EQ(again.members.size(), 2U);
    const auto waits = Sync(second.Get());
    EXPECT_EQ(Sync(again, {{again.member, "a"}, {second.Get().member, "b"}}).Get().assignment, "a");
    EXPECT_EQ(waits.Get().assignment, "b");
    return {again, second.Get()};
  }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  MetricRegistry metrics_;
  log::LogOptions options_{
      .dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 64 << 10};
  Settings settings_;
  std::unique_ptr<log::LocalLog> log_;
  std::unique_ptr<Coordinator> coordinator_;
  TopicId topic_;
};

// Members of the new protocol.
class ConsumersTest : public GroupTest {
 protected:
  using GroupTest::RequestOf;
  ConsumerHeartbeat RequestOf(const std::string& member, std::int32_t epoch) const {
    return {.group = "g",
            .member = member,
            .epoch = epoch,
            .instance = {},
            .rack = {},
            .topics = {},
            .pattern = {},
            .assignor = {},
            .owned = {},
            .client = {.id = "client", .host = "/127.0.0.1", .address = "127.0.0.1"}};
  }
  ConsumerHeartbeat JoinOf(const std::string& member) const {
    auto request = RequestOf(member, kJoinEpoch);
    request.rebalance_timeout_ms = 30'000;
    request.topics = {"events"};
    request.owned.emplace();
    return request;
  }
  Promised<ConsumerHeartbeatAnswer> Begin(const ConsumerHeartbeat& request) {
    Promised<ConsumerHeartbeatAnswer> answer;
    coordinator_->Heartbeat(request, answer.Setter());
    return answer;
  }
  ConsumerHeartbeatAnswer Beat(const ConsumerHeartbeat& request) { return Begin(request).Get(); }
  ConsumerHeartbeatAnswer Enter(const std::string& member) { return Beat(JoinOf(member)); }
  // With what it has, where it says that.
  ConsumerHeartbeatAnswer Beat(const std::string& member, std::int32_t epoch,
                               std::optional<std::set<std::int32_t>> owned = std::nullopt) {
    auto request = RequestOf(member, epoch);
    if (owned) request.owned = {{topic_, *owned}};
    return Beat(request);
  }
  AssignedPartitions Of(std::set<std::int32_t> partitions) const {
    return {{topic_, std::move(partitions)}};
  }
  ConsumerDescription State() { return coordinator_->DescribeConsumers("g").value(); }
  // Two members that have two partitions each, in epoch 2.
  void TwoConsumers() {
    EXPECT_EQ(Enter("a").assignment, Of({0, 1, 2, 3}));
    EXPECT_EQ(Enter("b").epoch, 2);
    EXPECT_EQ(Beat("a", 1).assignment, Of({0, 1}));
    EXPECT_EQ(Beat("a", 1, {{0, 1}}).epoch, 2);
    EXPECT_EQ(Beat("b", 2).assignment, Of({2, 3}));
    EXPECT_EQ(State().state, "Stable");
  }
};

}  // namespace st::group::testing
