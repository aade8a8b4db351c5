// Changes of topics: more partitions, other settings.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "log/largest_state.h"
#include "log/limits.h"
#include "log/reader/segment.h"
#include "log/testing.h"
#include "log/verify.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;
using testing::ReadValues;

Result<TopicInfo> ChangeAndWait(Log& log, TopicId topic, TopicChange change) {
  std::promise<Result<TopicInfo>> done;
  auto result = done.get_future();
  log.ChangeTopic(topic, std::move(change), {},
                  [&done](Result<TopicInfo> changed) { done.set_value(std::move(changed)); });
  return result.get();
}

TopicChange To(TopicSettings settings) {
  return {.settings = [settings = std::move(settings)](
                          const TopicSettings&) -> Result<TopicSettings> { return settings; }};
}

class TopicChangeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Open();
    topic_ = log_->CreateTopic("events", 2).value().id;
  }
  void Open() {
    log_.reset();
    auto log = LocalLog::Open({*fs_, clock_, *random_}, options_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
  }
  // As a kill leaves the disk.
  void Kill() {
    auto disk = fs_->Crash(*random_);
    log_.reset();
    fs_ = std::move(disk);
    Open();
  }
  TopicPartition Tp(std::int32_t partition) const { return {topic_, PartitionId(partition)}; }
  Status Append(std::int32_t partition, const std::string& value) {
    const auto appended = AppendAndWait(*log_, Tp(partition), Batch({value}));
    return appended ? Status{} : std::unexpected(appended.error());
  }
  void Roll() {
    const auto segment = log_->durable_end().segment;
    while (log_->durable_end().segment == segment)
      ASSERT_TRUE(Append(1, std::string(300'000, 'x')));
  }
  std::string SettingsNow() {
    std::string all;
    const auto topic = log_->FindTopic(topic_);
    if (topic->settings == nullptr) return "none";
    for (const auto& [key, value] : *topic->settings) all += fmt::format("{}={} ", key, value);
    return all;
  }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  LogOptions options_{
      .dir = "/log", .segment_bytes = kMinSegmentBytes, .allocate_chunk_bytes = 64 << 10};
  std::unique_ptr<LocalLog> log_;
  TopicId topic_;
};

TEST_F(TopicChangeTest, NewPartitionsTakeRecordsAndSurviveAKillAndARoll) {
  ASSERT_TRUE(Append(1, "before"));
  EXPECT_EQ(Append(3, "early").error().code(), ErrorCode::kNotFound);
  const auto changed = ChangeAndWait(*log_, topic_, {.partitions = 4});
  ASSERT_TRUE(changed) << changed.error().message();
  EXPECT_EQ(changed->partitions, 4);
  EXPECT_EQ(log_->FindTopic("events")->partitions, 4);
  EXPECT_EQ(log_->FindTopic(topic_)->name, "events");
  EXPECT_EQ(log_->EndOffset(Tp(3)), Offset(0));
  ASSERT_TRUE(Append(3, "in a new one"));
  Kill();
  EXPECT_EQ(log_->FindTopic("events")->partitions, 4) << "from the entry";
  EXPECT_EQ(ReadValues(*log_, Tp(3)), std::vector<std::string>{"in a new one"});
  Roll();
  Kill();
  EXPECT_EQ(log_->FindTopic("events")->partitions, 4) << "from the checkpoint";
  ASSERT_TRUE(Append(3, "and another"));
  EXPECT_EQ(ReadValues(*log_, Tp(3)), (std::vector<std::string>{"in a new one", "and another"}));
  EXPECT_EQ(ReadValues(*log_, Tp(1)).front(), "before");
  const OffsetRanges ranges{{Tp(1), {.from = Offset(0), .to = Offset(1)}},
                            {Tp(3), {.from = Offset(0), .to = Offset(2)}}};
  EXPECT_EQ(log_->ExtentsInOrder(ranges, {})->extents.size(), 3U);
}

TEST_F(TopicChangeTest, WhatIsNotMoreIsRefusedAndChangesNothing) {
  for (const std::int32_t partitions : {-1, 0, 1, 2, kMaxPartitions + 1}) {
    const auto refused = ChangeAndWait(*log_, topic_, {.partitions = partitions});
    ASSERT_FALSE(refused) << partitions;
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(refused.error().detail(), ErrorDetail::kPartitionCount);
  }
  EXPECT_EQ(ChangeAndWait(*log_, TopicIdOf(7), {.partitions = 9}).error().code(),
            ErrorCode::kNotFound);
  EXPECT_TRUE(ChangeAndWait(*log_, topic_, {.partitions = 3, .only_check = true}));
  EXPECT_EQ(log_->FindTopic(topic_)->partitions, 2);
}

TEST_F(TopicChangeTest, AllPartitionsTogetherHaveALimit) {
  LogState state;
  std::uint32_t number = 0;
  while (state.topics().partitions() + kMaxPartitions <= kMaxTotalPartitions - kOwnPartitions) {
    AddTopic(state, {.number = number++, .partitions = kMaxPartitions});
  }
  AddTopic(state, {.number = number});
  const auto& topic = state.topics().Find(TopicIdOf(number))->info;
  const auto free =
      static_cast<std::int32_t>(kMaxTotalPartitions - kOwnPartitions - state.topics().partitions());
  EXPECT_TRUE(state.topics().CheckPartitions(topic, 1 + free, {}));
  EXPECT_EQ(state.topics().CheckPartitions(topic, 2 + free, {}).error().code(),
            ErrorCode::kUnsupported);
  EXPECT_TRUE(state.topics().CheckPartitions(topic, 2 + free, kFromThisServer));
}

TEST_F(TopicChangeTest, SettingsSurviveAKillAndARollAndGoWhereNoneIsLeft) {
  ASSERT_TRUE(ChangeAndWait(*log_, topic_, To({{"a", "1"}, {"b", ""}})));
  EXPECT_EQ(SettingsNow(), "a=1 b= ");
  ASSERT_TRUE(ChangeAndWait(*log_, topic_, {.partitions = 3}));
  Kill();
  EXPECT_EQ(SettingsNow(), "a=1 b= ") << "a change of another thing leaves them";
  Roll();
  Kill();
  EXPECT_EQ(SettingsNow(), "a=1 b= ");
  const auto more = [](const TopicSettings& now) -> Result<TopicSettings> {
    auto settings = now;
    settings["c"] = "3";
    return settings;
  };
  ASSERT_TRUE(ChangeAndWait(*log_, topic_, {.settings = more}));
  EXPECT_EQ(SettingsNow(), "a=1 b= c=3 ");
  const auto refuse = [](const TopicSettings&) -> Result<TopicSettings> {
    return Fail(ErrorCode::kConflict, "not now");
  };
  EXPECT_EQ(ChangeAndWait(*log_, topic_, {.settings = refuse}).error().message(), "not now");
  ASSERT_TRUE(ChangeAndWait(*log_, topic_, To({})));
  EXPECT_EQ(SettingsNow(), "none");
  Kill();
  EXPECT_EQ(SettingsNow(), "none");
  EXPECT_EQ(log_->FindTopic(topic_)->partitions, 3);
}

TEST_F(TopicChangeTest, ATopicIsMadeWithItsSettings) {
  std::promise<Result<TopicInfo>> done;
  log_->CreateTopicAsync({.name = "set", .partitions = 2, .settings = {{"a", "1"}}}, {},
                         [&done](auto made) { done.set_value(made); });
  topic_ = done.get_future().get().value().id;
  EXPECT_EQ(SettingsNow(), "a=1 ");
  Kill();
  EXPECT_EQ(SettingsNow(), "a=1 ");
  EXPECT_EQ(log_->FindTopic("set")->partitions, 2);
  std::string named;
  const auto verified = VerifyLog(
      *fs_, "/log",
      [&](const auto&, auto, const EntryHeader& entry, std::string_view topic, std::string_view) {
        if (entry.type == EntryType::kTopicState) named = topic;
      });
  ASSERT_TRUE(verified) << verified.error().message();
  EXPECT_TRUE(verified->findings.empty());
  EXPECT_EQ(named, "set");
}

TEST_F(TopicChangeTest, SettingsHaveALimitOfEachTopicAndOfAll) {
  const auto refused =
      ChangeAndWait(*log_, topic_, To({{"a", std::string(kMaxTopicSettingsBytes, 'x')}}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
  LogState state;
  const TopicSettings large = {{"a", std::string(kMaxTopicSettingsBytes - 100, 'x')}};
  const auto add = [&](std::uint32_t n) {
    ASSERT_TRUE(state.Apply({.type = EntryType::kTopicState, .topic = TopicIdOf(n), .partition = 1},
                            EncodeTopicState(LongTopicName(n), large)));
  };
  std::uint32_t number = 0;
  for (; state.topics().CheckSettings({}, large); ++number) add(number);
  EXPECT_GT(number, 4'000U);
  const auto& last = state.topics().Find(TopicIdOf(number - 1))->info;
  EXPECT_TRUE(state.topics().CheckSettings(last, large)) << "in place of its own";
  LogState read;
  const auto checkpoint = state.EncodeCheckpoint();
  ASSERT_TRUE(read.Apply({.type = EntryType::kCheckpoint}, checkpoint));
  EXPECT_EQ(read.EncodeCheckpoint(), checkpoint);
}

TEST_F(TopicChangeTest, WithoutSettingsACheckpointIsAsBefore) {
  LogState state;
  AddTopic(state, {.number = 1, .partitions = 2});
  const auto before = state.EncodeCheckpoint();
  const EntryHeader entry{.type = EntryType::kTopicState, .topic = TopicIdOf(1), .partition = 2};
  ASSERT_TRUE(state.Apply(entry, EncodeTopicState(LongTopicName(1), {{"a", "1"}})));
  EXPECT_GT(state.EncodeCheckpoint().size(), before.size());
  ASSERT_TRUE(state.Apply(entry, EncodeTopicState(LongTopicName(1), {})));
  EXPECT_EQ(state.EncodeCheckpoint(), before) << "an older program reads it";
}

TEST_F(TopicChangeTest, EntriesThatContradictTheLogAreDamage) {
  const auto whole = EncodeTopicState(LongTopicName(1), {{"a", "1"}});
  EXPECT_FALSE(MaySkip(EntryType::kTopicState));
  const auto apply = [](std::int32_t partitions, std::string_view payload) {
    LogState state;
    AddTopic(state, {.number = 1, .partitions = 2});
    return state.Apply(
        {.type = EntryType::kTopicState, .topic = TopicIdOf(1), .partition = partitions}, payload);
  };
  EXPECT_TRUE(apply(3, whole));
  EXPECT_EQ(apply(1, whole).error().code(), ErrorCode::kCorruption) << "fewer partitions";
  EXPECT_EQ(apply(kMaxPartitions + 1, whole).error().code(), ErrorCode::kCorruption);
  EXPECT_EQ(apply(3, EncodeTopicState("other", {})).error().code(), ErrorCode::kCorruption);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const auto cut = apply(3, std::string_view(whole).substr(0, n));
    ASSERT_FALSE(cut) << n;
    EXPECT_EQ(cut.error().code(), ErrorCode::kCorruption);
  }
  EXPECT_EQ(apply(3, whole + "x").error().code(), ErrorCode::kCorruption);
}

// Power loss at every step of the disk: no change that was acknowledged is lost.
TEST(TopicChangeCrash, NoAcknowledgedChangeIsLost) {
  struct Image {
    std::unique_ptr<os::testing::MemoryFileSystem> disk;
    std::int32_t acknowledged = 0;
  };
  std::size_t looked_at = 0;
  for (std::uint64_t seed = 1; looked_at < 500; ++seed) {
    SCOPED_TRACE(seed);
    const auto random = os::MakeSeededRandom(seed);
    os::testing::MemoryFileSystem fs;
    os::testing::StepClock clock;
    const LogOptions options{
        .dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 8 << 10};
    std::vector<Image> images;
    std::atomic<std::int32_t> acknowledged = 0;
    fs.SetHook([&](const std::string&, const std::string&) -> Status {
      images.push_back({fs.Crash(*random), acknowledged.load()});
      return {};
    });
    constexpr std::int32_t kChanges = 40;
    TopicId topic;
    {
      const auto log = LocalLog::Open({fs, clock, *random}, options).value();
      topic = log->CreateTopic("t", 1).value().id;
      acknowledged = 1;
      for (std::int32_t n = 2; n <= kChanges; ++n) {
        TopicChange change = To({{"n", std::to_string(n)}});
        change.partitions = n;
        log->ChangeTopic(topic, std::move(change), {}, [&acknowledged, n](auto changed) {
          if (changed) acknowledged = n;
        });
        while (random->Next() % 3 == 0 && acknowledged < n) std::this_thread::yield();
        // To the partition that is the last one for now.
        const TopicPartition tp{topic, PartitionId(acknowledged - 1)};
        log->Append(tp, Batch({std::string(random->Next() % 100'000, 'x')}), {}, [](auto) {});
      }
    }
    fs.SetHook({});
    ASSERT_EQ(acknowledged, kChanges);
    for (auto& image : images) {
      const auto log = LocalLog::Open({*image.disk, clock, *random}, options);
      ASSERT_TRUE(log) << log.error().message();
      const auto found = (*log)->FindTopic("t");
      const std::int32_t partitions = found ? found->partitions : 0;
      ASSERT_GE(partitions, image.acknowledged);
      ASSERT_LE(partitions, kChanges);
      if (partitions < 2) continue;
      ASSERT_EQ(found->settings->at("n"), std::to_string(partitions)) << "both or none";
      ASSERT_TRUE(AppendAndWait(**log, {topic, PartitionId(partitions - 1)}, Batch({"after"})));
    }
    looked_at += images.size();
  }
}

}  // namespace
}  // namespace st::log
