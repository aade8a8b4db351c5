// A model of one table under everything that changes it at once: commits, rewrites, rollbacks,
// clearings, other columns, rows that are taken out, expiries, other names, power losses, readers
// that have a View, and holds of snapshots.
#include <algorithm>
#include <cstdlib>
#include <deque>
#include <map>

#include "lake/limits.h"
#include "lake/schema.h"
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
    switch (random_->Next() % 23) {
      case 0:
        return LosePower();
      case 1:
        return TakeView();
      case 2:
        if (!views_.empty()) views_.pop_front();
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
      case 13:
      case 14:
        return ChangeColumns();
      case 10:
      case 11:
      case 12:
        return Rewrite();
      case 20:
      case 21:
        return HoldSnapshots();
      case 22:
        return Release();
      default:
        return Commit();
    }
  }

  void Check() {
    const auto view = Load();
    ASSERT_EQ(rows_, view->record_count);
    ASSERT_EQ(std::to_string(rows_), view->properties.at(kProgress));
    ASSERT_EQ(columns_, view->columns);
    ExpectIsWhole(*view);
    for (const auto& held : views_) ExpectIsWhole(*held);
    ExpectHeldIsAsItWas(*view);
    lake::testing::ExpectHistoryIsWhole(*fs_, name_);
    auto metadata = iceberg::ParseTableMetadata(view->metadata_json).value();
    for (const auto& snapshot : SnapshotsOf(*view)) {
      const auto known = rows_of_.find(snapshot);
      ASSERT_NE(known, rows_of_.end());
      ASSERT_EQ(std::to_string(known->second.rows),
                lake_->PositionAt(name_, SnapshotId(snapshot)).value());
      const auto& summary = metadata.FindSnapshot(snapshot)->summary;
      ASSERT_EQ(std::to_string(known->second.rows), summary.at("total-records"));
      metadata.current_schema_id = metadata.FindSnapshot(snapshot)->schema_id;
      ASSERT_EQ(known->second.columns, lake::ColumnsOf(metadata));
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
  // Every snapshot that a living hold had to keep is there, with the list that it had.
  void ExpectHeldIsAsItWas(const lake::View& view) {
    const auto metadata = iceberg::ParseTableMetadata(view.metadata_json).value();
    const auto living = LivingHolds();
    ASSERT_EQ(living.size(), static_cast<std::size_t>(std::ranges::count_if(
                                 view.holds, [&](const lake::HeldSnapshots& held) {
                                   return held.hold.until_ms > NowMs();
                                 })));
    for (const auto& hold : living) {
      for (const auto& [id, list] : hold.lists) {
        const auto* snapshot = metadata.FindSnapshot(id);
        ASSERT_NE(snapshot, nullptr) << hold.name;
        ASSERT_EQ(list, snapshot->manifest_list) << hold.name;
      }
    }
  }
  // What the holds keep now, they must keep.
  void NoteHeld() {
    const auto metadata = iceberg::ParseTableMetadata(Load()->metadata_json).value();
    for (auto& hold : holds_) {
      for (const auto& snapshot : metadata.snapshots) {
        if (snapshot.sequence_number < hold.first) continue;
        hold.lists.emplace(snapshot.id, snapshot.manifest_list);
      }
    }
  }
  // The table has `rows` rows now.
  void Note(const lake::View& view, std::int64_t rows) {
    rows_ = rows;
    // A change without files makes no snapshot, and the one before keeps its columns.
    if (view.snapshot) rows_of_.emplace(view.snapshot->value(), Known{rows, view.columns});
    NoteHeld();
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
    const bool is_asked_for = random_->Next() % 3 == 0;
    for (bool is_over = false; !is_over;) {
      const auto done = is_asked_for ? RewriteOnce(*lake_, name_, rewriter, ChooseForCompaction)
                                     : RewriteOnce(*lake_, name_, rewriter);
      ASSERT_TRUE(done) << done.error().message();
      Note(*Load(), rows_);
      is_over = !*done;
    }
  }
  void RollBack() {
    const auto view = Load();
    const auto ids = SnapshotsOf(*view);
    if (ids.empty()) return;
    const auto id = ids[random_->Next() % ids.size()];
    const auto& [rows, columns] = rows_of_.at(id);
    const auto done = lake_->RollBack({.table = name_,
                                       .expected_version = view->version,
                                       .snapshot = SnapshotId(id),
                                       .properties = {{kProgress, std::to_string(rows)}}});
    const auto metadata = iceberg::ParseTableMetadata(view->metadata_json).value();
    const auto sequence = metadata.FindSnapshot(id)->sequence_number;
    if (std::ranges::any_of(LivingHolds(),
                            [&](const auto& hold) { return hold.first > sequence; })) {
      ASSERT_FALSE(done) << "the first snapshot of a hold would leave the table's line";
      ASSERT_EQ(done.error().code(), ErrorCode::kInvalidArgument) << done.error().message();
      return;
    }
    ASSERT_TRUE(done) << done.error().message();
    ASSERT_EQ(rows, (*done)->record_count);
    rows_ = rows;
    columns_ = columns;
  }
  void Clear() {
    const auto done = lake_->Clear({.table = name_,
                                    .expected_version = Load()->version,
                                    .columns = TestColumns(),
                                    .properties = {{kProgress, "0"}}});
    ASSERT_TRUE(done) << done.error().message();
    // A column is the one of before where name and type are.
    auto columns = TestColumns();
    for (auto& column : columns) {
      const auto same = std::ranges::find_if(columns_, [&](const lake::Column& before) {
        return before.name == column.name && before.type == column.type;
      });
      column.id = same == columns_.end() ? ++last_id_ : same->id;
    }
    columns_ = std::move(columns);
    Note(**done, 0);
  }
  // Adds, widens, renames, moves or drops a column; one of them, "price", is left alone.
  void ChangeColumns() {
    auto wanted = columns_;
    const auto at = random_->Next() % wanted.size();
    const auto number = std::to_string(random_->Next() % 1000);
    const bool may_change = wanted[at].name != "price";
    switch (random_->Next() % 5) {
      case 0:
        wanted.insert(wanted.begin() + static_cast<std::ptrdiff_t>(at),
                      {0, "new" + number, random_->Next() % 2 == 0 ? "int" : "string"});
        break;
      case 1:
        if (wanted[at].type == "int") wanted[at].type = "long";
        break;
      case 2:
        if (may_change) wanted[at].name = "renamed" + number;
        break;
      case 3:
        std::swap(wanted[at], wanted[random_->Next() % wanted.size()]);
        break;
      default:
        if (may_change) wanted.erase(wanted.begin() + static_cast<std::ptrdiff_t>(at));
    }
    const auto done =
        lake_->Commit({.table = name_, .expected_version = Load()->version, .columns = wanted});
    if (!done) {  // two columns of one name
      ASSERT_EQ(done.error().code(), ErrorCode::kInvalidArgument) << done.error().message();
      return;
    }
    for (auto& column : wanted) {
      if (column.id == 0) column.id = ++last_id_;
    }
    columns_ = std::move(wanted);
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
    if (!LivingHolds().empty()) {
      ASSERT_EQ(lake_->Rename(name_, to, {}).error().code(), ErrorCode::kInvalidArgument);
      return;
    }
    views_.clear();  // Drop says for how long Views keep files of a name that is taken again
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
  void TakeView() {
    views_.push_back(Load());
    if (views_.size() > 3) views_.pop_front();
  }
  void HoldSnapshots() {
    const auto metadata = iceberg::ParseTableMetadata(Load()->metadata_json).value();
    if (metadata.snapshots.empty()) return;
    const auto& first = metadata.snapshots[random_->Next() % metadata.snapshots.size()];
    const auto name = random_->Next() % 2 == 0 ? "one" : "two";
    const auto for_ms = static_cast<std::int64_t>(1 + random_->Next() % (6 * 3'600'000));
    const auto set = lake_->HoldSnapshots(
        {.table = name_, .name = name, .first = SnapshotId(first.id), .for_ms = for_ms});
    ASSERT_TRUE(set) << set.error().message();
    std::erase_if(holds_, [&](const auto& hold) { return hold.name == name; });
    holds_.push_back(
        {.name = name, .first = first.sequence_number, .until_ms = set->until_ms, .lists = {}});
    NoteHeld();
  }
  void Release() {
    const auto living = LivingHolds();
    if (living.empty()) return;
    ASSERT_TRUE(lake_->ReleaseHold(name_, living.front().name));
    std::erase_if(holds_, [&](const auto& hold) { return hold.name == living.front().name; });
  }
  // Readers of before are gone with the process.
  void LosePower() {
    views_.clear();
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
  std::vector<lake::Column> columns_ = TestColumns();
  int last_id_ = 3;
  struct Known {
    std::int64_t rows = 0;
    std::vector<lake::Column> columns;
  };
  std::map<std::int64_t, Known> rows_of_;  // by snapshot
  struct ModelHold {
    std::string name;
    std::int64_t first = 0;  // sequence number
    std::int64_t until_ms = 0;
    std::map<std::int64_t, std::string> lists;  // of the snapshots that must stay, by their id
  };
  std::vector<ModelHold> holds_;
  std::int64_t NowMs() { return clock_.NowUs() / 1000; }
  std::vector<ModelHold> LivingHolds() {
    auto living = holds_;
    std::erase_if(living, [&](const auto& hold) { return hold.until_ms <= NowMs(); });
    return living;
  }
  std::deque<std::shared_ptr<const lake::View>> views_;
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
