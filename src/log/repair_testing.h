// A log of every kind of entry in three segments, for tests that damage and repair it.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "format/record/record_batch.h"
#include "log/lost_records.h"
#include "log/reader/segment.h"
#include "log/record_removal.h"
#include "log/repair.h"
#include "log/testing.h"
#include "log/verify.h"

namespace st::log::testing {

// An entry where it lies.
struct PlacedEntry {
  std::uint64_t segment = 0;
  std::uint64_t position = 0;
  EntryHeader header;
};

// What clients see of a log.
struct Seen {
  std::map<std::string, std::vector<std::pair<std::int64_t, std::int64_t>>> ranges;
  std::map<std::string, std::map<std::int64_t, std::string>> records;  // by "topic/partition"
  std::vector<std::string> holds;
};

class DamagedLog {
 public:
  static constexpr std::string_view kDir = "/data/log";
  static constexpr std::string_view kCopies = "/data/removed";

  DamagedLog() {
    Open();
    Fill();
    log_.reset();
    whole_ = fs_.Copy();
  }

  static std::string Path(std::uint64_t segment) {
    return os::JoinPath(kDir, SegmentName(segment));
  }
  void Open() {
    auto opened = TryOpen(fs_);
    ASSERT_TRUE(opened) << opened.error().message();
    log_ = std::move(*opened);
  }
  Result<std::unique_ptr<LocalLog>> TryOpen(os::FileSystem& fs) {
    return LocalLog::Open({fs, clock_, *random_}, {.dir = std::string(kDir),
                                                   .segment_bytes = 1 << 20,
                                                   .allocate_chunk_bytes = 64 << 10,
                                                   .program = "1.2.3"});
  }
  TopicPartition Partition(const std::string& topic, std::int32_t partition = 0) {
    return {log_->FindTopic(topic)->id, PartitionId(partition)};
  }
  void Append(const std::string& topic, std::int32_t partition, std::size_t bytes,
              std::size_t records = 1) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < records; ++i) {
      values.push_back(fmt::format("{}:{}", ++appended_, std::string(bytes, 'x')));
    }
    ASSERT_TRUE(AppendAndWait(*log_, Partition(topic, partition), Batch(values)));
  }

  static std::vector<PlacedEntry> Entries(os::FileSystem& fs) {
    std::vector<PlacedEntry> entries;
    const auto visit = [&](const std::string& file, std::uint64_t position,
                           const EntryHeader& header, std::string_view, std::string_view) {
      const auto segment = ParseSegmentName(file.substr(file.rfind('/') + 1));
      entries.push_back({*segment, position, header});
    };
    EXPECT_TRUE(VerifyLog(fs, std::string(kDir), visit));
    return entries;
  }
  void Flip(std::uint64_t segment, std::uint64_t position) {
    std::string bytes = fs_.Contents(Path(segment));
    bytes.at(position) = static_cast<char>(bytes[position] ^ 4);
    fs_.Overwrite(Path(segment), bytes);
  }
  // The log before all damage; it is closed.
  void Restore() {
    log_.reset();
    for (const auto& path : fs_.Paths()) ASSERT_TRUE(fs_.Remove(path));
    for (const auto& path : whole_->Paths()) fs_.Overwrite(path, whole_->Contents(path));
  }

  Result<RepairPlan> Plan(os::FileSystem& fs, bool may_cut = false) {
    return PlanRepair(fs, std::string(kDir), {.now_us = 1'700'000'000'000'000, .may_cut = may_cut});
  }
  RepairPlan Repair(bool may_cut = false) {
    auto plan = Plan(fs_, may_cut);
    EXPECT_TRUE(plan) << plan.error().message();
    EXPECT_TRUE(plan->refused.empty()) << plan->refused.at(0).reason;
    const auto done = RepairLog(fs_, *plan, std::string(kCopies));
    EXPECT_TRUE(done) << done.error().message();
    return *std::move(plan);
  }

  static Seen See(const LocalLog& log) {
    Seen seen;
    for (const auto& topic : log.Topics()) {
      for (std::int32_t p = 0; p < topic.partitions; ++p) {
        const TopicPartition tp{topic.id, PartitionId(p)};
        seen.ranges[topic.name].emplace_back(log.StartOffset(tp).value(),
                                             log.EndOffset(tp).value());
        auto& records = seen.records[fmt::format("{}/{}", topic.name, p)];
        auto at = log.StartOffset(tp);
        while (at < log.EndOffset(tp)) {
          const auto read = log.Read(tp, at, 64 << 10);
          if (!read) {
            ADD_FAILURE() << read.error().message();
            return seen;
          }
          const auto take = [&](const record::Record& record) -> Status {
            records[record.offset] = std::string(record.value.value_or(""));
            return {};
          };
          const auto next = record::ForEachRecord(read->batches, 4 << 20, take);
          EXPECT_GT(next.value_or(-1), at.value()) << "a reader goes on";
          if (next.value_or(-1) <= at.value()) return seen;
          at = Offset(*next);
        }
      }
    }
    for (const auto& hold : log.Holds()) seen.holds.push_back(hold.name);
    return seen;
  }

  os::testing::MemoryFileSystem& fs() { return fs_; }
  os::Random& random() { return *random_; }
  LocalLog& log() { return *log_; }
  void Close() { log_.reset(); }

 private:
  // Three segments; topic "late" is made in the second, "gone" is deleted there.
  void Fill() {
    for (const auto* topic : {"events", "gone"}) {
      ASSERT_TRUE(log_->CreateTopic(topic, 2));
    }
    FillSegment(2);
    ASSERT_TRUE(log_->CreateTopic("late", 1));
    Append("late", 0, 1000, 3);
    Delete("gone");
    Move("events", 1);
    ASSERT_TRUE(log_->SetHold({.name = "holder", .from = {{Partition("events"), Offset(2)}}}));
    Change("group");
    Append("events", 0, 100);
    FillSegment(3);
    ASSERT_TRUE(log_->SetHold({.name = "other", .from = {{Partition("events"), Offset(3)}}}));
    Append("events", 0, 100, 2);
    Append("late", 0, 1000);
    Append("events", 1, 100);
    Append("events", 0, 100);
  }
  void FillSegment(std::uint64_t until) {
    while (log_->durable_end().segment < until) {
      Append("events", 0, 100'000);
      Append("events", 1, 50'000, 2);
      if (log_->FindTopic("gone")) Append("gone", 1, 30'000);
    }
  }
  void Delete(const std::string& topic) {
    std::promise<Status> done;
    log_->DeleteTopic(Partition(topic).topic, [&](Status status) { done.set_value(status); });
    ASSERT_TRUE(done.get_future().get());
  }
  void Move(const std::string& topic, std::int64_t to) {
    std::promise<Result<Offset>> done;
    RemovalOf(*log_).MoveStart({.tp = Partition(topic), .to = Offset(to)},
                               [&](Result<Offset> at) { done.set_value(std::move(at)); });
    ASSERT_TRUE(done.get_future().get());
  }
  void Change(const std::string& group) {
    std::promise<Status> done;
    GroupChange change{.group = group};
    change.state = "state";
    log_->ChangeGroup(change, [&](Status status) { done.set_value(status); });
    ASSERT_TRUE(done.get_future().get());
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<LocalLog> log_;
  std::unique_ptr<os::testing::MemoryFileSystem> whole_;
  std::uint64_t appended_ = 0;
};

}  // namespace st::log::testing
