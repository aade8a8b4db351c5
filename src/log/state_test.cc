#include "log/state.h"

#include <gtest/gtest.h>

#include "log/limits.h"
#include "log/reader/segment.h"
#include "log/testing.h"

namespace st::log {
namespace {

TopicId IdOf(std::uint32_t n) {
  std::array<std::uint8_t, 16> id{};
  for (std::size_t i = 0; i < 4; ++i) id[i] = static_cast<std::uint8_t>(n >> (8 * i));
  return TopicId(id);
}

// Names as long as they may be.
std::string NameOf(std::uint32_t n) {
  std::string name = fmt::format("{:06}", n);
  name.resize(249, 'n');
  return name;
}

void AddTopic(LogState& state, std::uint32_t n, std::int32_t partitions) {
  const EntryHeader entry{.type = EntryType::kTopic, .topic = IdOf(n), .partition = partitions};
  ASSERT_TRUE(state.Apply(entry, NameOf(n)));
}

// With every limit at its maximum.
LogState Largest() {
  LogState state;
  const auto wide = static_cast<std::uint32_t>(
      (kMaxTotalPartitions - static_cast<std::int64_t>(kMaxTopics)) / (kMaxPartitions - 1));
  for (std::uint32_t n = 0; n < kMaxTopics; ++n) AddTopic(state, n, n < wide ? kMaxPartitions : 1);
  record::BatchHeader batch;
  batch.producer_epoch = 0;
  batch.record_count = 1;
  for (std::size_t i = 0; i < kMaxProducerPairs; ++i) {
    const TopicPartition tp{IdOf(static_cast<std::uint32_t>(i % kMaxTopics)), PartitionId(0)};
    batch.producer_id = static_cast<std::int64_t>(i);
    for (std::size_t n = 0; n < kProducerBatches; ++n) {
      batch.base_sequence = static_cast<std::int32_t>(n);
      state.producers().Apply(tp, batch, {.base_offset = 1, .append_time_us = 1});
    }
  }
  return state;
}

TEST(LogState, ACheckpointWithEveryLimitAtItsMaximumFitsIntoItsPartsAndReadsBack) {
  const LogState state = Largest();
  const std::string checkpoint = state.EncodeCheckpoint();
  const std::size_t parts =
      (checkpoint.size() + kMaxCheckpointPartBytes - 1) / kMaxCheckpointPartBytes;
  EXPECT_GT(parts, 1U);
  ASSERT_LE(parts, static_cast<std::size_t>(kMaxCheckpointParts));
  static_assert(kMaxCheckpointPartBytes + kEntryHeaderBytes <= kMaxEntryBytes);
  LogState read;
  for (std::size_t i = 0; i < parts; ++i) {
    EXPECT_TRUE(read.topics().empty()) << "nothing holds before the last part";
    const EntryHeader entry{.type = EntryType::kCheckpoint,
                            .partition = static_cast<std::int32_t>(i),
                            .records = static_cast<std::int32_t>(parts)};
    const auto applied = read.Apply(
        entry,
        std::string_view(checkpoint).substr(i * kMaxCheckpointPartBytes, kMaxCheckpointPartBytes));
    ASSERT_TRUE(applied) << applied.error().message();
  }
  EXPECT_EQ(read.EncodeCheckpoint(), checkpoint);
  EXPECT_EQ(read.CheckNewTopic("more", 1, {}).error().code(), ErrorCode::kUnsupported);
  EXPECT_NE(read.FindByName(NameOf(7)), nullptr);
}

TEST(LogState, APartThatIsMissingOrOutOfOrderIsDamage) {
  LogState state;
  AddTopic(state, 1, 1);
  const auto part = [](std::int32_t n, std::int32_t of) {
    return EntryHeader{.type = EntryType::kCheckpoint, .partition = n, .records = of};
  };
  const std::string bytes = state.EncodeCheckpoint();
  LogState read;
  EXPECT_EQ(read.Apply(part(1, 2), bytes).error().code(), ErrorCode::kCorruption);
  EXPECT_TRUE(read.Apply(part(0, 2), bytes.substr(0, 5)));
  EXPECT_EQ(read.Apply({.type = EntryType::kEpoch}, "").error().code(), ErrorCode::kCorruption);
  EXPECT_EQ(read.Apply(part(0, 2), bytes).error().code(), ErrorCode::kCorruption);
  EXPECT_TRUE(read.Apply(part(1, 2), bytes.substr(5)));
  EXPECT_NE(read.Find(IdOf(1)), nullptr);
}

// A checkpoint of version 1 as a log of that version wrote it: one entry, however long.
std::string OldCheckpoint(std::uint32_t topics, std::int32_t partitions) {
  std::string out;
  AppendLittle(out, std::uint32_t{1});
  AppendLittle(out, std::int64_t{1});
  AppendLittle(out, topics);
  for (std::uint32_t n = 0; n < topics; ++n) {
    const std::string name = fmt::format("topic-{}", n);
    AppendId(out, IdOf(n));
    AppendLittle(out, static_cast<std::uint32_t>(name.size()));
    out += name;
    AppendLittle(out, partitions);
    out.append(static_cast<std::size_t>(partitions) * sizeof(std::int64_t), '\0');
  }
  AppendLittle(out, std::uint32_t{0});
  return out;
}

TEST(LogState, ALogWhoseOldCheckpointIsLongerThanAnEntryMayBeOpensAndGoesOn) {
  const std::string state = OldCheckpoint(8300, kMaxPartitions);
  ASSERT_GT(state.size(), kMaxEntryBytes);
  EntryHeader entry{.type = EntryType::kCheckpoint, .epoch = 1, .lsn = Lsn(1), .durable = Lsn(1)};
  std::string file = EncodeSegmentHeader({.sequence = 1, .log_id = IdOf(5), .first_lsn = Lsn(1)});
  EncodeEntryHeader(entry, state, file);
  file += state;
  file.resize(kSegmentHeaderBytes + entry.padded_length(), '\0');
  os::testing::MemoryFileSystem fs;
  ASSERT_TRUE(fs.CreateDirs("/log"));
  fs.Overwrite("/log/00000000000000000001.log", file);
  os::testing::StepClock clock;
  const auto random = os::MakeSeededRandom(1);
  const LogOptions options{
      .dir = "/log", .segment_bytes = kMinSegmentBytes, .allocate_chunk_bytes = 64 << 10};
  for (std::size_t round = 1; round <= 2; ++round) {
    const auto opened = Log::Open(fs, clock, *random, options);
    ASSERT_TRUE(opened) << opened.error().message();
    const auto topic = (*opened)->FindTopic("topic-8299");
    ASSERT_TRUE(topic);
    const TopicPartition tp{topic->id, PartitionId(1023)};
    ASSERT_TRUE(testing::AppendAndWait(**opened, tp, testing::Batch({"x"})));
    EXPECT_EQ(testing::ReadValues(**opened, tp).size(), round);
    EXPECT_FALSE((*opened)->CreateTopic("more", 1)) << "over the limit that holds now";
  }
  EXPECT_EQ(fs.List("/log").value().size(), 4U) << "two segments, one index, the end mark";
}

}  // namespace
}  // namespace st::log
