// Tests that the metadata of a pipeline's table stays small whatever the table's history is.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "lake/limits.h"
#include "lake/testing.h"
#include "stream/definition_history.h"
#include "stream/limits.h"
#include "stream/rewinds.h"
#include "stream/standing.h"

namespace st::stream {
namespace {

using lake::testing::kTable;
using lake::testing::OpenLake;
using lake::testing::WriteData;

constexpr std::int64_t kMinuteUs = 60'000'000;
constexpr std::int32_t kPartitions = 1024;

// A table with the longest history: a SELECT of 64 KiB and other columns with each of its first
// commits, positions of 1,024 partitions in everything that has one, and snapshots of 31 days.
class MetadataSizeTest : public ::testing::Test {
 protected:
  FlowProgress At(std::int64_t next) const {
    FlowProgress at;
    for (std::int32_t partition = 0; partition < kPartitions; ++partition) {
      at.topics[topic_][partition] = next;
      at.crcs[{.topic = topic_, .partition = PartitionId(partition)}] = 0xffffffff;
    }
    return at;
  }
  std::string Encoded(const FlowProgress& at) const {
    return EncodeProgress({.log_id = topic_, .flows = {{kTable.name, at}}});
  }
  std::shared_ptr<const lake::View> Load() { return lake_->Load(kTable).value(); }
  // Commits a file, and changes the table as `append` says.
  void Commit(lake::Append append) {
    append.table = kTable;
    append.expected_version = Load()->version;
    append.files = {WriteData(*lake_, fs_, kTable, 1).value()};
    const auto done = lake_->Commit(append);
    ASSERT_TRUE(done) << done.error().message();
    ASSERT_LE(Load()->metadata_json.size(), lake::kMaxVersionBytes);
  }
  // The columns of before and another one, all with other comments.
  std::vector<lake::Column> MoreColumns(int number) {
    auto columns = Load()->columns;
    for (auto& column : columns)
      column.doc = std::string(200, static_cast<char>('a' + number % 26));
    columns.push_back({.id = 0, .name = fmt::format("column_{}", number), .type = "string"});
    return columns;
  }
  void ChangeDefinition(int number) {
    definition_.statement = fmt::format(
        "SELECT {} -- {}", number, std::string(64 << 10, static_cast<char>('a' + number % 26)));
    const auto at = At(number + 1);
    rewinds_.Add(at);
    lake::Append append;
    append.properties = {{kOffsetsProperty, Encoded(at)},
                         {kDefinitionsProperty, HistoryWith(definition_, *Load(), at).value()},
                         {kRedoProperty, Encoded(at)},
                         {kPausedProperty, std::string(4000, 'p')}};
    append.columns = MoreColumns(number);
    Commit(std::move(append));
  }

  const TopicId topic_{std::array<std::uint8_t, 16>{2, 171}};
  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<lake::Lake> lake_ = OpenLake(fs_, clock_, *random_);
  dialect::spark::Definition definition_;
  Rewinds rewinds_;
};

TEST_F(MetadataSizeTest, AVersionStaysBelowAMegabyteWhateverTheHistory) {
  ASSERT_TRUE(lake_->Create(kTable, lake::testing::TestColumns(), {}));
  constexpr int kDays = 31;
  constexpr int kHours = 24;
  // A snapshot a day, an hour and a minute in turn: all tags, and the newest snapshots.
  int number = 0;
  const auto commit = [&](std::int64_t us) {
    clock_.Advance(us);
    if (number < static_cast<int>(kMaxDefinitionVersions) + 5) {
      ChangeDefinition(number);
    } else {
      Commit({.properties = {{kOffsetsProperty, Encoded(At(number + 1))}}});
    }
    ++number;
  };
  for (int day = 0; day < kDays - 1; ++day) commit(24 * 60 * kMinuteUs);
  for (int hour = 0; hour < kHours; ++hour) commit(60 * kMinuteUs);
  for (std::size_t i = 0; i < lake::kMaxSnapshots; ++i) commit(kMinuteUs / 4);
  Commit({.properties = {{kRewindsProperty, rewinds_.Encode()}}});

  lake_ = OpenLake(fs_, clock_, *random_);
  const auto view = Load();
  EXPECT_LE(view->metadata_json.size(), lake::kMaxVersionBytes);
  EXPECT_GE(view->snapshot_count, static_cast<std::int64_t>(lake::kMaxSnapshots) + 40)
      << "nothing of the history had to go for it";
  // All of it is there to be read.
  EXPECT_EQ(Rewinds::Of(*view).value().Encode(), rewinds_.Encode());
  EXPECT_TRUE(HistoryWith(definition_, *view, At(1)) == std::nullopt);
  EXPECT_GT(view->properties.at(kDefinitionsProperty).size(), kMaxDefinitionsBytes / 2);
  EXPECT_LE(view->properties.at(kDefinitionsProperty).size(), kMaxDefinitionsBytes + 100);
  EXPECT_EQ(view->properties.at(kOffsetsProperty), Encoded(At(number)));
  EXPECT_EQ(view->properties.at(kPausedProperty), std::string(4000, 'p'));
  lake::testing::ExpectHistoryIsWhole(fs_);
}

TEST_F(MetadataSizeTest, TheNewestDefinitionStaysHoweverLongItIs) {
  ASSERT_TRUE(lake_->Create(kTable, lake::testing::TestColumns(), {}));
  ChangeDefinition(0);
  definition_.statement = std::string(2 * kMaxDefinitionsBytes, 's');
  const auto history = HistoryWith(definition_, *Load(), At(2)).value();
  EXPECT_THAT(history, ::testing::HasSubstr(definition_.statement));
  EXPECT_THAT(history, ::testing::Not(::testing::HasSubstr("SELECT 0")));
}

}  // namespace
}  // namespace st::stream
