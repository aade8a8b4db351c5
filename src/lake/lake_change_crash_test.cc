// Power losses and failing disks at each step of what changes a table as a whole: the table is as
// it was before or as it is after, and takes commits.
#include <functional>
#include <string>
#include <vector>

#include "lake/limits.h"
#include "lake/testing.h"

namespace st::lake {
namespace {

using testing::kProgress;
using testing::kTable;
using testing::OpenLake;
using testing::TestColumns;
using testing::WriteData;

constexpr std::int64_t kHourUs = 3'600'000'000;
const TableName kOther{"default", "sales"};

struct Step {
  const char* name;
  std::function<Status(Lake&)> run;
  std::function<Status(Lake&)> prepare = {};  // before; may be empty
};

Status HoldFirst(Lake& lake) {
  const auto metadata = iceberg::ParseTableMetadata(lake.Load(kTable).value()->metadata_json);
  const SnapshotId first(metadata->snapshots.front().id);
  ST_TRY_STATUS(lake.HoldSnapshots({.table = kTable, .name = "report", .first = first}));
  return {};
}

std::int64_t VersionOf(Lake& lake) { return lake.Load(kTable).value()->version; }

Status ChangeColumnsAndLayout(Lake& lake) {
  Append append{.table = kTable, .expected_version = VersionOf(lake)};
  append.columns = {{3, "cost", "long"}, {2, "timestamp", "timestamptz"}};
  append.layout =
      TableLayout{.partition = {{"cost", {.kind = TransformKind::kBucket, .parameter = 4}}},
                  .sort = {{"cost"}}};
  append.properties = {{kProgress, "both"}, {"comment", "new"}};
  ST_TRY_STATUS(lake.Commit(append));
  return {};
}

// Each changes a table of three snapshots, of which the first is tagged.
std::vector<Step> Steps() {
  return {{"roll back",
           [](Lake& lake) -> Status {
             const auto view = lake.Load(kTable).value();
             const auto metadata = iceberg::ParseTableMetadata(view->metadata_json).value();
             const SnapshotId first(metadata.snapshots.front().id);
             ST_TRY_STATUS(lake.RollBack({.table = kTable,
                                          .expected_version = view->version,
                                          .snapshot = first,
                                          .properties = {{kProgress, "3"}}}));
             return {};
           }},
          {"clear",
           [](Lake& lake) -> Status {
             ST_TRY_STATUS(lake.Clear({.table = kTable,
                                       .expected_version = VersionOf(lake),
                                       .columns = {{1, "other", "string"}},
                                       .properties = {{kProgress, "0"}}}));
             return {};
           }},
          {"take rows out",
           [](Lake& lake) -> Status {
             const auto view = lake.Load(kTable).value();
             ST_TRY_STATUS(lake.Replace({.table = kTable,
                                         .inputs = {view->files.begin()->location},
                                         .outputs = {},
                                         .expected_version = view->version,
                                         .removes_rows = true,
                                         .properties = {{kProgress, "9"}}}));
             return {};
           }},
          {"another layout",
           [](Lake& lake) -> Status {
             Append append{.table = kTable, .expected_version = VersionOf(lake)};
             append.layout = TableLayout{.partition = {{"price", {}}}, .sort = {{"price"}}};
             append.properties = {{kProgress, "new layout"}};
             ST_TRY_STATUS(lake.Commit(append));
             return {};
           }},
          {"change columns",
           [](Lake& lake) -> Status {
             ST_TRY_STATUS(lake.Commit({.table = kTable,
                                        .expected_version = VersionOf(lake),
                                        .columns = {{0, "new", "date"},
                                                    {3, "cost", "long", "what it costs"},
                                                    {1, "raw_event", "string"}}}));
             return {};
           }},
          {"change columns and layout", ChangeColumnsAndLayout},
          {"a long position",
           [](Lake& lake) -> Status {
             ST_TRY_STATUS(
                 lake.Commit({.table = kTable,
                              .expected_version = VersionOf(lake),
                              .properties = {{kProgress, std::string(kMaxInlineBytes + 1, 'p')}}}));
             return {};
           }},
          {"expire",
           [](Lake& lake) -> Status {
             ST_TRY_STATUS(lake.Expire({.table = kTable, .older_than_ms = INT64_MAX, .keep = 1}));
             return {};
           }},
          {"hold", HoldFirst},
          {"release", [](Lake& lake) { return lake.ReleaseHold(kTable, "report"); }, HoldFirst},
          {"drop", [](Lake& lake) { return lake.Drop(kTable); }},
          {"rename", [](Lake& lake) -> Status {
             ST_TRY_STATUS(lake.Rename(kTable, kOther, {{kProgress, "renamed"}}));
             return {};
           }}};
}

// All that a step may change.
std::string StateOf(Lake& lake) {
  std::string text;
  for (const auto& name : lake.Tables()) {
    const auto view = lake.LoadForCommit(name);
    if (!view && view.error().code() == ErrorCode::kNotFound) continue;
    EXPECT_TRUE(view) << view.error().message();
    if (!view) return "unreadable";
    text += fmt::format("{} {} rows, {} snapshots, by {}, at {}", name.name, (*view)->record_count,
                        (*view)->snapshot_count, Describe((*view)->layout.partition),
                        (*view)->properties.at(kProgress));
    for (const auto& column : (*view)->columns) {
      text += fmt::format(", {} {} {}", column.id, column.name, column.type);
    }
    for (const auto& held : (*view)->holds) {
      text += fmt::format(", held from {} until {} by {}", held.hold.first, held.hold.until_ms,
                          held.hold.name);
    }
    text += "; ";
    for (const auto& file : (*view)->files) EXPECT_TRUE(lake.CheckDataFile(file));
  }
  return text;
}

class LakeChangeCrash : public ::testing::TestWithParam<Step> {
 protected:
  void SetUp() override {
    const auto lake = OpenLake(base_, clock_, *random_);
    ASSERT_TRUE(lake->Create(kTable, TestColumns(), {{kProgress, "0"}}));
    for (const auto rows : {3, 4, 5}) {
      ASSERT_TRUE(testing::CommitRows(*lake, base_, rows));
      clock_.Advance(2 * kHourUs);
    }
    if (GetParam().prepare) ASSERT_TRUE(GetParam().prepare(*lake));
  }
  // A table that is there takes a commit.
  void ExpectTakesCommits(Lake& lake, os::FileSystem& fs) {
    for (const auto& name : lake.Tables()) {
      const auto view = lake.LoadForCommit(name);
      if (!view && view.error().code() == ErrorCode::kNotFound) continue;
      ASSERT_TRUE(view) << view.error().message();
      auto file = WriteData(lake, fs, name, 1);
      ASSERT_TRUE(file) << file.error().message();
      const auto done = lake.Commit({.table = name,
                                     .expected_version = (*view)->version,
                                     .files = {*std::move(file)},
                                     .properties = {{kProgress, "more"}}});
      ASSERT_TRUE(done) << done.error().message();
      EXPECT_EQ((*view)->record_count + 1, (*done)->record_count);
    }
  }

  os::testing::MemoryFileSystem base_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
};

TEST_P(LakeChangeCrash, APowerLossLeavesTheTableBeforeOrAfter) {
  std::vector<std::unique_ptr<os::testing::MemoryFileSystem>> images;
  const auto lake = OpenLake(base_, clock_, *random_);
  const auto before = StateOf(*lake);
  base_.SetHook([&](const std::string&, const std::string&) -> Status {
    for (int i = 0; i < 3; ++i) images.push_back(base_.Crash(*random_));
    return {};
  });
  const auto done = GetParam().run(*lake);
  base_.SetHook({});
  ASSERT_TRUE(done) << done.error().message();
  const auto after = StateOf(*lake);
  EXPECT_NE(before, after);
  EXPECT_GT(images.size(), 10U);
  for (const auto& image : images) {
    const auto opened = OpenLake(*image, clock_, *random_);
    ASSERT_TRUE(opened->Problems().empty()) << opened->Problems().front().error.message();
    const auto state = StateOf(*opened);
    EXPECT_TRUE(state == before || state == after) << state;
    ExpectTakesCommits(*opened, *image);
  }
}

TEST_P(LakeChangeCrash, AFailingDiskLeavesTheTableBeforeOrAfter) {
  std::string before;
  std::string after;
  std::size_t steps = 0;
  {
    const auto disk = base_.Copy();
    const auto lake = OpenLake(*disk, clock_, *random_);
    before = StateOf(*lake);
    disk->SetHook([&](const std::string&, const std::string&) -> Status {
      ++steps;
      return {};
    });
    ASSERT_TRUE(GetParam().run(*lake));
    disk->SetHook({});
    after = StateOf(*lake);
  }
  for (std::size_t failing = 0; failing < steps; ++failing) {
    const auto disk = base_.Copy();
    const auto lake = OpenLake(*disk, clock_, *random_);
    std::size_t step = 0;
    disk->SetHook([&](const std::string&, const std::string& path) -> Status {
      if (step++ != failing) return {};
      return Fail(ErrorCode::kIo, "{}: the disk fails", path);
    });
    const auto done = GetParam().run(*lake);
    disk->SetHook({});
    const auto state = StateOf(*lake);
    EXPECT_TRUE(state == before || state == after) << failing << ": " << state;
    if (done) EXPECT_EQ(after, state);
    ExpectTakesCommits(*lake, *disk);
    const auto again = OpenLake(*disk, clock_, *random_);
    EXPECT_TRUE(again->Problems().empty());
    EXPECT_EQ(StateOf(*lake), StateOf(*again));
  }
}

INSTANTIATE_TEST_SUITE_P(All, LakeChangeCrash, ::testing::ValuesIn(Steps()), [](const auto& info) {
  std::string name = info.param.name;
  std::erase(name, ' ');
  return name;
});

}  // namespace
}  // namespace st::lake
