#include "log/state.h"

#include <gtest/gtest.h>

#include "log/largest_state.h"
#include "log/limits.h"
#include "log/reader/segment.h"
#include "log/testing.h"

namespace st::log {
namespace {

TEST(LogState, ACheckpointWithEveryLimitAtItsMaximumFitsIntoItsPartsAndReadsBack) {
  const LogState state = LargestState();
  const std::string checkpoint = state.EncodeCheckpoint();
  const std::size_t parts =
      (checkpoint.size() + kMaxCheckpointPieceBytes - 1) / kMaxCheckpointPieceBytes;
  EXPECT_GT(parts, 1U);
  ASSERT_LE(parts, static_cast<std::size_t>(kMaxCheckpointPieces));
  static_assert(kMaxCheckpointPieceBytes + kEntryHeaderBytes <= kMaxEntryBytes);
  LogState read;
  for (std::size_t i = 0; i < parts; ++i) {
    EXPECT_TRUE(read.topics().all().empty()) << "nothing holds before the last part";
    const EntryHeader entry{.type = EntryType::kCheckpoint,
                            .partition = static_cast<std::int32_t>(i),
                            .records = static_cast<std::int32_t>(parts)};
    const auto applied =
        read.Apply(entry, std::string_view(checkpoint)
                              .substr(i * kMaxCheckpointPieceBytes, kMaxCheckpointPieceBytes));
    ASSERT_TRUE(applied) << applied.error().message();
  }
  EXPECT_EQ(read.EncodeCheckpoint(), checkpoint);
  EXPECT_EQ(read.topics().CheckNew({.name = "more"}, {}).error().code(), ErrorCode::kUnsupported);
  EXPECT_NE(read.topics().FindByName(LongTopicName(7)), nullptr);
}

TEST(LogState, APartThatIsMissingOrOutOfOrderIsDamage) {
  LogState state;
  AddTopic(state, {.number = 1});
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
  EXPECT_NE(read.topics().Find(TopicIdOf(1)), nullptr);
}

// A checkpoint of version 1 as a log of that version wrote it: one entry, however long.
std::string OldCheckpoint(std::uint32_t topics, std::int32_t partitions) {
  std::string out;
  AppendLittle(out, std::uint32_t{1});
  AppendLittle(out, std::int64_t{1});
  AppendLittle(out, topics);
  for (std::uint32_t n = 0; n < topics; ++n) {
    const std::string name = fmt::format("topic-{}", n);
    AppendUuid(out, TopicIdOf(n));
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
  std::string file =
      EncodeSegmentHeader({.sequence = 1, .log_id = TopicIdOf(5), .first_lsn = Lsn(1)});
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
    const auto opened = LocalLog::Open({fs, clock, *random}, options);
    ASSERT_TRUE(opened) << opened.error().message();
    const auto topic = (*opened)->FindTopic("topic-8299");
    ASSERT_TRUE(topic);
    const TopicPartition tp{topic->id, PartitionId(1023)};
    ASSERT_TRUE(testing::AppendAndWait(**opened, tp, testing::Batch({"x"})));
    EXPECT_EQ(testing::ReadValues(**opened, tp).size(), round);
    EXPECT_FALSE((*opened)->CreateTopic("more", 2)) << "over the limit that holds now";
    EXPECT_TRUE((*opened)->CreateTopic(fmt::format("own-{}", round), 1)) << "a declared event's";
  }
  EXPECT_EQ(fs.List("/log").value().size(), 4U) << "two segments, one index, the end mark";
}

}  // namespace
}  // namespace st::log
