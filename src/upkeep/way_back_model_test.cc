// A model of one table under everything that changes it at once: commits, rewrites, rollbacks,
// clearings, rows that are taken out, expiries, other names, power losses, and readers that hold
// on.
#include <cstdlib>
#include <deque>
#include <map>

#include "lake/limits.h"
#include "upkeep/table_rewriter.h"
#include "upkeep/testing.h"

namespace st::upkeep {
namespace {

using lake::testing::kProgress;
using lake::testing::kTable;
using lake::testing::OpenLake;
using lake::testing::TestColumns;
using lake::testing::WriteData;

const lake::TableName kOther{"default", "renamed"};

class WayBackModel {
 public:
  explicit WayBackModel(std::uint64_t seed) : random_(os::MakeSeededRandom(seed)) {
    lake_ = OpenLake(*fs_, clock_, *random_);
    EXPECT_TRUE(lake_->Create(kTable, TestColumns(), {{kProgress, "0"}}));
  }

  void Step() {
    clock_.Advance(static_cast<std::int64_t>(random_->Next() % 600'000'000));
    switch (random_->Next() % 20) {
      case 0:
        return LosePower();
      case 1:
        return Hold();
      case 2:
        if (!held_.empty()) held_.pop_front();
        return;
      case 3:
        return RemoveFiles();
      case 4:
      case 5:
        return RollBack();
      case 6:
        return Clear();
      case 7:
        return TakeRowsOut();
      case 8:
        return Expire();
      case 9:
        return Rename();
      case 10:
      case 11:
      case 12:
        return Rewrite();
      default:
        return Commit();
    }
  }

  void Check() {
    const auto view = Load();
    ASSERT_EQ(rows_, view->record_count);
    ASSERT_EQ(std::to_string(rows_), view->properties.at(kProgress));
    ExpectIsWhole(*view);
    for (const auto& held : held_) ExpectIsWhole(*held);
    lake::testing::ExpectHistoryIsWhole(*fs_, name_);
    for (const auto& snapshot : SnapshotsOf(*view)) {
      const auto known = rows_of_.find(snapshot);
      ASSERT_NE(known, rows_of_.end());
      ASSERT_EQ(std::to_string(known->second),
                lake_->PositionAt(name_, SnapshotId(snapshot)).value());
    }
  }

 private:
  std::shared_ptr<const lake::View> Load() { return lake_->Load(name_).value(); }
  static std::vector<std::int64_t> SnapshotsOf(const lake::View& view) {
    std::vector<std::int64_t> ids;
    for (const auto& snapshot : iceberg::ParseTableMetadata(view.metadata_json)->snapshots) {
      ids.push_back(snapshot.id);
    }
    return ids;
  }
  void ExpectIsWhole(const lake::View& view) {
    std::int64_t rows = 0;
    for (const auto& file : view.files) {
      const auto checked = lake_->CheckDataFile(file);
      ASSERT_TRUE(checked) << checked.error().message();
      rows += file.record_count;
    }
    ASSERT_EQ(rows, view.record_count);
  }
  // The table has `rows` rows now.
  void Note(const lake::View& view, std::int64_t rows) {
    rows_ = rows;
    if (view.snapshot) rows_of_[view.snapshot->value()] = rows;
  }

  void Commit() {
    const auto view = Load();
    const auto rows = static_cast<std::int64_t>(1 + random_->Next() % 9);
    const auto done = lake_->Commit({.table = name_,
                                     .expected_version = view->version,
                                     .files = {WriteData(*lake_, *fs_, name_, rows).value()},
                                     .properties = {{kProgress, std::to_string(rows_ + rows)}}});
    ASSERT_TRUE(done) << done.error().message();
    Note(**done, rows_ + rows);
  }
  void Rewrite() {
    testing::FakeRewriter rewriter(*fs_);
    const auto done = Compact(*lake_, name_, rewriter, [](const auto&) {});
    ASSERT_TRUE(done) << done.error().message();
    Note(*Load(), rows_);
  }
  void RollBack() {
    const auto view = Load();
    const auto ids = SnapshotsOf(*view);
    if (ids.empty()) return;
    const auto id = ids[random_->Next() % ids.size()];
    const auto rows = rows_of_.at(id);
    const auto done = lake_->RollBack({.table = name_,
                                       .expected_version = view->version,
                                       .snapshot = SnapshotId(id),
                                       .properties = {{kProgress, std::to_string(rows)}}});
    ASSERT_TRUE(done) << done.error().message();
    ASSERT_EQ(rows, (*done)->record_count);
    rows_ = rows;
  }
  void Clear() {
    const auto done = lake_->Clear({.table = name_,
                                    .expected_version = Load()->version,
                                    .columns = TestColumns(),
                                    .properties = {{kProgress, "0"}}});
    ASSERT_TRUE(done) << done.error().message();
    Note(**done, 0);
  }
  void TakeRowsOut() {
    const auto view = Load();
    if (view->files.size() == 0) return;
    const auto& file = *view->files.begin();
    const auto left = rows_ - file.record_count;
    const auto done = lake_->Replace({.table = name_,
                                      .inputs = {file.location},
                                      .outputs = {},
                                      .expected_version = view->version,
                                      .removes_rows = true,
                                      .properties = {{kProgress, std::to_string(left)}}});
    ASSERT_TRUE(done) << done.error().message();
    Note(**done, left);
  }
  void Expire() {
    const auto now_ms = clock_.NowUs() / 1000;
    ASSERT_TRUE(lake_->Expire(
        {.table = name_,
         .older_than_ms = now_ms - static_cast<std::int64_t>(random_->Next() % 7'200'000),
         .keep = static_cast<std::int64_t>(1 + random_->Next() % 5)}));
  }
  void Rename() {
    const auto to = name_ == kTable ? kOther : kTable;
    held_.clear();  // Drop says for how long Views keep files of a name that is taken again
    const auto done = lake_->Rename(name_, to, {});
    ASSERT_TRUE(done) << done.error().message();
    name_ = to;
  }
  void RemoveFiles() {
    clock_.Advance(static_cast<std::int64_t>(random_->Next() % (2 * lake::kKeepUnnamedUs)));
    if (random_->Next() % 4 == 0) clock_.Advance(lake::kOrphanAgeUs);
    ASSERT_TRUE(lake_->RemoveUnnamed(name_));
    ASSERT_TRUE(lake_->RemoveOrphans(name_, false));
    ASSERT_TRUE(lake_->RemoveDropped());
  }
  void Hold() {
    held_.push_back(Load());
    if (held_.size() > 3) held_.pop_front();
  }
  // Readers of before are gone with the process.
  void LosePower() {
    held_.clear();
    lake_.reset();
    fs_ = fs_->Crash(*random_);
    lake_ = OpenLake(*fs_, clock_, *random_);
    ASSERT_TRUE(lake_->Problems().empty()) << lake_->Problems().front().error.message();
    ASSERT_THAT(lake_->Tables(), ::testing::ElementsAre(name_));
  }

  std::unique_ptr<os::testing::MemoryFileSystem> fs_ =
      std::make_unique<os::testing::MemoryFileSystem>();
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_;
  std::unique_ptr<lake::Lake> lake_;
  lake::TableName name_ = kTable;
  std::int64_t rows_ = 0;
  std::map<std::int64_t, std::int64_t> rows_of_;  // by snapshot
  std::deque<std::shared_ptr<const lake::View>> held_;
};

TEST(WayBackModel, RowsAndFilesAreThoseOfTheSnapshot) {
  const char* wanted = std::getenv("ST_UPKEEP_MODELS");
  const std::int64_t models = wanted == nullptr ? 3 : ParseInt64(wanted).value_or(3);
  for (std::int64_t seed = 1; seed <= models && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    WayBackModel model(static_cast<std::uint64_t>(seed));
    for (int step = 0; step < 250 && !::testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE(step);
      model.Step();
      if (step % 5 == 0) model.Check();
    }
    model.Check();
  }
}

}  // namespace
}  // namespace st::upkeep
