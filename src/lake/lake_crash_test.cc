// Tests power loss and failing disks at every step of a commit, and damaged files: I4, I5, I6, I7.
#include <set>

#include "base/text.h"
#include "lake/limits.h"
#include "lake/partition.h"
#include "lake/testing.h"

namespace st::lake {
namespace {

using testing::CommitRows;
using testing::ExpectHistoryIsWhole;
using ::testing::HasSubstr;
using testing::kProgress;
using testing::kTable;
using testing::OpenLake;
using testing::TestColumns;
using testing::WriteData;

constexpr const char* kMetadataFolder = "/data/warehouse/default/purchases/metadata/";

// Checks that progress equals the number of rows, and that each file exists, is whole and is listed
// once.
void ExpectConsistent(const View& view, const os::testing::MemoryFileSystem& disk) {
  std::int64_t rows = 0;
  std::set<std::string> locations;
  for (const auto& file : view.files) {
    rows += file.record_count;
    EXPECT_TRUE(locations.insert(file.location).second) << file.location;
    EXPECT_EQ(disk.Contents(file.location), testing::ContentOf(file.record_count))  // I7
        << file.location;
  }
  EXPECT_EQ(view.record_count, rows);
  const auto progress = view.properties.find(kProgress);
  EXPECT_EQ(progress == view.properties.end() ? 0 : ParseInt64(progress->second), rows);  // I5
}

// Puts one file in place of the table's last two.
Result<std::shared_ptr<const View>> ReplaceTwo(Lake& lake, os::FileSystem& fs) {
  ST_TRY(const auto view, lake.Load(kTable));
  std::vector<DataFile> files(view->files.begin(), view->files.end());
  if (files.size() < 2) return view;
  Rewrite rewrite{.table = kTable};
  std::int64_t rows = 0;
  for (auto i = files.size() - 2; i < files.size(); ++i) {
    rewrite.inputs.push_back(files[i].location);
    rows += files[i].record_count;
  }
  ST_TRY(auto output, WriteData(lake, fs, kTable, rows));
  rewrite.outputs.push_back(std::move(output));
  return lake.Replace(rewrite);
}

// Commits `rows` rows in files of two partitions, and in the same commit another layout for the
// files behind them.
Result<std::shared_ptr<const View>> CommitPartitions(Lake& lake, os::FileSystem& fs,
                                                     std::int64_t rows) {
  ST_TRY(const auto view, lake.Load(kTable));
  Append append{.table = kTable, .expected_version = view->version};
  for (const auto part : {std::int64_t{1}, rows}) {
    ST_TRY(auto file, WriteData(lake, fs, kTable, part));
    file.spec_id = view->spec_id;
    const auto& fields = FindSpec(*view, view->spec_id)->fields;
    if (!fields.empty()) file.partition[fields[0].id] = std::string("\1\0\0\0", 4);
    append.files.push_back(std::move(file));
  }
  append.properties = {{kProgress, std::to_string(view->record_count + rows + 1)}};
  append.layout = TableLayout{.partition = {{"price",
                                             {.kind = TransformKind::kBucket,
                                              .parameter = static_cast<int>(rows % 3) + 1}}},
                              .sort = {{"price"}}};
  return lake.Commit(append);
}

struct Image {
  std::unique_ptr<os::testing::MemoryFileSystem> disk;
  std::int64_t committed = 0;  // the version that was acknowledged
};

// Runs `commits` commits. While `wanted` is true for the last version, each step first saves an
// image of the disk after a power loss.
class PowerLoss {
 public:
  // Keeps one image in `every`.
  PowerLoss(std::uint64_t seed, std::size_t every)
      : random_(os::MakeSeededRandom(seed)), every_(every) {}

  void Run(std::int64_t commits, const std::function<bool(std::int64_t)>& wanted) {
    std::int64_t committed = 0;
    fs_.SetHook([&](const std::string&, const std::string&) -> Status {
      if (wanted(committed) && seen_++ % every_ == 0) {
        images_.push_back({fs_.Crash(*random_), committed});
      }
      return {};
    });
    const auto lake = OpenLake(fs_, clock_, *random_);
    ASSERT_TRUE(lake->Create(kTable, TestColumns(), {}));
    committed = 1;
    for (std::int64_t i = 0; i < commits; ++i) {
      clock_.Advance(60'000'000);
      const auto view =
          partitions ? CommitPartitions(*lake, fs_, i + 1) : CommitRows(*lake, fs_, i + 1);
      ASSERT_TRUE(view) << view.error().message();
      committed = (*view)->version;
      if (!replaces || i % 2 == 0) continue;
      const auto replaced = ReplaceTwo(*lake, fs_);
      ASSERT_TRUE(replaced) << replaced.error().message();
      committed = (*replaced)->version;
    }
    fs_.SetHook({});
  }

  bool partitions = false;  // each commit has files of two partitions, and changes the layout
  bool replaces = false;    // after every second commit its file and the one before become one

  // Each image must open at the acknowledged version or the next one, be consistent and take
  // another commit.
  void Check() {
    ASSERT_FALSE(images_.empty());
    std::size_t ahead = 0;
    for (auto& image : images_) {
      auto lake = OpenLake(*image.disk, clock_, *random_);
      ASSERT_TRUE(lake->Problems().empty()) << lake->Problems()[0].error.message();
      if (lake->Tables().empty()) {
        ASSERT_EQ(image.committed, 0);
        ASSERT_TRUE(lake->Create(kTable, TestColumns(), {}));
      }
      const auto view = lake->Load(kTable).value();
      if (image.committed > 0) {
        ASSERT_GE(view->version, image.committed);
        ASSERT_LE(view->version, image.committed + 1);
      }
      ahead += view->version > image.committed ? 1U : 0U;
      ExpectConsistent(*view, *image.disk);
      const auto next = CommitRows(*lake, *image.disk, 1000);
      ASSERT_TRUE(next) << next.error().message();
      lake = OpenLake(*image.disk, clock_, *random_);
      EXPECT_EQ(lake->Load(kTable).value()->metadata_json, (*next)->metadata_json);
      ExpectConsistent(*lake->Load(kTable).value(), *image.disk);
      ExpectHistoryIsWhole(*image.disk);
    }
    EXPECT_GT(ahead, 0U);  // some image has a commit that was durable but not acknowledged
    EXPECT_LT(ahead, images_.size());
  }

 private:
  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_;
  const std::size_t every_;
  std::size_t seen_ = 0;
  std::vector<Image> images_;
};

TEST(LakeCrash, PowerLossAtAnyStepLeavesOneOfTwoVersions) {
  for (const std::uint64_t seed : {1U, 2U, 3U, 4U, 5U}) {
    PowerLoss script(seed, 1);
    script.Run(4, [](std::int64_t) { return true; });
    script.Check();
  }
}

TEST(LakeCrash, PowerLossAtAnyStepOfAPartitionedCommitLeavesOneOfTwoVersions) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    PowerLoss script(seed, 1);
    script.partitions = true;
    script.Run(4, [](std::int64_t) { return true; });
    script.Check();
  }
}

TEST(LakeCrash, PowerLossAtAnyStepOfAReplaceLeavesOneOfTwoVersions) {
  PowerLoss script(1, 1);
  script.replaces = true;
  script.Run(5, [](std::int64_t) { return true; });
  script.Check();
}

// Commit 101 merges manifests. Snapshots expire from then on; an hour, which is 60 commits, later
// their files leave the disk.
TEST(LakeCrash, PowerLossWhileMergingAndExpiringHarmsNothing) {
  PowerLoss script(11, 9);
  script.replaces = true;
  script.Run(160, [](std::int64_t committed) {
    return committed == 99 || committed == 101 || committed == 165 || committed == 235;
  });
  script.Check();
}

// Each step of a commit fails once. The table is then at one of two versions, and a pipeline that
// reads before it retries adds no row twice (I6).
TEST(LakeCrash, RecoversFromADiskThatFailsAtAnyStep) {
  for (const auto code : {ErrorCode::kIo, ErrorCode::kUnavailable}) {
    bool is_past_last_step = false;
    for (int fail_at = 0; !is_past_last_step; ++fail_at) {
      os::testing::MemoryFileSystem fs;
      os::testing::StepClock clock;
      const auto random = os::MakeSeededRandom(static_cast<std::uint64_t>(fail_at));
      auto lake = OpenLake(fs, clock, *random);
      ASSERT_TRUE(lake->Create(kTable, TestColumns(), {}));
      ASSERT_TRUE(CommitRows(*lake, fs, 5));
      int step = 0;
      fs.SetHook([&](const std::string& name, const std::string& path) -> Status {
        if (step++ == fail_at) return Fail(code, "{} {}: made to fail", name, path);
        return {};
      });
      const auto view = CommitRows(*lake, fs, 7);
      is_past_last_step = step <= fail_at;
      fs.SetHook({});
      lake = OpenLake(fs, clock, *random);
      ASSERT_TRUE(lake->Problems().empty());
      const auto read = lake->Load(kTable).value();
      ExpectConsistent(*read, fs);
      if (view) {
        EXPECT_EQ(read->record_count, 12) << fail_at;
      } else if (view.error().code() != ErrorCode::kOutcomeUnknown) {
        EXPECT_EQ(read->record_count, 5) << fail_at;
        EXPECT_THAT(view.error().message(), HasSubstr("made to fail"));
      }
      if (read->record_count == 5) ASSERT_TRUE(CommitRows(*lake, fs, 7));
      EXPECT_EQ(lake->Load(kTable).value()->record_count, 12);
    }
  }
}

// Whichever step of a replace fails once, the table has the same rows, and reading it again tells
// whether the replace happened.
TEST(LakeCrash, AReplaceSurvivesADiskThatFailsAtAnyStep) {
  for (const auto code : {ErrorCode::kIo, ErrorCode::kUnavailable}) {
    bool is_past_last_step = false;
    for (int fail_at = 0; !is_past_last_step; ++fail_at) {
      SCOPED_TRACE(fail_at);
      os::testing::MemoryFileSystem fs;
      os::testing::StepClock clock;
      const auto random = os::MakeSeededRandom(static_cast<std::uint64_t>(fail_at));
      auto lake = OpenLake(fs, clock, *random);
      ASSERT_TRUE(lake->Create(kTable, TestColumns(), {}));
      ASSERT_TRUE(CommitRows(*lake, fs, 5));
      ASSERT_TRUE(CommitRows(*lake, fs, 7));
      int step = 0;
      fs.SetHook([&](const std::string& name, const std::string& path) -> Status {
        if (step++ == fail_at) return Fail(code, "{} {}: made to fail", name, path);
        return {};
      });
      const auto replaced = ReplaceTwo(*lake, fs);
      is_past_last_step = step <= fail_at;
      fs.SetHook({});
      const auto view = lake->LoadForCommit(kTable);
      ASSERT_TRUE(view) << view.error().message();
      EXPECT_EQ((*view)->record_count, 12);
      if (replaced) EXPECT_EQ((*view)->files.size(), 1U);
      ASSERT_TRUE(ReplaceTwo(*lake, fs));
      lake = OpenLake(fs, clock, *random);
      EXPECT_EQ(lake->Load(kTable).value()->files.size(), 1U);
      ExpectConsistent(*lake->Load(kTable).value(), fs);
      ExpectHistoryIsWhole(fs);
    }
  }
}

TEST(LakeCrash, AfterAnUnknownOutcomeNothingIsCommittedUntilTheTableIsReadAgain) {
  os::testing::MemoryFileSystem fs;
  os::testing::StepClock clock;
  const auto random = os::MakeSeededRandom(1);
  auto lake = OpenLake(fs, clock, *random);
  ASSERT_TRUE(lake->Create(kTable, TestColumns(), {}));
  bool is_linked = false;
  fs.SetHook([&](const std::string& step, const std::string& path) -> Status {
    if (step == "syncdir" && is_linked) return Fail(ErrorCode::kIo, "{}: gone", path);
    is_linked = is_linked || step == "link";
    return {};
  });
  const auto view = CommitRows(*lake, fs, 5);
  ASSERT_FALSE(view);
  EXPECT_EQ(view.error().code(), ErrorCode::kOutcomeUnknown);
  EXPECT_EQ(lake->Load(kTable).value()->version, 1);  // readers keep the last known version
  const auto again = CommitRows(*lake, fs, 5);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code(), ErrorCode::kIo);
  EXPECT_THAT(again.error().message(), HasSubstr("cannot be read"));
  EXPECT_FALSE(lake->LoadForCommit(kTable));
  ASSERT_EQ(lake->Problems().size(), 1U);
  EXPECT_TRUE(lake->Problems()[0].is_closed);
  // The commit may have added the file, so it is not removed.
  const auto file = lake->NewDataFile(kTable).value();
  EXPECT_EQ(lake->DiscardDataFile(file).error().code(), ErrorCode::kUnavailable);
  fs.SetHook({});
  EXPECT_EQ(lake->LoadForCommit(kTable).value()->record_count, 5) << "it had landed";
  EXPECT_TRUE(lake->Problems().empty());
  ASSERT_TRUE(CommitRows(*lake, fs, 7));
  lake = OpenLake(fs, clock, *random);
  EXPECT_EQ(lake->Load(kTable).value()->record_count, 12);
}

// Whichever step fails once, a caller that reads before it commits can use the same lake.
TEST(LakeCrash, OneFailureClosesNoTableForGood) {
  bool is_past_last_step = false;
  for (int fail_at = 0; !is_past_last_step; ++fail_at) {
    SCOPED_TRACE(fail_at);
    os::testing::MemoryFileSystem fs;
    os::testing::StepClock clock;
    const auto random = os::MakeSeededRandom(static_cast<std::uint64_t>(fail_at));
    auto lake = OpenLake(fs, clock, *random);
    int step = 0;
    fs.SetHook([&](const std::string& name, const std::string& path) -> Status {
      if (step++ == fail_at) return Fail(ErrorCode::kIo, "{} {}: made to fail", name, path);
      return {};
    });
    const auto created = lake->Create(kTable, TestColumns(), {});
    if (!created && !lake->LoadForCommit(kTable)) {
      ASSERT_TRUE(lake->Create(kTable, TestColumns(), {}));
    }
    for (std::int64_t rows = 0; rows < 5;) {
      Ignore(CommitRows(*lake, fs, 5), "the table says whether it happened");
      const auto view = lake->LoadForCommit(kTable);
      if (view) rows = (*view)->record_count;
    }
    is_past_last_step = step <= fail_at;
    fs.SetHook({});
    EXPECT_TRUE(lake->Problems().empty());
    EXPECT_EQ(lake->Load(kTable).value()->record_count, 5);
    lake = OpenLake(fs, clock, *random);
    EXPECT_EQ(lake->Load(kTable).value()->record_count, 5);
  }
}

TEST(LakeCrash, ATableThatCouldNotBeReadAtOpeningIsReadAgain) {
  os::testing::MemoryFileSystem fs;
  os::testing::StepClock clock;
  const auto random = os::MakeSeededRandom(1);
  auto lake = OpenLake(fs, clock, *random);
  ASSERT_TRUE(lake->Create(kTable, TestColumns(), {}));
  fs.SetHook([](const std::string& step, const std::string& path) -> Status {
    if (step == "syncdir") return Fail(ErrorCode::kIo, "{}: Input/output error", path);
    return {};
  });
  lake = OpenLake(fs, clock, *random);
  EXPECT_EQ(lake->Problems().size(), 1U);
  EXPECT_FALSE(lake->LoadForCommit(kTable));
  fs.SetHook({});
  EXPECT_TRUE(lake->LoadForCommit(kTable));
  EXPECT_TRUE(lake->Problems().empty());
}

class LakeDamage : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto lake = OpenLake(fs_, clock_, *random_);
    ASSERT_TRUE(lake->Create(kTable, TestColumns(), {}));
    ASSERT_TRUE(lake->Create({"default", "other"}, TestColumns(), {}));
    ASSERT_TRUE(CommitRows(*lake, fs_, 5));
    ASSERT_TRUE(CommitRows(*lake, fs_, 6));
  }
  std::string PathWith(std::string_view prefix) {
    const std::string want = kMetadataFolder + std::string(prefix);
    for (const auto& path : fs_.Paths()) {
      if (path.starts_with(want)) return path;
    }
    ADD_FAILURE() << "no file " << want;
    return "";
  }
  // Requires that the lake opens and the other table works; returns the problem of this table.
  std::string ProblemAfter(const std::string& path, std::string bytes) {
    const auto before = fs_.Contents(path);
    fs_.Overwrite(path, std::move(bytes));
    const auto lake = OpenLake(fs_, clock_, *random_);
    fs_.Overwrite(path, before);
    EXPECT_TRUE(lake->Load({"default", "other"}));
    const auto problems = lake->Problems();
    if (problems.empty()) return "none";
    EXPECT_EQ(problems[0].table, kTable);
    const auto load = lake->Load(kTable);
    EXPECT_FALSE(load);
    EXPECT_EQ(lake->Create(kTable, TestColumns(), {}).error().message(), load.error().message());
    EXPECT_EQ(CommitRows(*lake, fs_, 1).error().message(), load.error().message());
    EXPECT_EQ(lake->NewDataFile(kTable).error().code(), load.error().code());
    return load.error().message();
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
};

TEST_F(LakeDamage, IsReportedWithTheFileAndARemedy) {
  for (const auto* prefix : {"v3.metadata.json", "snap-2-", "m-1-", "m-2-"}) {
    const auto path = PathWith(prefix);
    const auto problem = ProblemAfter(path, "rubbish");
    EXPECT_THAT(problem, HasSubstr(path));
    EXPECT_THAT(problem, HasSubstr("restore the data folder as a whole from a copy"));
  }
}

TEST_F(LakeDamage, AMissingFileIsDamageToo) {
  for (const auto* prefix : {"snap-2-", "m-1-"}) {
    const auto path = PathWith(prefix);
    const auto bytes = fs_.Contents(path);
    ASSERT_TRUE(fs_.Remove(path));
    const auto lake = OpenLake(fs_, clock_, *random_);
    const auto load = lake->Load(kTable);
    ASSERT_FALSE(load);
    EXPECT_EQ(load.error().code(), ErrorCode::kCorruption);
    EXPECT_THAT(load.error().message(), HasSubstr(path));
    fs_.Overwrite(path, bytes);
  }
}

TEST_F(LakeDamage, DataWithoutMetadataIsDamage) {
  for (const auto& path : fs_.Paths()) {
    if (path.starts_with(kMetadataFolder)) ASSERT_TRUE(fs_.Remove(path));
  }
  const auto lake = OpenLake(fs_, clock_, *random_);
  ASSERT_EQ(lake->Problems().size(), 1U);
  EXPECT_THAT(lake->Problems()[0].error.message(), HasSubstr("there are data files"));
}

// Avro accepts a list without its last manifests. Of an earlier build's, which has no checksum,
// only the snapshot's totals show the loss.
TEST_F(LakeDamage, AShorterListIsNoticed) {
  const auto version = PathWith("v3.metadata.json");
  auto metadata = iceberg::ParseTableMetadata(fs_.Contents(version)).value();
  metadata.snapshots.at(1).manifest_list = metadata.snapshots.at(0).manifest_list;
  const auto problem = ProblemAfter(version, iceberg::EncodeTableMetadata(metadata));
  EXPECT_THAT(problem, HasSubstr("total-data-files 2, its manifests 1"));
}

TEST_F(LakeDamage, EveryTruncationIsNoticed) {
  for (const auto* prefix : {"v3.metadata.json", "snap-2-", "m-2-"}) {
    const auto path = PathWith(prefix);
    const auto bytes = fs_.Contents(path);
    for (std::size_t n = 0; n < bytes.size(); n += 1 + n / 40) {
      ASSERT_NE(ProblemAfter(path, bytes.substr(0, n)), "none") << path << " " << n;
    }
  }
}

TEST_F(LakeDamage, NoFlippedByteAffectsOtherTables) {
  for (const auto* prefix : {"v3.metadata.json", "snap-2-", "m-2-"}) {
    const auto path = PathWith(prefix);
    const auto bytes = fs_.Contents(path);
    for (std::size_t i = 0; i < bytes.size(); i += 7) {
      auto damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ '\x20');
      fs_.Overwrite(path, damaged);
      const auto lake = OpenLake(fs_, clock_, *random_);
      ASSERT_TRUE(lake->Load({"default", "other"}));
    }
    fs_.Overwrite(path, bytes);
  }
}

}  // namespace
}  // namespace st::lake
