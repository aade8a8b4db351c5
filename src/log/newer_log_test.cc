// Logs that a later program may have written: entries and parts of unknown types, starts that
// moved, holes, and a first segment with any number.
#include <gtest/gtest.h>

#include <map>

#include "base/coding.h"
#include "log/reader/segment.h"
#include "log/state.h"
#include "log/testing.h"
#include "log/verify.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;
using testing::ReadValues;

constexpr EntryType kUnknownNeeded{40};
constexpr EntryType kUnknownSkipped{40 | kMaySkipEntry};

class NewerLog : public ::testing::Test {
 protected:
  void Open() {
    log_.reset();
    auto log = LocalLog::Open({*fs_, clock_, *random_}, options_);
    ASSERT_TRUE(log) << log.error().message();
    log_ = std::move(*log);
  }
  TopicPartition Topic() {
    if (const auto topic = log_->FindTopic("events")) return {topic->id, PartitionId(0)};
    return {log_->CreateTopic("events", 1).value().id, PartitionId(0)};
  }
  void Append(const std::string& value) {
    ASSERT_TRUE(AppendAndWait(*log_, Topic(), Batch({value})));
  }
  std::string LastSegment() {
    return "/log/" + SegmentName(ListSegments(*fs_, "/log").value().back());
  }

  // Stops the log and appends the entry to its last segment, as a program did that then stopped.
  void AppendEntry(EntryHeader entry, std::string_view payload) {
    log_.reset();
    const std::string path = LastSegment();
    std::string bytes = fs_->Contents(path);
    const auto header = DecodeSegmentHeader(bytes).value();
    const auto end = Scan(path, {});
    entry.epoch = 7;
    entry.lsn = entry.durable = end.next_lsn;
    bytes.resize(end.position);
    EncodeEntryHeader(entry, payload, bytes);
    bytes += payload;
    bytes.resize(end.position + entry.padded_length(), '\0');
    fs_->Overwrite(path, bytes);
    EXPECT_EQ(header.version, kSegmentVersion);
  }
  // Replaces the checkpoint of the last segment; only entries behind it are kept.
  void ReplaceCheckpoint(const std::string& state) {
    log_.reset();
    const std::string path = LastSegment();
    const auto old = DecodeSegmentHeader(fs_->Contents(path)).value();
    std::string bytes = EncodeSegmentHeader(old);
    const auto append = [&](EntryHeader entry, std::string_view payload) {
      const std::size_t begin = bytes.size();
      EncodeEntryHeader(entry, payload, bytes);
      bytes += payload;
      bytes.resize(begin + entry.padded_length(), '\0');
    };
    Scan(path, [&](std::uint64_t, const EntryHeader& entry, std::string_view payload) -> Status {
      append(entry, entry.type == EntryType::kCheckpoint ? state : payload);
      return {};
    });
    fs_->Overwrite(path, bytes);
    Ignore(fs_->Remove("/log/end"), "it may not be there");
  }
  std::string Checkpoint() {
    std::string state;
    Scan(LastSegment(),
         [&](std::uint64_t, const EntryHeader& entry, std::string_view payload) -> Status {
           if (entry.type == EntryType::kCheckpoint) state = payload;
           return {};
         });
    return state;
  }
  ScanEnd Scan(const std::string& path, const EntryVisitor& visit) {
    const auto file = fs_->Open(path, os::OpenMode::kRead).value();
    const auto header = DecodeSegmentHeader(fs_->Contents(path)).value();
    const EntryVisitor nothing = [](auto&&...) -> Status { return {}; };
    return ScanSegment(*file, header, {}, visit ? visit : nothing).value();
  }

  void ExpectRefusedUnchanged(const std::string& what) {
    log_.reset();
    fs_->Overwrite("/log/00000000000000000009.log.new", "unfinished");
    std::map<std::string, std::string> before;
    for (const auto& path : fs_->Paths()) before[path] = fs_->Contents(path);
    const auto opened = LocalLog::Open({*fs_, clock_, *random_}, options_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code(), ErrorCode::kUnsupported) << opened.error().message();
    for (const std::string& part :
         {what, LastSegment(),
          std::string("this folder was written by steelthread 1.2.3 or a newer one: use it")}) {
      EXPECT_TRUE(opened.error().message().contains(part)) << opened.error().message();
    }
    std::map<std::string, std::string> after;
    for (const auto& path : fs_->Paths()) after[path] = fs_->Contents(path);
    EXPECT_EQ(after, before) << "no byte changes";
    const auto verified = VerifyLog(*fs_, "/log", [](auto&&...) {});
    ASSERT_FALSE(verified) << "an opening and a check agree";
    EXPECT_EQ(verified.error().message(), opened.error().message());
  }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  LogOptions options_{.dir = "/log",
                      .segment_bytes = kMinSegmentBytes,
                      .allocate_chunk_bytes = 64 << 10,
                      .program = "1.2.3"};
  std::unique_ptr<LocalLog> log_;
};

TEST_F(NewerLog, AnUnknownEntryThatMayBeSkippedIsSkippedAndKept) {
  Open();
  Append("before");
  AppendEntry({.type = kUnknownSkipped}, "a payload of a later program");
  Open();
  Append("behind");
  Open();
  EXPECT_EQ(ReadValues(*log_, Topic()), (std::vector<std::string>{"before", "behind"}));
  EXPECT_FALSE(log_->cut_tail());
  EXPECT_TRUE(fs_->Contents(LastSegment()).contains("a payload of a later program"));
}

TEST_F(NewerLog, AnUnknownEntryThatIsNeededRefusesTheLogUnchanged) {
  Open();
  Append("before");
  AppendEntry({.type = kUnknownNeeded}, "needed");
  ExpectRefusedUnchanged("this program does not know the entry type 40");
}

TEST_F(NewerLog, AnUnknownEntryBelowTheDurableMarkRefusesTheLogToo) {
  Open();
  Append("before");
  AppendEntry({.type = kUnknownNeeded}, "needed");
  AppendEntry({.type = EntryType::kEpoch}, "");
  ExpectRefusedUnchanged("this program does not know the entry type 40");
}

TEST_F(NewerLog, AMovedBatchIsReservedAndRefused) {
  Open();
  Append("before");
  std::string payload;
  AppendIdentity({.epoch = 1, .lsn = Lsn(2), .append_time_us = 3, .crc = 4}, payload);
  AppendEntry({.type = EntryType::kMovedBatch, .topic = Topic().topic, .records = 1},
              payload + Batch({"moved"}));
  ExpectRefusedUnchanged("this program does not know the entry type 6");
}

TEST_F(NewerLog, TheProgramThatIsNamedIsTheLastThatWrote) {
  Open();
  options_.program = "9.9";
  Open();
  AppendEntry({.type = kUnknownNeeded}, "");
  options_.program = "1.2.3";
  const auto opened = LocalLog::Open({*fs_, clock_, *random_}, options_);
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().message().contains("steelthread 9.9 or")) << opened.error().message();
}

// A part of a later program.
class LaterPart final : public StatePart {
 public:
  explicit LaterPart(std::uint32_t tag) : tag_(tag) {}
  std::uint32_t tag() const override { return tag_; }
  std::uint32_t version() const override { return 5; }
  bool Takes(EntryType) const override { return false; }
  Status Apply(const EntryHeader&, std::string_view) override { return {}; }
  void Encode(std::string& out) const override { out += "bytes of a later program"; }
  std::size_t encoded_bytes() const override { return 100; }
  Status Decode(ByteReader&, std::uint32_t) override { return {}; }
  void Clear() override {}

 private:
  std::uint32_t tag_;
};

std::string WithPart(const std::string& checkpoint, std::uint32_t tag) {
  LogState state;
  state.Register(std::make_unique<LaterPart>(tag));
  EXPECT_TRUE(state.Apply({.type = EntryType::kCheckpoint}, checkpoint));
  return state.EncodeCheckpoint();
}

TEST_F(NewerLog, AnUnknownPartThatMayBeSkippedIsCopiedIntoLaterCheckpoints) {
  Open();
  Append("one");
  ReplaceCheckpoint(WithPart(Checkpoint(), 77 | kMaySkipPart));
  const std::string with_part = Checkpoint();
  Open();
  const std::string first = LastSegment();
  while (LastSegment() == first) Append(std::string(300'000, 'x'));
  EXPECT_TRUE(Checkpoint().ends_with(with_part.substr(with_part.size() - 40))) << "whole, with tag";
  EXPECT_EQ(ReadValues(*log_, Topic()).front(), "one");
  Open();
}

TEST_F(NewerLog, AnUnknownPartThatIsNeededRefusesTheLogUnchanged) {
  Open();
  Append("one");
  ReplaceCheckpoint(WithPart(Checkpoint(), 77));
  ExpectRefusedUnchanged("this program does not know part 77 version 5 of a checkpoint");
}

TEST_F(NewerLog, AKnownPartOfALaterVersionRefusesTheLogUnchanged) {
  Open();
  Append("one");
  std::string checkpoint = Checkpoint();
  // Behind version, marked since, first segment, count and the tag of the first part.
  StoreLittle(checkpoint.data() + 28, std::uint32_t{4});
  ReplaceCheckpoint(checkpoint);
  ExpectRefusedUnchanged("this program does not know part 1 version 4 of a checkpoint");
}

TEST_F(NewerLog, ReadersBeginWhereAPartitionStarts) {
  Open();
  for (int i = 0; i < 3; ++i) Append(fmt::format("{}", i));
  EXPECT_EQ(log_->StartOffset(Topic()), Offset(0));
  AppendEntry({.type = EntryType::kStart, .topic = Topic().topic, .base_offset = 2}, "");
  for (int opened = 0; opened < 2; ++opened) {
    Open();
    const auto tp = Topic();
    EXPECT_EQ(log_->StartOffset(tp), Offset(2));
    EXPECT_EQ(log_->Read(tp, Offset(1), 100).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(log_->Read(tp, Offset(2), 100)->log_start, Offset(2));
    EXPECT_EQ(log_->EntryCrc(tp, Offset(1)).error().code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(log_->OffsetForTime(tp, 0)->first, Offset(2));
    // From a checkpoint at the second opening.
    const std::string segment = LastSegment();
    while (LastSegment() == segment) Append(std::string(300'000, 'x'));
  }
}

TEST_F(NewerLog, AStartOutsideThePartitionIsDamage) {
  Open();
  Append("one");
  AppendEntry({.type = EntryType::kStart, .topic = Topic().topic, .base_offset = 2}, "");
  const auto opened = LocalLog::Open({*fs_, clock_, *random_}, options_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kCorruption);
  EXPECT_TRUE(opened.error().message().contains("start 2 is outside 0..1"));
}

class FewerSegments : public NewerLog {
 protected:
  void SetUp() override {
    Open();
    while (!LastSegment().contains("04.log")) Append(std::string(300'000, 'x'));
    end_ = log_->EndOffset(Topic());
    ASSERT_TRUE(fs_->Remove("/log/" + SegmentName(1)));
    ASSERT_TRUE(fs_->Remove("/log/" + SegmentName(2)));
    ASSERT_TRUE(fs_->Remove("/log/" + IndexName(1)));
  }
  // In the last checkpoint.
  void SetFirstSegment(std::uint64_t segment) {
    std::string checkpoint = Checkpoint();
    StoreLittle(checkpoint.data() + 12, segment);
    ReplaceCheckpoint(checkpoint);
  }
  Offset end_;
};

TEST_F(FewerSegments, TheFirstSegmentMayHaveAnyNumber) {
  SetFirstSegment(3);
  EXPECT_TRUE(VerifyLog(*fs_, "/log", [](auto&&...) {})->findings.empty());
  Open();
  const auto tp = Topic();
  EXPECT_EQ(log_->EndOffset(tp), end_);
  // The hole in front is as one that compaction leaves.
  const auto read = log_->Read(tp, Offset(0), 1);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_GT(record::ParseHeader(read->batches)->base_offset, 0);
  EXPECT_EQ(log_->EntryCrc(tp, Offset(0)).error().code(), ErrorCode::kInvalidArgument);
  EXPECT_EQ(log_->ExtentsInOrder({{tp, {}}}, {})->extents.front().base_offset,
            Offset(record::ParseHeader(read->batches)->base_offset));
  Append("on");
  EXPECT_EQ(log_->EndOffset(tp), end_ + 1);
  Open();
  EXPECT_EQ(log_->EndOffset(tp), end_ + 1);
}

TEST_F(FewerSegments, SegmentsBelowTheFirstMayBeLeftOver) {
  SetFirstSegment(4);
  EXPECT_TRUE(VerifyLog(*fs_, "/log", [](auto&&...) {})->findings.empty());
  Open();
  EXPECT_EQ(log_->EndOffset(Topic()), end_);
}

TEST_F(FewerSegments, ASegmentThatTheCheckpointCountsIsMissed) {
  SetFirstSegment(2);
  const auto opened = LocalLog::Open({*fs_, clock_, *random_}, options_);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), ErrorCode::kCorruption);
  EXPECT_TRUE(opened.error().message().contains("00000000000000000002.log is missing"));
  const auto verified = VerifyLog(*fs_, "/log", [](auto&&...) {});
  ASSERT_EQ(verified->findings.size(), 1U);
  EXPECT_TRUE(verified->findings[0].file.ends_with("02.log"));
}

}  // namespace
}  // namespace st::log
