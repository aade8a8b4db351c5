#include "idempotency/key_run.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "os/random.h"
#include "os/testing/memory_file_system.h"

namespace st::idempotency {
namespace {

class KeyRunTest : public ::testing::Test {
 protected:
  // `count` entries at offsets 0, 1, … in some order.
  void Write(std::int64_t count) {
    const auto random = os::MakeSeededRandom(7);
    for (std::int64_t i = 0; i < count; ++i) {
      entries_.push_back(
          {.hash = {.high = random->Next(), .low = random->Next()},
           .partition = {.topic = TopicId(random->NewUuid().bytes()),
                         .partition = PartitionId(static_cast<std::int32_t>(i % 1024))},
           .offset = i,
           .time_ms = 1000 + i});
    }
    std::ranges::sort(entries_, {}, &KeyEntry::hash);
    auto writer = KeyRunWriter::Create(fs_, "/run", static_cast<std::uint64_t>(count)).value();
    for (const auto& entry : entries_) ASSERT_TRUE(writer.Add(entry));
    ASSERT_TRUE(writer.Finish());
  }

  os::testing::MemoryFileSystem fs_;
  std::vector<KeyEntry> entries_;
};

TEST_F(KeyRunTest, FindsEachKeyAndNoOther) {
  Write(3000);
  const auto run = KeyRun::Open(fs_, "/run").value();
  EXPECT_EQ(run->count(), 3000U);
  EXPECT_EQ(run->min_time_ms(), 1000);
  EXPECT_EQ(run->max_time_ms(), 3999);
  for (const auto& entry : entries_) {
    const auto found = run->Find(entry.hash).value();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->offset, entry.offset);
    EXPECT_EQ(found->partition, entry.partition);
    Hash128 other = entry.hash;
    other.low ^= 1;
    EXPECT_FALSE(run->Find(other).value());
    other = entry.hash;
    other.high ^= std::uint64_t{1} << 63;
    EXPECT_FALSE(run->Find(other).value());
  }
  std::int64_t seen = 0;
  ASSERT_TRUE(run->ForEach([&](const KeyEntry& entry) -> Status {
    EXPECT_EQ(entry.hash, entries_[static_cast<std::size_t>(seen++)].hash);
    return {};
  }));
  EXPECT_EQ(seen, 3000);
}

// The file is one of a program before partitions were stored.
TEST(KeyRun, ARunOfTheVersionBeforeHoldsPartitionZero) {
  const auto fs = os::MakePosixFileSystem();
  const auto run = KeyRun::Open(*fs, "key_run_fuzz_corpus/whole");
  ASSERT_TRUE(run) << run.error().message();
  const auto entries = (*run)->Block(0).value();
  ASSERT_EQ(entries.size(), 85U);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    EXPECT_EQ(entries[i].partition.partition, PartitionId(0));
    EXPECT_EQ(entries[i].offset, static_cast<std::int64_t>(i));
    EXPECT_EQ(entries[i].time_ms, 1000 + static_cast<std::int64_t>(i));
  }
}

TEST_F(KeyRunTest, TimesAndPartitionsAreKeptAtTheirEnds) {
  constexpr std::int64_t kLast = (std::int64_t{1} << 48) - 1;
  const auto write = [&](const std::string& path, std::int64_t time_ms, std::int32_t partition) {
    auto writer = KeyRunWriter::Create(fs_, path, 1).value();
    EXPECT_TRUE(writer.Add({.hash = {.high = 1, .low = 2},
                            .partition = {.topic = {}, .partition = PartitionId(partition)},
                            .offset = INT64_MAX,
                            .time_ms = time_ms}));
    EXPECT_TRUE(writer.Finish());
    return KeyRun::Open(fs_, path).value()->Find({.high = 1, .low = 2}).value().value();
  };
  const auto last = write("/last", kLast, UINT16_MAX);
  EXPECT_EQ(last.time_ms, kLast);
  EXPECT_EQ(last.partition.partition, PartitionId(UINT16_MAX));
  EXPECT_EQ(last.offset, INT64_MAX);
  // Records of logs that did not mark the server's batches may claim any time.
  EXPECT_EQ(write("/before", -5, 7).time_ms, 0);
  const auto after = write("/after", INT64_MAX, 7);
  EXPECT_EQ(after.time_ms, kLast);
  EXPECT_EQ(after.partition.partition, PartitionId(7));
}

TEST_F(KeyRunTest, MayBeEmpty) {
  Write(0);
  EXPECT_FALSE(KeyRun::Open(fs_, "/run").value()->Find({.high = 1, .low = 2}).value());
}

TEST_F(KeyRunTest, EveryFlippedByteAndCutIsNoticedOrHarmless) {
  Write(100);
  const std::string bytes = os::ReadWholeFile(fs_, "/run").value();
  const auto check = [&](const std::string& damaged) {
    ASSERT_TRUE(os::WriteFileAtomically(fs_, "/damaged", damaged));
    const auto run = KeyRun::Open(fs_, "/damaged");
    if (!run) return;
    for (const auto& entry : entries_) {
      const auto found = (*run)->Find(entry.hash);
      if (found) {
        ASSERT_TRUE(*found);
        ASSERT_EQ((*found)->offset, entry.offset);
      } else {
        ASSERT_EQ(found.error().code(), ErrorCode::kCorruption);
      }
    }
  };
  for (std::size_t i = 0; i < bytes.size(); i += 7) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    check(damaged);
    if (i % 70 == 0)
      EXPECT_FALSE([&] {
        Ignore(os::WriteFileAtomically(fs_, "/cut", bytes.substr(0, i)), "read next");
        return KeyRun::Open(fs_, "/cut").has_value();
      }());
  }
}

}  // namespace
}  // namespace st::idempotency
