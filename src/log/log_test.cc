#include "log/local_log.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "base/coding.h"
#include "base/crc32c.h"
#include "log/inspection.h"
#include "log/limits.h"
#include "log/testing.h"
#include "log/verify.h"

namespace st::log {
namespace testing {

std::string Sequenced(std::string batch, std::int64_t producer, std::int16_t epoch,
                      std::int32_t sequence) {
  StoreBig(batch.data() + 43, producer);
  StoreBig(batch.data() + 51, epoch);
  StoreBig(batch.data() + 53, sequence);
  StoreBig(batch.data() + 17, Crc32c(std::string_view(batch).substr(21)));
  return batch;
}

}  // namespace testing

namespace {

using testing::AppendAndWait;
using testing::Batch;
using testing::ReadValues;
using testing::Sequenced;

constexpr std::string_view kFirstSegment = "/log/00000000000000000001.log";

class LogTest : public ::testing::Test {
 protected:
  void Open() {
    log_.reset();
    auto log = LocalLog::Open({*fs_, clock_, *random_}, options_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
  }
  TopicPartition Topic(const std::string& name) {
    if (const auto topic = log_->FindTopic(name)) return {topic->id, PartitionId(0)};
    return {log_->CreateTopic(name, 1).value().id, PartitionId(0)};
  }
  std::vector<std::string> Reopened(const std::string& topic) {
    Open();
    return ReadValues(*log_, Topic(topic));
  }
  // As a kill leaves it: a clean stop would have marked the end.
  void Kill() {
    log_.reset();
    ASSERT_TRUE(fs_->Remove("/log/end"));
  }
  void Damage(std::size_t position) {
    Kill();
    std::string bytes = fs_->Contents(std::string(kFirstSegment));
    bytes.at(position) = static_cast<char>(bytes[position] ^ 1);
    fs_->Overwrite(std::string(kFirstSegment), bytes);
  }
  std::size_t Find(std::string_view text) {
    return fs_->Contents(std::string(kFirstSegment)).find(text);
  }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  LogOptions options_{.dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 64 << 10};
  std::unique_ptr<LocalLog> log_;
};

TEST_F(LogTest, KeepsWhatWasAppendedOverAReopening) {
  Open();
  const auto tp = Topic("events");
  EXPECT_EQ(AppendAndWait(*log_, tp, Batch({"a", "b"})).value().base_offset, Offset(0));
  EXPECT_EQ(AppendAndWait(*log_, tp, Batch({"c"})).value().base_offset, Offset(2));
  const Uuid id = log_->id();
  EXPECT_EQ(Reopened("events"), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(log_->id(), id);
  EXPECT_EQ(log_->Topics().size(), 1U);
}

TEST_F(LogTest, RollsSegmentsAndReadsOverThem) {
  Open();
  const auto tp = Topic("events");
  std::vector<std::string> sent;
  for (int i = 0; i < 40; ++i) {
    sent.push_back(std::string(100'000, static_cast<char>('a' + i % 26)));
    ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({sent.back()})));
  }
  EXPECT_EQ(ReadValues(*log_, tp), sent);
  EXPECT_GT(fs_->List("/log").value().size(), 6U);  // segments and their index files
  EXPECT_EQ(Reopened("events"), sent);
  for (const auto& path : fs_->Paths()) {
    if (path.ends_with(".index")) fs_->Overwrite(path, "rot");
  }
  EXPECT_EQ(Reopened("events"), sent) << "an index is rebuilt from its segment";
}

TEST_F(LogTest, RefusesABatchWithABadCrc) {
  Open();
  std::string batch = Batch({"a"});
  batch.back() = static_cast<char>(batch.back() ^ 1);
  const auto result = AppendAndWait(*log_, Topic("events"), batch);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(log_->EndOffset(Topic("events")), Offset(0));
}

TEST_F(LogTest, AnswersAnIdempotentRepeatWithTheFirstOffset) {
  Open();
  const auto tp = Topic("events");
  const std::int64_t producer = log_->NewProducerId().value();
  const auto send = [&](std::int32_t sequence) {
    return AppendAndWait(*log_, tp, Sequenced(Batch({"x", "y"}), producer, 0, sequence));
  };
  ASSERT_TRUE(send(0));
  ASSERT_TRUE(send(2));
  EXPECT_TRUE(send(2).value().is_duplicate);
  EXPECT_EQ(send(2).value().base_offset, Offset(2));
  EXPECT_EQ(send(0).value().base_offset, Offset(0)) << "five batches are remembered";
  ASSERT_FALSE(send(6));
  EXPECT_EQ(send(6).error().detail(), ErrorDetail::kSequenceOutOfOrder);
  Open();
  EXPECT_TRUE(send(2).value().is_duplicate) << "kept over a restart";
  EXPECT_EQ(send(4).value().base_offset, Offset(4));
  const auto stale = AppendAndWait(*log_, tp, Sequenced(Batch({"x"}), producer, 1, 0));
  ASSERT_TRUE(stale);
  EXPECT_EQ(send(6).error().detail(), ErrorDetail::kStaleProducerEpoch);
}

TEST_F(LogTest, RoomThatIsSetAsideIsNobodyElses) {
  options_.max_queued_bytes = 1000;
  Open();
  const auto tp = Topic("events");
  const auto batch = Batch({std::string(400, 'x')});
  auto room = log_->ReserveQueue(batch.size());
  ASSERT_TRUE(room);
  auto other = log_->ReserveQueue(batch.size());
  ASSERT_TRUE(other);
  EXPECT_EQ(log_->ReserveQueue(batch.size()).error().code(), ErrorCode::kUnavailable);
  EXPECT_EQ(AppendAndWait(*log_, tp, batch).error().code(), ErrorCode::kUnavailable);
  std::promise<Result<AppendResult>> done;
  log_->AppendInto(std::move(*room), tp, batch,
                   [&done](Result<AppendResult> r) { done.set_value(std::move(r)); });
  EXPECT_TRUE(done.get_future().get());
  EXPECT_TRUE(AppendAndWait(*log_, tp, batch)) << "what was queued gives its room back";
  EXPECT_TRUE(log_->ReserveQueue(batch.size())) << "and so does what nobody took";
  other->reset();
  EXPECT_TRUE(log_->ReserveQueue(2 * batch.size()));
  EXPECT_EQ(log_->ReserveQueue(1001).error().code(), ErrorCode::kUnavailable);
}

TEST_F(LogTest, WhatWasDurableIsMissedWhereItIsGone) {
  options_.segment_bytes = kMinSegmentBytes;
  Open();
  const auto tp = Topic("events");
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({std::string(100'000, 'x')})));
  }
  log_.reset();
  const auto all = fs_->Paths();
  std::map<std::string, std::string> files;
  for (const auto& path : all) {
    if (path.starts_with("/log/")) files[path] = fs_->Contents(path);
  }
  std::string last;
  for (const auto& [path, bytes] : files) {
    if (path.ends_with(".log")) last = path;
  }
  const auto refused = [&](const std::string& what) {
    const auto opened = LocalLog::Open({*fs_, clock_, *random_}, options_);
    EXPECT_FALSE(opened) << what;
    if (!opened) {
      EXPECT_EQ(opened.error().code(), ErrorCode::kCorruption);
      EXPECT_NE(opened.error().message().find(what), std::string::npos) << opened.error().message();
    }
    const auto verified = VerifyLog(*fs_, "/log", [](auto&&...) {});
    ASSERT_TRUE(verified);
    EXPECT_FALSE(verified->findings.empty());
    for (const auto& [path, bytes] : files) fs_->Overwrite(path, bytes);
  };
  ASSERT_TRUE(fs_->Remove(last));
  refused("was durable up to segment");
  fs_->Overwrite(last, files[last].substr(0, files[last].size() / 2));
  refused("was durable up to segment");
  ASSERT_TRUE(fs_->Remove(std::string(kFirstSegment)));
  refused("00000000000000000001.log is missing");
  fs_->Overwrite("/log/end", "rot");
  refused("/log/end: damaged");
  Open();
  EXPECT_EQ(ReadValues(*log_, tp).size(), 30U);
}

TEST_F(LogTest, CutsATornTailAndSaysWhatItCut) {
  Open();
  EXPECT_FALSE(log_->cut_tail());
  const auto tp = Topic("events");
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"first"})));
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"last"})));
  Damage(Find("last"));
  const auto end = fs_->Contents(std::string(kFirstSegment)).find_last_not_of('\0') + 1;
  EXPECT_EQ(Reopened("events"), std::vector<std::string>{"first"});
  ASSERT_TRUE(log_->cut_tail());
  EXPECT_EQ(log_->cut_tail()->file, kFirstSegment);
  EXPECT_EQ(log_->cut_tail()->position + log_->cut_tail()->bytes, end);
  EXPECT_GT(log_->cut_tail()->bytes, 80U) << "the whole torn entry";
  ASSERT_TRUE(AppendAndWait(*log_, Topic("events"), Batch({"again"})));
  EXPECT_EQ(Reopened("events"), (std::vector<std::string>{"first", "again"}));
  EXPECT_FALSE(log_->cut_tail()) << "said once";
}

TEST_F(LogTest, RefusesToOpenOnDamageAndNamesFileByteAndRemedy) {
  Open();
  const auto tp = Topic("events");
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"first"})));
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"last"})));
  Damage(Find("first"));
  const std::string before = fs_->Contents(std::string(kFirstSegment));
  const auto opened = LocalLog::Open({*fs_, clock_, *random_}, options_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kCorruption);
  for (const std::string_view part :
       {kFirstSegment, std::string_view("damage at byte"),
        std::string_view("restore the data folder as a whole from a copy")}) {
    EXPECT_NE(opened.error().message().find(part), std::string::npos) << opened.error().message();
  }
  EXPECT_EQ(fs_->Contents(std::string(kFirstSegment)), before) << "no byte was changed";
  std::vector<std::string> topics;
  const auto report = VerifyLog(*fs_, "/log",
                                [&](const std::string&, std::uint64_t, const EntryHeader& entry,
                                    std::string_view topic, std::string_view) {
                                  if (entry.type == EntryType::kBatch) topics.emplace_back(topic);
                                });
  ASSERT_TRUE(report);
  EXPECT_EQ(report->findings.size(), 1U);
  EXPECT_TRUE(report->findings.at(0).is_damage);
  EXPECT_EQ(topics, std::vector<std::string>{"events"}) << "the batch behind the damage";
}

TEST_F(LogTest, RefusesANewerSegmentFormat) {
  Open();
  log_.reset();
  std::string bytes = fs_->Contents(std::string(kFirstSegment));
  bytes[8] = 9;
  fs_->Overwrite(std::string(kFirstSegment), bytes);
  const auto opened = LocalLog::Open({*fs_, clock_, *random_}, options_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kUnsupported);
  EXPECT_NE(opened.error().message().find("use a newer steelthread"), std::string::npos);
}

TEST_F(LogTest, AFullDiskRefusesWithoutLossAndResumesByItself) {
  Open();
  const auto tp = Topic("events");
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"kept"})));
  fs_->SetFreeBytes(options_.reserve_bytes);
  Result<AppendResult> result;
  int accepted = 0;
  for (; accepted < 1000; ++accepted) {
    result = AppendAndWait(*log_, tp, Batch({std::string(10'000, 'x')}));
    if (!result) break;
  }
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(result.error().message().starts_with("disk full")) << result.error().message();
  EXPECT_TRUE(result.error().message().contains("the log needs 65536 now"));
  EXPECT_FALSE(result.error().message().contains("by itself")) << "who asks may end";
  ASSERT_FALSE(log_->health());
  EXPECT_TRUE(log_->health().error().message().ends_with("writing goes on by itself"));
  EXPECT_EQ(ReadValues(*log_, tp).size(), static_cast<std::size_t>(accepted) + 1);
  fs_->SetFreeBytes(1ULL << 40);
  EXPECT_TRUE(AppendAndWait(*log_, tp, Batch({"again"})));
  EXPECT_TRUE(log_->health());
  EXPECT_EQ(Reopened("events").size(), static_cast<std::size_t>(accepted) + 2);
}

TEST_F(LogTest, RoomThatWasRefusedIsTriedAgainWithoutAWrite) {
  Open();
  const auto tp = Topic("events");
  fs_->SetFreeBytes(options_.reserve_bytes);
  while (AppendAndWait(*log_, tp, Batch({std::string(10'000, 'x')}))) {
  }
  ASSERT_FALSE(log_->health());
  fs_->SetFreeBytes(1ULL << 40);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!log_->health() && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  EXPECT_TRUE(log_->health()) << log_->health().error().message();
}

Result<Inspection::DescribedProducers> Described(LocalLog& log, std::vector<TopicPartition> tps) {
  std::promise<Result<Inspection::DescribedProducers>> done;
  auto result = done.get_future();
  InspectionOf(log).DescribeProducers(std::move(tps),
                                      [&done](auto found) { done.set_value(std::move(found)); });
  return result.get();
}

TEST_F(LogTest, ProducersAreDescribedAlsoOnAFullDiskAndAfterARestart) {
  Open();
  const auto tp = Topic("events");
  const auto other = Topic("other");
  for (std::int32_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(AppendAndWait(*log_, tp, Sequenced(Batch({"a"}), 7, 2, i)));
  }
  const auto check = [&] {
    const auto found = Described(*log_, {other, tp});
    ASSERT_TRUE(found) << found.error().message();
    ASSERT_EQ(found->size(), 2U);
    EXPECT_TRUE((*found)[0].empty());
    ASSERT_EQ((*found)[1].size(), 1U);
    const auto& one = (*found)[1][0];
    EXPECT_EQ(one.id, ProducerId(7));
    EXPECT_EQ(one.epoch, 2);
    EXPECT_EQ(one.last_sequence, 2);
    EXPECT_EQ(one.last_time_ms, 1000);
  };
  check();
  fs_->SetFreeBytes(options_.reserve_bytes);
  while (AppendAndWait(*log_, tp, Batch({std::string(10'000, 'x')}))) {
  }
  check();
  EXPECT_FALSE(log_->health()) << "to be asked changes nothing";
  fs_->SetFreeBytes(1ULL << 40);
  Open();
  check();
  log_->Stop();
  EXPECT_EQ(Described(*log_, {tp}).error().code(), ErrorCode::kShutdown);
}

TEST_F(LogTest, TheBytesOfAPartitionAreThoseOfItsEntries) {
  Open();
  const auto tp = Topic("events");
  EXPECT_TRUE(InspectionOf(*log_).StoredBytes().empty());
  const auto batch = Batch({"one"});
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(AppendAndWait(*log_, tp, batch));
  ASSERT_TRUE(AppendAndWait(*log_, Topic("other"), batch));
  const std::uint64_t entry = kEntryHeaderBytes + batch.size();
  const std::map<TopicPartition, std::uint64_t> want{{tp, 3 * entry}, {Topic("other"), entry}};
  EXPECT_EQ(InspectionOf(*log_).StoredBytes(), want);
  Open();
  EXPECT_EQ(InspectionOf(*log_).StoredBytes(), want);
}

// The next segment's header names the lsn behind the last entry of the one before: an entry that
// went there after all would make the folder unreadable.
TEST_F(LogTest, AFailureWhileASegmentBeginsIsRefusedAndTriedAgain) {
  for (const std::string failing : {"create", "allocate", "write", "sync", "rename", "syncdir"}) {
    SCOPED_TRACE(failing);
    log_.reset();
    fs_ = std::make_unique<os::testing::MemoryFileSystem>();
    Open();
    const auto tp = Topic("events");
    std::size_t stored = 0;
    const auto store = [&](std::size_t bytes) {
      const auto result = AppendAndWait(*log_, tp, Batch({std::string(bytes, 'x')}));
      if (result) ++stored;
      return result;
    };
    // Both names of the next segment, and its folder.
    fs_->SetHook([&](const std::string& step, const std::string& path) -> Status {
      const bool is_next = path.contains("/log/00000000000000000002.log") || path == "/log";
      if (step == failing && is_next) return Fail(ErrorCode::kIo, "{}: Input/output error", step);
      return {};
    });
    Result<AppendResult> result;
    for (int i = 0; i < 40 && result; ++i) result = store(100'000);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), ErrorCode::kUnavailable) << result.error().message();
    EXPECT_FALSE(log_->health());
    // One that would fit into the old segment.
    if (const auto small = store(10); !small) {
      EXPECT_EQ(small.error().code(), ErrorCode::kUnavailable);
    }
    const auto killed = fs_->Copy();
    fs_->SetHook({});
    EXPECT_TRUE(store(100'000));
    EXPECT_TRUE(log_->health());
    const std::size_t after = stored;
    EXPECT_EQ(Reopened("events").size(), after);
    log_.reset();
    fs_ = killed->Copy();
    EXPECT_EQ(Reopened("events").size(), after - 1) << "a kill while it was refused";
  }
}

TEST_F(LogTest, ASyncThatFailsWhileASegmentClosesIsSaid) {
  Open();
  const auto tp = Topic("events");
  bool is_truncated = false;
  fs_->SetHook([&](const std::string& step, const std::string& path) -> Status {
    if (!path.starts_with(kFirstSegment)) return {};
    if (step == "truncate") is_truncated = true;
    if (step == "sync" && is_truncated) return Fail(ErrorCode::kIo, "sync: Input/output error");
    return {};
  });
  Result<AppendResult> result;
  for (int i = 0; i < 40 && result; ++i) {
    result = AppendAndWait(*log_, tp, Batch({std::string(100'000, 'x')}));
  }
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code(), ErrorCode::kIo);
  EXPECT_TRUE(log_->health().error().message().contains("closed until a restart"));
}

TEST_F(LogTest, AFailedSyncPoisonsTheLogUntilItIsReopened) {
  Open();
  const auto tp = Topic("events");
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"kept"})));
  fs_->SetHook([](const std::string& step, const std::string&) -> Status {
    if (step == "sync") return Fail(ErrorCode::kIo, "sync: Input/output error");
    return {};
  });
  EXPECT_EQ(AppendAndWait(*log_, tp, Batch({"unsure"})).error().code(), ErrorCode::kOutcomeUnknown);
  fs_->SetHook({});
  EXPECT_EQ(AppendAndWait(*log_, tp, Batch({"refused"})).error().code(), ErrorCode::kIo);
  EXPECT_FALSE(log_->health());
  Open();
  EXPECT_TRUE(AppendAndWait(*log_, Topic("events"), Batch({"fine"})));
}

TEST_F(LogTest, ASegmentThatIsMovedAwayTakesNothingUntilItIsBack) {
  Open();
  const auto tp = Topic("events");
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"kept"})));
  const std::string segment(kFirstSegment);
  ASSERT_TRUE(fs_->Rename(segment, "/log/elsewhere"));
  const auto refused = AppendAndWait(*log_, tp, Batch({"refused"}));
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnavailable) << refused.error().message();
  EXPECT_FALSE(log_->health());
  ASSERT_TRUE(fs_->Rename("/log/elsewhere", segment));
  EXPECT_TRUE(AppendAndWait(*log_, tp, Batch({"again"})));
  EXPECT_TRUE(log_->health());
  EXPECT_EQ(Reopened("events"), (std::vector<std::string>{"kept", "again"}));
}

TEST_F(LogTest, WhatIsDurableInASegmentThatWasMovedIsNotAcknowledged) {
  Open();
  const auto tp = Topic("events");
  const std::string segment(kFirstSegment);
  fs_->SetHook([&](const std::string& step, const std::string&) -> Status {
    return step == "sync" ? fs_->Rename(segment, "/log/elsewhere") : Status{};
  });
  EXPECT_EQ(AppendAndWait(*log_, tp, Batch({"unsure"})).error().code(), ErrorCode::kOutcomeUnknown);
  fs_->SetHook({});
}

TEST_F(LogTest, WakesTailingReadersOnce) {
  Open();
  const auto tp = Topic("events");
  std::atomic<int> woken = 0;
  log_->WaitForAppend({tp}, [&] { ++woken; });
  const auto cancelled = log_->WaitForAppend({tp}, [&] { woken += 100; });
  log_->CancelWait(cancelled);
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"a"})));
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"b"})));
  log_->Stop();
  EXPECT_EQ(woken.load(), 1);
}

TEST_F(LogTest, ABatchOfAnotherWithTheSameSequencesIsNoRepeat) {
  Open();
  const auto tp = Topic("events");
  const std::int64_t producer = log_->NewProducerId().value();
  const auto send = [&](const std::string& value) {
    return AppendAndWait(*log_, tp, Sequenced(Batch({value}), producer, 0, 0));
  };
  ASSERT_TRUE(send("mine"));
  EXPECT_TRUE(send("mine").value().is_duplicate);
  const auto other = send("not mine");
  ASSERT_FALSE(other) << "it would be acknowledged and not stored";
  EXPECT_EQ(other.error().detail(), ErrorDetail::kSequenceOutOfOrder);
  Open();
  EXPECT_FALSE(send("not mine")) << "kept over a restart";
  EXPECT_TRUE(send("mine").value().is_duplicate);
}

TEST_F(LogTest, ProducerIdsCannotBeGuessedAndFitAnyClient) {
  Open();
  std::set<std::int64_t> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(log_->NewProducerId().value());
  EXPECT_EQ(ids.size(), 1000U);
  EXPECT_GT(*ids.begin(), std::int64_t{1} << 52);
  EXPECT_LT(*ids.rbegin(), std::int64_t{1} << 53) << "as a double holds it";
  EXPECT_GT(*ids.rbegin() - *ids.begin(), std::int64_t{1} << 50);
}

TEST_F(LogTest, OnlyWhatTheServerAppendedIsItsOwn) {
  options_.segment_bytes = kMinSegmentBytes;
  Open();
  const auto tp = Topic("events");
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"client"})));
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"server"}), kFromThisServer));
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({std::string(900'000, 'x')})));
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({std::string(900'000, 'x')}), kFromThisServer));
  const std::vector<bool> want{false, true, false, true};
  EXPECT_EQ(log_->Read(tp, Offset(0), 4 << 20).value().is_own, want);
  Open();
  EXPECT_EQ(log_->Read(tp, Offset(0), 4 << 20).value().is_own, want) << "kept over a restart";
  EXPECT_EQ(log_->Read(tp, Offset(1), 1).value().is_own, std::vector<bool>{true});
}

TEST_F(LogTest, ClientsLeaveTopicsAndPartitionsForTheServer) {
  Open();
  const auto make = [&](const std::string& name, std::int32_t partitions) {
    std::promise<Result<TopicInfo>> made;
    log_->CreateTopicAsync({.name = name, .partitions = partitions}, {},
                           [&](auto topic) { made.set_value(topic); });
    return made.get_future().get();
  };
  std::int64_t total = 0;
  for (; total + kMaxPartitions <= kMaxTotalPartitions - kOwnPartitions; total += kMaxPartitions) {
    ASSERT_TRUE(make(fmt::format("wide-{}", total), kMaxPartitions));
  }
  const auto refused = make("one-more", kMaxPartitions);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kUnsupported);
  EXPECT_NE(refused.error().message().find("99000 are allowed"), std::string::npos)
      << refused.error().message();
  EXPECT_TRUE(log_->CreateTopic("own", 500));
  EXPECT_TRUE(log_->CreateTopic("own-too", kMaxPartitions));
  EXPECT_FALSE(log_->CreateTopic("too-wide", kMaxPartitions));
  Open();
  EXPECT_FALSE(make("one-more", kMaxPartitions)) << "counted over a restart";
}

TEST_F(LogTest, TopicNamesFollowKafkasRule) {
  Open();
  EXPECT_EQ(log_->CreateTopic("a/b", 1).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(log_->CreateTopic("..", 1).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(log_->CreateTopic("ok", 0).error().code(), ErrorCode::kInvalidArgument);
  ASSERT_TRUE(log_->CreateTopic("ok", 3));
  EXPECT_EQ(log_->CreateTopic("ok", 3).error().code(), ErrorCode::kAlreadyExists);
}

TEST_F(LogTest, AReadThatMayNotWaitGivesWhatIsInMemoryOrNothing) {
  Open();
  const auto tp = Topic("a");
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"one"})));
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"two"})));
  const auto unopened = log_->ReadCached(tp, Offset(0), 1 << 20);
  ASSERT_TRUE(unopened) << unopened.error().message();
  EXPECT_FALSE(*unopened) << "opening a segment may wait";
  const auto read = log_->Read(tp, Offset(0), 1 << 20).value();
  const auto cached = log_->ReadCached(tp, Offset(0), 1 << 20).value();
  ASSERT_TRUE(cached);
  EXPECT_EQ(cached->batches, read.batches);
  EXPECT_EQ(cached->is_own, read.is_own);
  EXPECT_EQ(cached->high_watermark, Offset(2));
  fs_->SetCold(true);
  EXPECT_FALSE(log_->ReadCached(tp, Offset(1), 1).value());
  EXPECT_EQ(log_->ReadCached(tp, Offset(2), 1).value().value().batches, "") << "nothing to read";
  EXPECT_EQ(log_->ReadCached(tp, Offset(3), 1).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(log_->Read(tp, Offset(0), 1 << 20).value().batches, read.batches);
}

TEST_F(LogTest, ReadIsOutOfRangeBehindTheEnd) {
  Open();
  const auto tp = Topic("events");
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"a"})));
  EXPECT_TRUE(log_->Read(tp, Offset(1), 100)->batches.empty());
  EXPECT_EQ(log_->Read(tp, Offset(2), 100).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(log_->Read(tp, Offset(-1), 100).error().code(), ErrorCode::kInvalidArgument);
}

TEST_F(LogTest, EachRecordHasACrcThatNamesItsEntry) {
  Open();
  const auto tp = Topic("events");
  const auto before = fs_->Contents(std::string(kFirstSegment));
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"a", "b"})));
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"a"})));
  const auto crc = log_->EntryCrc(tp, Offset(0)).value();
  EXPECT_EQ(log_->EntryCrc(tp, Offset(1)).value(), crc);
  EXPECT_NE(log_->EntryCrc(tp, Offset(2)).value(), crc);
  EXPECT_EQ(log_->EntryCrc(tp, Offset(3)).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(log_->EntryCrc(tp, Offset(-1)).error().code(), ErrorCode::kInvalidArgument);
  Open();
  EXPECT_EQ(log_->EntryCrc(tp, Offset(0)).value(), crc) << "kept over a reopening";
  Kill();
  fs_->Overwrite(std::string(kFirstSegment), before);
  Open();
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"a", "b"})));
  EXPECT_NE(log_->EntryCrc(tp, Offset(0)).value(), crc) << "an older copy that went on";
}

TEST_F(LogTest, FindsOffsetsByTime) {
  Open();
  const auto tp = Topic("events");
  ASSERT_TRUE(AppendAndWait(*log_, tp, Batch({"a", "b"})));
  EXPECT_EQ(log_->OffsetForTime(tp, 500)->first, Offset(0));
  EXPECT_FALSE(log_->OffsetForTime(tp, 5000).has_value());
}

// As an earlier version stored it: the header's largest time is not the records'.
std::string Claiming(std::string batch, std::int64_t max_time_ms) {
  record::SetCreateTimes(batch, max_time_ms);
  return batch;
}

TEST_F(LogTest, ABatchThatClaimsATimeOfNoRecordIsPassedOver) {
  Open();
  const auto tp = Topic("events");
  const auto later = record::BuildBatch({{.value = "x", .timestamp_ms = 2000, .headers = {}}});
  ASSERT_TRUE(AppendAndWait(*log_, tp, Claiming(Batch({"a", "b"}), 1LL << 62)));
  ASSERT_TRUE(AppendAndWait(*log_, tp, later));
  for (int opened = 0; opened < 2; ++opened) {
    EXPECT_EQ(log_->OffsetForTime(tp, 1000), std::pair(Offset(0), std::int64_t{1000}));
    EXPECT_EQ(log_->OffsetForTime(tp, 1001), std::pair(Offset(2), std::int64_t{2000}));
    EXPECT_EQ(log_->OffsetForTime(tp, 2001), std::nullopt);
    Open();
  }
}

TEST_F(LogTest, ALookUpByTimeReadsOnlySoManyBatches) {
  Open();
  const auto tp = Topic("events");
  for (int i = 0; i < kMaxBatchesForTime + 1; ++i) {
    ASSERT_TRUE(AppendAndWait(*log_, tp, Claiming(Batch({"a"}), 1LL << 62)));
  }
  EXPECT_EQ(log_->OffsetForTime(tp, 1001)->first, Offset(kMaxBatchesForTime))
      << "never behind the right one";
}

}  // namespace
}  // namespace st::log
