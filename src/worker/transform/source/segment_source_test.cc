#include "worker/transform/source/segment_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "os/testing/memory_file_system.h"

namespace st::worker::transform::source {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr TopicId kTopic{std::array<std::uint8_t, 16>{1}};
constexpr TopicId kOther{std::array<std::uint8_t, 16>{2}};

class SegmentSourceTest : public ::testing::Test {
 protected:
  // Writes a batch of these values as the next entry of the segment.
  void Log(TopicId topic, std::int32_t partition, const std::vector<std::string>& values) {
    const TopicPartition tp{.topic = topic, .partition = PartitionId(partition)};
    std::vector<record::NewRecord> records;
    for (const auto& value : values) records.push_back({.value = value, .headers = {}});
    std::string batch = record::BuildBatch(records);
    Offset& end =
        source_.range.offsets.try_emplace(tp, OffsetRange{.from = {}, .to = {}}).first->second.to;
    record::SetBaseOffset(batch, end.value(), 0);
    log::EntryHeader entry{.lsn = Lsn(next_lsn_),
                           .topic = topic,
                           .partition = partition,
                           .records = static_cast<std::int32_t>(values.size()),
                           .base_offset = end.value()};
    next_lsn_ += 3;  // other topics have entries in between
    end = end + entry.records;
    const std::uint64_t position = bytes_.size();
    log::EncodeEntryHeader(entry, batch, bytes_);
    bytes_ += batch;
    source_.extents.push_back({0, position, static_cast<std::uint32_t>(bytes_.size() - position)});
    source_.range.lsns->to = Lsn(next_lsn_);
    fs_.Overwrite("/log/1.log", bytes_);
  }
  Result<std::vector<std::string>> Read(
      std::optional<std::vector<std::size_t>> parts = std::nullopt) {
    const jobs::Source source = source_;
    const auto reader = OpenSource(source, fs_, std::move(parts));
    std::vector<std::string> all;
    SourceRecord record;
    while (true) {
      ST_TRY(const bool is_one, reader->Next(record));
      if (!is_one) return all;
      all.push_back(fmt::format("{}:{}/{}/{} {}", reader->part(), record.topic,
                                record.id.tp.partition, record.id.offset,
                                record.value.value_or("NULL")));
    }
  }
  void ExpectDamage(const std::string& words) {
    const auto read = Read();
    ASSERT_FALSE(read) << words;
    EXPECT_EQ(read.error().code(), ErrorCode::kCorruption);
    EXPECT_THAT(read.error().message(), HasSubstr(words));
    EXPECT_THAT(read.error().message(), HasSubstr("/log/1.log: batch at byte"));
  }

  os::testing::MemoryFileSystem fs_;
  std::string bytes_;
  std::uint64_t next_lsn_ = 5;
  jobs::LogSegments source_{
      .range = {.lsns = LsnRange{.from = Lsn(5), .to = {}}, .offsets = {}},
      .topics = {{.id = kTopic, .name = "events"}, {.id = kOther, .name = "game"}},
      .files = {"/log/1.log"},
      .extents = {}};
};

TEST_F(SegmentSourceTest, GivesTheRangeOfAllPartitionsInOrder) {
  Log(kTopic, 0, {"a", "b"});
  Log(kOther, 4, {"c"});
  Log(kTopic, 1, {"d"});
  Log(kTopic, 0, {"e", "f", "g"});
  EXPECT_THAT(Read().value(),
              ElementsAre("0:events/0/0 a", "0:events/0/1 b", "1:game/4/0 c", "2:events/1/0 d",
                          "3:events/0/2 e", "3:events/0/3 f", "3:events/0/4 g"));
  source_.range.offsets[{.topic = kTopic, .partition = PartitionId(0)}] = {.from = Offset(1),
                                                                           .to = Offset(4)};
  EXPECT_THAT(Read().value(), ElementsAre("0:events/0/1 b", "1:game/4/0 c", "2:events/1/0 d",
                                          "3:events/0/2 e", "3:events/0/3 f"));
  EXPECT_THAT(Read({{0, 3}}).value(),
              ElementsAre("0:events/0/1 b", "3:events/0/2 e", "3:events/0/3 f"));
}

TEST_F(SegmentSourceTest, AnEntryOutsideTheRangeIsDamage) {
  Log(kTopic, 0, {"a"});
  Log(kTopic, 1, {"b"});
  const auto whole = source_;
  source_.range.lsns->to = Lsn(6);
  ExpectDamage("lsn 8 does not follow 5 in the range 5 to 6");
  source_ = whole;
  source_.range.lsns->from = Lsn(6);
  ExpectDamage("lsn 5 does not follow 0 in the range 6 to 11");
  source_ = whole;
  std::swap(source_.extents[0], source_.extents[1]);
  ExpectDamage("lsn 5 does not follow 8");
  source_ = whole;
  source_.range.offsets.erase({.topic = kTopic, .partition = PartitionId(1)});
  ExpectDamage("which is not in the range");
  source_ = whole;
  source_.topics.erase(source_.topics.begin());
  ExpectDamage("which is not in the range");
}

TEST_F(SegmentSourceTest, AMissingSegmentIsNotFound) {
  Log(kTopic, 0, {"a"});
  source_.files = {"/log/2.log"};
  EXPECT_EQ(Read().error().code(), ErrorCode::kNotFound);
}

}  // namespace
}  // namespace st::worker::transform::source
