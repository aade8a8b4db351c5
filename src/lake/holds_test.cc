// Tests holds of snapshots: what they keep, for how long, what they refuse, and what they cost.
#include "lake/holds.h"

#include <algorithm>
#include <set>
#include <string>

#include "lake/history.h"
#include "lake/limits.h"
#include "lake/manifests.h"
#include "lake/testing.h"

namespace st::lake {
namespace {

using ::testing::AllOf;
using testing::CommitRows;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kProgress;
using testing::kTable;
using testing::OpenLake;
using testing::TestColumns;
using testing::WriteData;

constexpr std::int64_t kHourUs = 3'600'000'000;
constexpr std::int64_t kHourMs = 3'600'000;
// Below it a version of the metadata stays, however many snapshots are held.
constexpr std::size_t kMegabyte = 1'000'000;

class HoldsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {})); }
  std::shared_ptr<const View> MustLoad() { return lake_->Load(kTable).value(); }
  iceberg::TableMetadata Metadata() {
    return iceberg::ParseTableMetadata(MustLoad()->metadata_json).value();
  }
  std::set<std::int64_t> Snapshots() {
    std::set<std::int64_t> ids;
    for (const auto& snapshot : Metadata().snapshots) ids.insert(snapshot.id);
    return ids;
  }
  SnapshotId Commit(int times = 1) {
    for (int i = 0; i < times; ++i) EXPECT_TRUE(CommitRows(*lake_, fs_, 1));
    return *MustLoad()->snapshot;
  }
  Result<Hold> SetHold(const std::string& name, std::optional<SnapshotId> first = std::nullopt,
                       std::int64_t for_ms = kUsualHoldMs) {
    return lake_->HoldSnapshots({.table = kTable, .name = name, .first = first, .for_ms = for_ms});
  }
  // Puts the oldest live files into one.
  Status RewriteFirst(std::size_t count) {
    Rewrite rewrite{.table = kTable, .inputs = {}, .outputs = {}};
    std::int64_t rows = 0;
    for (const auto& file : MustLoad()->files) {
      if (rewrite.inputs.size() == count) break;
      rewrite.inputs.push_back(file.location);
      rows += file.record_count;
    }
    ST_TRY(auto output, WriteData(*lake_, fs_, kTable, rows));
    rewrite.outputs = {std::move(output)};
    ST_TRY_STATUS(lake_->Replace(rewrite));
    return {};
  }
  // Locations of the files that a snapshot names.
  std::set<std::string> FilesOf(SnapshotId snapshot) {
    const auto storage = MakeLocalStorage(fs_, testing::kWarehouse);
    const auto state = ReadTable(*storage, kTable);
    std::set<std::string> files;
    const auto manifests = ReadSnapshot(*storage, (*state)->folder,
                                        *(*state)->metadata.FindSnapshot(snapshot.value()));
    EXPECT_TRUE(manifests) << manifests.error().message();
    for (const auto& manifest : *manifests) {
      for (const auto& file : manifest.files->files()) files.insert(file.location);
    }
    return files;
  }
  // Passes a day, without the hold's end, and removes what may leave the disk.
  void Sweep() {
    for (int i = 0; i < 2; ++i) {
      clock_.Advance(13 * kHourUs);
      EXPECT_TRUE(lake_->RemoveUnnamed(kTable));
    }
    EXPECT_TRUE(lake_->RemoveOrphans(kTable, false));
  }
  void Reopen() { lake_ = OpenLake(fs_, clock_, *random_); }
  void MakeSnapshots(std::size_t count) {
    ASSERT_TRUE(testing::WriteManySnapshots(fs_, *MustLoad(), count));
    Reopen();
    ASSERT_TRUE(lake_->Load(kTable));
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<Lake> lake_ = OpenLake(fs_, clock_, *random_);
};

TEST_F(HoldsTest, KeepsItsSnapshotAndEveryLaterOneUntilItIsReleased) {
  Commit(3);
  const auto first = Commit();
  ASSERT_TRUE(SetHold("report"));
  Commit(kMaxSnapshots);
  EXPECT_EQ(kMaxSnapshots + 1, Snapshots().size()) << "those before it expire as they always do";
  EXPECT_TRUE(Snapshots().contains(first.value()));
  EXPECT_EQ(std::int64_t{kMaxSnapshots} + 1, MustLoad()->holds.front().kept);
  ASSERT_TRUE(lake_->ReleaseHold(kTable, "report"));
  EXPECT_EQ(kMaxSnapshots, Snapshots().size());
  EXPECT_THAT(MustLoad()->holds, IsEmpty());
  testing::ExpectHistoryIsWhole(fs_);
}

TEST_F(HoldsTest, IsThereAfterARestart) {
  Commit(2);
  const auto set = SetHold("report", std::nullopt, kHourMs);
  ASSERT_TRUE(set) << set.error().message();
  EXPECT_EQ(clock_.NowUs() / 1000, set->set_ms);
  EXPECT_EQ(set->set_ms + kHourMs, set->until_ms);
  Reopen();
  ASSERT_EQ(1U, MustLoad()->holds.size());
  EXPECT_EQ(*set, MustLoad()->holds.front().hold);
}

TEST_F(HoldsTest, EndsByItselfWithoutACommit) {
  const auto first = Commit();
  ASSERT_TRUE(SetHold("report", first, kHourMs));
  Commit(kMaxSnapshots);
  clock_.Advance(kHourUs - 1000);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_TRUE(Snapshots().contains(first.value()));
  clock_.Advance(1000);
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_FALSE(Snapshots().contains(first.value()));
  EXPECT_THAT(MustLoad()->holds, IsEmpty());
  EXPECT_FALSE(MustLoad()->properties.contains(kHoldsProperty));
  const auto version = MustLoad()->version;
  ASSERT_TRUE(lake_->RemoveUnnamed(kTable));
  EXPECT_EQ(version, MustLoad()->version);
}

// A reader elsewhere has the names of the files, so they stay as they are: also those of a snapshot
// that a tag keeps, which names the outputs of a rewrite otherwise.
TEST_F(HoldsTest, HeldSnapshotsKeepTheirFilesUnderARewrite) {
  const auto held = Commit(3);
  clock_.Advance(2 * kHourUs);  // the next commit tags `held`
  Commit();
  ASSERT_TRUE(SetHold("report", held, kMaxHoldMs));
  const auto files = FilesOf(held);
  EXPECT_EQ(3U, files.size());
  ASSERT_TRUE(RewriteFirst(3));
  EXPECT_EQ(2U, MustLoad()->files.size());
  EXPECT_EQ(files, FilesOf(held));
  Sweep();
  Reopen();
  Sweep();
  for (const auto& file : files) EXPECT_TRUE(fs_.Exists(file).value()) << file;
  testing::ExpectHistoryIsWhole(fs_);
}

TEST_F(HoldsTest, TaggedSnapshotsBeforeItNameTheOutputsOfARewrite) {
  const auto tagged = Commit(3);
  clock_.Advance(2 * kHourUs);
  ASSERT_TRUE(SetHold("report", Commit(), kMaxHoldMs));
  ASSERT_TRUE(RewriteFirst(3));
  EXPECT_EQ(1U, FilesOf(tagged).size());
  EXPECT_EQ(1U, MustLoad()->tagged_sequence_numbers.size()) << "the tag of the hold is none";
}

TEST_F(HoldsTest, ReleasedFilesLeaveTheDisk) {
  const auto held = Commit(2);
  ASSERT_TRUE(SetHold("report", held, kMaxHoldMs));
  const auto files = FilesOf(held);
  ASSERT_TRUE(RewriteFirst(2));
  ASSERT_TRUE(lake_->ReleaseHold(kTable, "report"));
  ASSERT_TRUE(lake_->Expire({.table = kTable, .older_than_ms = INT64_MAX, .keep = 1}));
  Sweep();
  for (const auto& file : files) EXPECT_FALSE(fs_.Exists(file).value()) << file;
}

TEST_F(HoldsTest, ExpiryByHandAndARelocationLeaveWhatIsHeld) {
  Commit(2);
  const auto held = Commit();
  Commit(2);
  ASSERT_TRUE(SetHold("report", held));
  const auto gone = lake_->Expire({.table = kTable, .older_than_ms = INT64_MAX, .keep = 1});
  ASSERT_TRUE(gone) << gone.error().message();
  EXPECT_EQ(2U, gone->size());
  EXPECT_EQ(3U, Snapshots().size());
  EXPECT_TRUE(Snapshots().contains(held.value()));
  EXPECT_EQ("report", MustLoad()->holds.front().hold.name);
  const auto kept = Snapshots();
  const std::string moved = "/data/moved";
  ASSERT_TRUE(fs_.CreateDirs(moved));
  lake_.reset();
  ASSERT_TRUE(fs_.Rename(testing::kWarehouse, moved + "/warehouse"));
  lake_ = Lake::Open({fs_, clock_, *random_}, {.warehouse = moved + "/warehouse"}).value();
  const auto relocated = lake_->Relocate(kTable);
  ASSERT_TRUE(relocated) << relocated.error().message();
  EXPECT_TRUE(*relocated);
  EXPECT_EQ(kept, Snapshots());
  EXPECT_EQ("report", MustLoad()->holds.front().hold.name);
}

TEST_F(HoldsTest, ATableWithAHoldIsNeitherDroppedNorRenamed) {
  Commit();
  ASSERT_TRUE(SetHold("report"));
  const auto dropped = lake_->Drop(kTable);
  ASSERT_FALSE(dropped);
  EXPECT_EQ(ErrorCode::kInvalidArgument, dropped.error().code());
  EXPECT_THAT(dropped.error().message(),
              AllOf(HasSubstr("cannot be dropped"), HasSubstr("hold \"report\" until "),
                    HasSubstr("`steelthread table release default.purchases report`")));
  const auto renamed = lake_->Rename(kTable, {"default", "sales"}, {});
  ASSERT_FALSE(renamed);
  EXPECT_THAT(renamed.error().message(),
              AllOf(HasSubstr("cannot be renamed"), HasSubstr("hold \"report\"")));
  EXPECT_EQ(1, MustLoad()->record_count);
  clock_.Advance(kUsualHoldMs * 1000);
  ASSERT_TRUE(lake_->Rename(kTable, {"default", "sales"}, {}));
  ASSERT_TRUE(lake_->Drop({"default", "sales"}));
}

TEST_F(HoldsTest, ARollbackGoesToAHeldSnapshotButNotBehindTheFirst) {
  const auto before = Commit();
  const auto first = Commit();
  const auto last = Commit(2);
  ASSERT_TRUE(SetHold("report", first));
  const auto to = [&](SnapshotId snapshot) {
    return lake_->RollBack({.table = kTable,
                            .expected_version = MustLoad()->version,
                            .snapshot = snapshot,
                            .properties = {{kProgress, "1"}}});
  };
  const auto refused = to(before);
  ASSERT_FALSE(refused);
  EXPECT_EQ(ErrorCode::kInvalidArgument, refused.error().code());
  EXPECT_THAT(refused.error().message(), HasSubstr("hold \"report\""));
  ASSERT_TRUE(to(first));
  Commit(kMaxSnapshots);
  EXPECT_TRUE(Snapshots().contains(last.value())) << "a later snapshot stays behind a rollback";
  ASSERT_TRUE(lake_->Clear({.table = kTable,
                            .expected_version = MustLoad()->version,
                            .columns = TestColumns(),
                            .properties = {{kProgress, "0"}}}));
  EXPECT_TRUE(Snapshots().contains(first.value()));
  ASSERT_TRUE(lake_->ReleaseHold(kTable, "report"));
}

TEST_F(HoldsTest, OneOfTheSameNameTakesItsPlace) {
  const auto first = Commit();
  const auto second = Commit();
  ASSERT_TRUE(SetHold("b", first));
  ASSERT_TRUE(SetHold("a", first));
  ASSERT_TRUE(SetHold("b", second, kHourMs));
  ASSERT_EQ(2U, MustLoad()->holds.size());
  EXPECT_EQ("a", MustLoad()->holds[0].hold.name);
  EXPECT_EQ(second, MustLoad()->holds[1].hold.first);
  EXPECT_EQ(MustLoad()->holds[1].hold.set_ms + kHourMs, MustLoad()->holds[1].hold.until_ms);
}

TEST_F(HoldsTest, OtherEnginesSeeATagAndTheAgeOfMain) {
  const auto first = Commit();
  clock_.Advance(1'000'000);
  const auto second = Commit();
  ASSERT_TRUE(SetHold("long", first, 10 * kHourMs));
  ASSERT_TRUE(SetHold("short", second, kHourMs));
  const auto metadata = Metadata();
  ASSERT_EQ(2U, metadata.tags.size());
  const auto now_ms = metadata.last_updated_ms;
  EXPECT_EQ("hold-long", metadata.tags[0].name);
  EXPECT_EQ(first.value(), metadata.tags[0].snapshot_id);
  // An age that is reached when the hold ends.
  EXPECT_EQ(now_ms + 10 * kHourMs,
            metadata.FindSnapshot(first.value())->timestamp_ms + *metadata.tags[0].max_age_ms);
  EXPECT_EQ("hold-short", metadata.tags[1].name);
  EXPECT_EQ(metadata.tags[0].max_age_ms, metadata.max_snapshot_age_ms);
  ASSERT_TRUE(lake_->ReleaseHold(kTable, "long"));
  EXPECT_EQ(Metadata().tags.front().max_age_ms, Metadata().max_snapshot_age_ms);
  ASSERT_TRUE(lake_->ReleaseHold(kTable, "short"));
  EXPECT_THAT(Metadata().tags, IsEmpty());
  EXPECT_FALSE(Metadata().max_snapshot_age_ms);
}

TEST_F(HoldsTest, IsRefusedWithWhatIsWrong) {
  EXPECT_THAT(SetHold("report").error().message(), HasSubstr("has no snapshot yet"));
  Commit();
  for (const auto& name : {std::string(), std::string("a b"), std::string("a/b"),
                           std::string(kMaxHoldNameBytes + 1, 'a')}) {
    const auto refused = SetHold(name);
    ASSERT_FALSE(refused) << name;
    EXPECT_THAT(refused.error().message(), HasSubstr("is no name for a hold"));
  }
  for (const std::int64_t for_ms : {std::int64_t{0}, std::int64_t{-1}, kMaxHoldMs + 1}) {
    EXPECT_THAT(SetHold("report", std::nullopt, for_ms).error().message(), HasSubstr("31 days"));
  }
  const auto unknown = SetHold("report", SnapshotId(5));
  EXPECT_EQ(ErrorCode::kNotFound, unknown.error().code());
  EXPECT_THAT(unknown.error().message(), HasSubstr("has no snapshot 5"));
  for (std::size_t i = 0; i < kMaxHolds; ++i) ASSERT_TRUE(SetHold(fmt::format("h{}", i)));
  EXPECT_EQ(ErrorCode::kUnavailable, SetHold("more").error().code());
  ASSERT_TRUE(SetHold("h3")) << "one that is there is set anew";
  const auto missing = lake_->ReleaseHold(kTable, "more");
  EXPECT_EQ(ErrorCode::kNotFound, missing.error().code());
  EXPECT_THAT(missing.error().message(), HasSubstr("it has h0, h1"));
}

TEST_F(HoldsTest, AFullTableTakesNoFilesUntilTheHoldEnds) {
  const auto first = Commit();
  ASSERT_TRUE(SetHold("report", first));
  MakeSnapshots(kMaxHeldSnapshots);
  const auto refused = CommitRows(*lake_, fs_, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(ErrorCode::kUnavailable, refused.error().code());
  EXPECT_THAT(
      refused.error().message(),
      AllOf(HasSubstr("default.purchases keeps 500 snapshots"), HasSubstr("hold \"report\" until "),
            HasSubstr("`steelthread table release default.purchases report`")));
  EXPECT_EQ(ErrorCode::kUnavailable, RewriteFirst(1).error().code());
  // A commit of progress alone makes no snapshot.
  ASSERT_TRUE(lake_->Commit({.table = kTable,
                             .expected_version = MustLoad()->version,
                             .properties = {{kProgress, "more"}}}));
  ASSERT_TRUE(SetHold("report"));  // the reader has moved on
  ASSERT_TRUE(CommitRows(*lake_, fs_, 1));
  EXPECT_EQ(kMaxSnapshots, Snapshots().size());
}

TEST_F(HoldsTest, AVersionWithAllHeldSnapshotsIsBelowAMegabyte) {
  // A position is JSON, so its quotes take two bytes each.
  std::string position;
  while (position.size() < kMaxInlineBytes) position += "\"topic\":12345,";
  position.resize(kMaxInlineBytes);
  const auto commit = [&](const std::string& text) {
    const std::string flow(kMaxNameBytes, 'f');
    return lake_->Commit({.table = kTable,
                          .expected_version = MustLoad()->version,
                          .files = {WriteData(*lake_, fs_, kTable, 1).value()},
                          .properties = {{kProgress, text}},
                          .summary = {{"steelthread.flow", flow},
                                      {"steelthread.records", "1000000"},
                                      {"steelthread.step-time-ms", "1700006400000"}}});
  };
  ASSERT_TRUE(commit(position));
  ASSERT_TRUE(SetHold("report"));
  MakeSnapshots(kManySnapshots + 1);
  position.back() = '!';
  ASSERT_TRUE(commit(position));
  MakeSnapshots(kMaxHeldSnapshots - 1);
  ASSERT_TRUE(commit(position));
  EXPECT_EQ(kMaxHeldSnapshots, Snapshots().size());
  const auto bytes = MustLoad()->metadata_json.size();
  RecordProperty("bytes", static_cast<int>(bytes));
  EXPECT_LT(bytes, kMegabyte);
  EXPECT_GT(bytes, kMegabyte / 2) << "the case is the worst one";
  EXPECT_EQ(position, MustLoad()->properties.at(kProgress));
}

TEST_F(HoldsTest, APropertyThatIsNoListOfHoldsIsDamage) {
  Commit();
  ASSERT_TRUE(SetHold("report"));
  auto metadata = Metadata();
  for (const std::string text : {"", "{}", "[1]", R"([{"name":"a","first-snapshot":1}])",
                                 R"([{"name":1,"first-snapshot":1,"set-ms":1,"until-ms":2}])"}) {
    metadata.properties[kHoldsProperty] = text;
    const auto wrong = CheckHolds(metadata);
    ASSERT_FALSE(wrong) << text;
    EXPECT_EQ(ErrorCode::kCorruption, wrong.error().code());
  }
  const auto file =
      fmt::format("{}/metadata/v{}.metadata.json", MustLoad()->location, MustLoad()->version + 1);
  ASSERT_TRUE(os::WriteNewFile(fs_, file, iceberg::EncodeTableMetadata(metadata)));
  Reopen();
  const auto view = lake_->Load(kTable);
  ASSERT_FALSE(view);
  EXPECT_THAT(view.error().message(), AllOf(HasSubstr(file), HasSubstr(kHoldsProperty)));
}

// A table whose files were restored may lack a snapshot of before.
TEST_F(HoldsTest, AHoldWithoutItsFirstSnapshotKeepsNothing) {
  Commit();
  ASSERT_TRUE(SetHold("report"));
  auto metadata = Metadata();
  metadata.properties[kHoldsProperty] =
      R"([{"name":"report","first-snapshot":77,"set-ms":1,"until-ms":9000000000000}])";
  EXPECT_FALSE(FirstHeldSequence(metadata));
  EXPECT_EQ(1, CountHeld(metadata).front().kept);
}

}  // namespace
}  // namespace st::lake
