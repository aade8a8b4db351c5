#include "log/log_files.h"

#include <gtest/gtest.h>

#include "log/testing.h"

namespace st::log {
namespace {

using testing::AppendAndWait;
using testing::Batch;

class LogFilesTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<LocalLog>> Open() {
    return LocalLog::Open({fs_, clock_, *random_}, options_);
  }
  Result<std::unique_ptr<LogFiles>> Read(const LogFiles::Records& wanted = {}) {
    return LogFiles::Read(fs_, "/log", wanted, [](auto&&...) {});
  }
  std::string RoomFor(const std::vector<std::uint64_t>& payload_bytes) {
    const auto files = Read();
    if (!files) return files.error().message();
    const auto room = (*files)->CheckRoom(options_, payload_bytes);
    return room ? "" : room.error().message();
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  const LogOptions options_{
      .dir = "/log", .segment_bytes = 1 << 20, .allocate_chunk_bytes = 64 << 10};
};

TEST_F(LogFilesTest, HoldWhatTheOpenLogHolds) {
  auto log = Open().value();
  const auto topic = log->CreateTopic("events", 2).value();
  ASSERT_TRUE(log->CreateTopic("another", 1));
  const TopicPartition zero{topic.id, PartitionId(0)};
  const TopicPartition one{topic.id, PartitionId(1)};
  ASSERT_TRUE(AppendAndWait(*log, one, Batch({"a", "b", "c"})));
  while (log->durable_end().segment < 3) {
    ASSERT_TRUE(AppendAndWait(*log, zero, Batch({std::string(100'000, 'x')})));
  }
  log.reset();
  log = Open().value();
  ASSERT_TRUE(AppendAndWait(*log, one, Batch({"d"})));

  const Offset last(log->EndOffset(zero).value() - 1);
  const auto files = Read({{zero, {0, last.value()}}, {one, {1, 3}}}).value();
  EXPECT_EQ(files->id(), log->id());
  ASSERT_EQ(files->Topics().size(), 2U);
  EXPECT_EQ(files->Topics()[0].name, "another");
  EXPECT_EQ(files->FindTopic("events")->id, topic.id);
  EXPECT_EQ(files->FindTopic(topic.id)->partitions, 2);
  EXPECT_FALSE(files->FindTopic("none"));
  for (const auto& tp : {zero, one}) {
    EXPECT_EQ(files->StartOffset(tp), log->StartOffset(tp));
    EXPECT_EQ(files->EndOffset(tp), log->EndOffset(tp));
  }
  EXPECT_EQ(files->EntryCrc(zero, Offset(0)).value(), log->EntryCrc(zero, Offset(0)).value());
  EXPECT_EQ(files->EntryCrc(zero, last).value(), log->EntryCrc(zero, last).value());
  EXPECT_EQ(files->EntryCrc(one, Offset(1)).value(), log->EntryCrc(one, Offset(1)).value());
  EXPECT_EQ(files->EntryCrc(one, Offset(3)).value(), log->EntryCrc(one, Offset(3)).value());
  EXPECT_FALSE(files->EntryCrc(one, Offset(2))) << "nobody asked for it";
}

TEST_F(LogFilesTest, OfAMissingFolderAreAnEmptyLog) {
  const auto files = Read().value();
  EXPECT_TRUE(files->Topics().empty());
  EXPECT_EQ(files->id(), Uuid());
}

TEST_F(LogFilesTest, DamageIsNamedWithItsPlace) {
  Open().value().reset();
  std::string bytes = fs_.Contents("/log/" + SegmentName(1));
  char& first = bytes.at(kSegmentHeaderBytes + 4);
  first = static_cast<char>(first ^ 1);
  fs_.Overwrite("/log/" + SegmentName(1), bytes);
  const auto files = Read();
  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().code(), ErrorCode::kCorruption);
  EXPECT_TRUE(files.error().message().starts_with("/log/" + SegmentName(1) + ": byte 64: "));
}

// What would be refused is what is refused, in the same words.
TEST_F(LogFilesTest, ANewLogNeedsRoomForASegment) {
  fs_.SetFreeBytes(options_.reserve_bytes + options_.allocate_chunk_bytes - 1);
  const auto refused = Open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(RoomFor({}), refused.error().message());
  fs_.SetFreeBytes(options_.reserve_bytes + options_.allocate_chunk_bytes);
  EXPECT_EQ(RoomFor({}), "");
  EXPECT_TRUE(Open());
}

TEST_F(LogFilesTest, ALogThatExistsNeedsRoomForWhatIsAppended) {
  auto log = Open().value();
  const TopicPartition tp{log->CreateTopic("events", 1).value().id, PartitionId(0)};
  log.reset();
  fs_.SetFreeBytes(0);
  const auto small = Batch({"x"});
  const auto large = Batch({std::string(100'000, 'x')});
  EXPECT_EQ(RoomFor({}), "") << "it is opened on a full disk too";
  EXPECT_EQ(RoomFor({small.size()}), "") << "the segment is allocated further than it is written";
  const auto said = RoomFor({small.size(), large.size()});
  log = Open().value();
  EXPECT_TRUE(AppendAndWait(*log, tp, small));
  const auto refused = AppendAndWait(*log, tp, large);
  ASSERT_FALSE(refused);
  EXPECT_EQ(said, refused.error().message());
}

}  // namespace
}  // namespace st::log
