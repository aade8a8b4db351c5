#include "log/reader/segment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <utility>

#include "log/reader/extent_reader.h"
#include "os/testing/memory_file_system.h"

namespace st::log {
namespace {

class SegmentTest : public ::testing::Test {
 protected:
  // Appends an entry whose durable mark is `durable`.
  void Append(std::string_view payload, std::uint64_t durable) {
    EntryHeader header{.type = EntryType::kBatch,
                       .epoch = 1,
                       .lsn = Lsn(next_++),
                       .durable = Lsn(durable),
                       .records = 1};
    positions_.push_back(bytes_.size());
    EncodeEntryHeader(header, payload, bytes_);
    bytes_ += payload;
    bytes_.resize(positions_.back() + header.padded_length(), '\0');
  }
  ScanEnd Scan(ScanOptions options = {}) {
    fs_.Overwrite("/s", bytes_);
    auto file = fs_.Open("/s", os::OpenMode::kRead).value();
    seen_.clear();
    return ScanSegment(*file, {.sequence = 1, .log_id = {}, .first_lsn = Lsn(1)}, options,
                       [&](std::uint64_t, const EntryHeader&, std::string_view payload) -> Status {
                         seen_.emplace_back(payload);
                         return {};
                       })
        .value();
  }

  os::testing::MemoryFileSystem fs_;
  std::string bytes_ = EncodeSegmentHeader({.sequence = 1, .log_id = {}, .first_lsn = Lsn(1)});
  std::uint64_t next_ = 1;
  std::vector<std::size_t> positions_;
  std::vector<std::string> seen_;
};

TEST_F(SegmentTest, ZerosBehindTheLastEntryAreACleanEnd) {
  Append("one", 1);
  Append("two", 2);
  bytes_.resize(bytes_.size() + 10'000, '\0');
  EXPECT_EQ(Scan().kind, ScanEnd::Kind::kClean);
  EXPECT_EQ(seen_, (std::vector<std::string>{"one", "two"}));
}

TEST_F(SegmentTest, EveryTruncationOfTheLastEntryIsATornTail) {
  Append("one", 1);
  Append("two", 2);
  const std::string whole = bytes_;
  for (std::size_t n = positions_[1] + 1; n + 5 < whole.size(); ++n) {
    bytes_ = whole.substr(0, n);
    const auto end = Scan();
    EXPECT_EQ(end.kind, ScanEnd::Kind::kTorn) << n;
    EXPECT_EQ(end.position, positions_[1]);
    EXPECT_EQ(seen_.size(), 1U);
  }
}

TEST_F(SegmentTest, EveryFlippedByteBelowTheDurableMarkIsDamage) {
  Append("one", 1);
  Append("two", 2);
  Append("three", 3);
  const std::string whole = bytes_;
  const std::size_t length = kEntryHeaderBytes + 3;  // excludes the padding, which no CRC covers
  for (std::size_t i = positions_[1]; i < positions_[1] + length; ++i) {
    bytes_ = whole;
    bytes_[i] = static_cast<char>(bytes_[i] ^ 0x10);
    const auto end = Scan();
    EXPECT_EQ(end.kind, ScanEnd::Kind::kDamage) << i;
    EXPECT_EQ(end.position, positions_[1]);
    const auto dumped = Scan({.is_last = true, .past_damage = true});
    EXPECT_EQ(dumped.kind, ScanEnd::Kind::kDamage);
    EXPECT_EQ(seen_, (std::vector<std::string>{"one", "three"}));
  }
}

TEST_F(SegmentTest, AHoleInAnUnfinishedCommitIsATornTail) {
  Append("one", 1);
  Append("two", 2);  // one commit wrote two and three, and was never acknowledged
  Append("three", 2);
  for (std::size_t i = positions_[1]; i < positions_[2]; ++i) bytes_[i] = '\0';
  EXPECT_EQ(Scan().kind, ScanEnd::Kind::kTorn);
  EXPECT_EQ(seen_, std::vector<std::string>{"one"});
}

TEST_F(SegmentTest, AClosedSegmentHasNoTornTail) {
  Append("one", 1);
  bytes_ += "garbage";
  EXPECT_EQ(Scan({.is_last = false}).kind, ScanEnd::Kind::kDamage);
}

TEST_F(SegmentTest, ReadsNothingBehindTheGivenEnd) {
  Append("one", 1);
  const std::size_t end = bytes_.size();
  bytes_ += "an entry that is being written";
  EXPECT_EQ(Scan({.is_last = false, .end = end}).kind, ScanEnd::Kind::kClean);
  EXPECT_EQ(seen_, std::vector<std::string>{"one"});
}

// A file whose first read shows it before a commit, and whose later reads show it after.
class GrowingFile final : public os::File {
 public:
  GrowingFile(std::string before, std::string after)
      : before_(std::move(before)), after_(std::move(after)) {}
  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) override {
    const std::string& bytes = std::exchange(is_committed_, true) ? after_ : before_;
    const auto part = std::string_view(bytes).substr(position, to.size());
    std::ranges::copy(part, to.begin());
    return part.size();
  }
  Result<std::uint64_t> Size() override { return after_.size(); }
  Status WriteAt(std::uint64_t, std::string_view) override { return {}; }
  Status WriteAllAt(std::uint64_t, std::span<const std::string_view>) override { return {}; }
  Status Sync() override { return {}; }
  Status Allocate(std::uint64_t) override { return {}; }
  Status Truncate(std::uint64_t) override { return {}; }
  Result<std::uint64_t> SizeAt(const std::string&) const override { return after_.size(); }

 private:
  std::string before_;
  std::string after_;
  bool is_committed_ = false;
};

TEST_F(SegmentTest, AnEntryThatBecomesDurableDuringTheScanIsNoDamage) {
  Append(std::string(1200 << 10, 'a'), 1);  // longer than one read
  Append("two", 2);
  GrowingFile file(bytes_.substr(0, kSegmentHeaderBytes) + std::string(bytes_.size(), '\0'),
                   bytes_);
  std::size_t count = 0;
  const auto end = ScanSegment(file, {.sequence = 1, .log_id = {}, .first_lsn = Lsn(1)}, {},
                               [&](std::uint64_t, const EntryHeader&, std::string_view) -> Status {
                                 ++count;
                                 return {};
                               });
  ASSERT_TRUE(end);
  EXPECT_EQ(end->kind, ScanEnd::Kind::kClean) << end->reason;
  EXPECT_EQ(count, 2U);
}

TEST_F(SegmentTest, ExtentsAreReadWithTheirCrc) {
  Append("one", 1);
  fs_.Overwrite("/s", bytes_);
  ExtentReader reader(fs_);
  const auto stored = reader.ReadBatch("/s", positions_[0], kEntryHeaderBytes + 3);
  ASSERT_TRUE(stored) << stored.error().message();
  EXPECT_EQ(stored->batch, "one");
  EXPECT_EQ(stored->identity.lsn, Lsn(1));
  bytes_[positions_[0] + kEntryHeaderBytes] = 'x';
  fs_.Overwrite("/s", bytes_);
  const auto damaged = reader.ReadBatch("/s", positions_[0], kEntryHeaderBytes + 3);
  ASSERT_FALSE(damaged);
  EXPECT_NE(damaged.error().message().find("/s: damaged entry at byte 64"), std::string::npos);
}

TEST_F(SegmentTest, AMovedBatchKeepsTheIdentityOfTheEntryThatStoredItFirst) {
  const BatchIdentity identity{
      .epoch = 4, .lsn = Lsn(9), .append_time_us = 1234567, .crc = 0xABCDEF01};
  std::string payload;
  AppendIdentity(identity, payload);
  ASSERT_EQ(payload.size(), kIdentityBytes);
  payload += "the batch";
  EntryHeader moved{.type = EntryType::kMovedBatch, .epoch = 7, .lsn = Lsn(1), .durable = Lsn(1)};
  EncodeEntryHeader(moved, payload, bytes_);
  bytes_ += payload;
  fs_.Overwrite("/s", bytes_);
  ExtentReader reader(fs_);
  EXPECT_EQ(reader.ReadBatch("/s", kSegmentHeaderBytes, moved.length)->batch, "the batch");
  EXPECT_EQ(ReadStoredBatch(moved, payload)->identity, identity);
  EXPECT_EQ(ReadStoredBatch(moved, payload.substr(0, kIdentityBytes - 1)).error().code(),
            ErrorCode::kCorruption);
  const EntryHeader first{
      .type = EntryType::kBatch, .epoch = 7, .lsn = Lsn(8), .append_time_us = 5, .crc = 6};
  EXPECT_EQ(ReadStoredBatch(first, "b")->identity,
            (BatchIdentity{.epoch = 7, .lsn = Lsn(8), .append_time_us = 5, .crc = 6}));
}

TEST_F(SegmentTest, AnIntactEntryOfAnUnknownTypeIsAnEntry) {
  Append("one", 1);
  EntryHeader unknown{.type = EntryType{99}, .epoch = 1, .lsn = Lsn(2), .durable = Lsn(2)};
  EncodeEntryHeader(unknown, "", bytes_);
  EXPECT_EQ(Scan().kind, ScanEnd::Kind::kClean);
  EXPECT_EQ(seen_.size(), 2U);
  EXPECT_FALSE(MaySkip(unknown.type));
  EXPECT_TRUE(MaySkip(EntryType{99 | kMaySkipEntry}));
}

TEST(SegmentHeaders, NameTheProgramThatBeganTheSegment) {
  const SegmentHeader header{
      .sequence = 1, .log_id = {}, .first_lsn = Lsn(1), .program = "10.20.30-rc4"};
  std::string bytes = EncodeSegmentHeader(header);
  EXPECT_EQ(DecodeSegmentHeader(bytes)->program, "10.20.30-rc4");
  EXPECT_EQ(DecodeSegmentHeader(bytes)->version, kSegmentVersion);
  bytes[8] = 9;
  const auto newer = DecodeSegmentHeader(bytes);
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code(), ErrorCode::kUnsupported);
  EXPECT_TRUE(newer.error().message().ends_with(
      "this folder was written by steelthread 10.20.30-rc4 or a newer one: use it"));
}

TEST(SegmentNames, ParseBack) {
  EXPECT_EQ(SegmentName(12), "00000000000000000012.log");
  EXPECT_EQ(ParseSegmentName(SegmentName(12)), 12U);
  EXPECT_FALSE(ParseSegmentName("x.log").has_value());
}

}  // namespace
}  // namespace st::log
