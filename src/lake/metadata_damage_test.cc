// Flips bits in every file of a table's metadata: each is told as damage of that file, and none is
// read as something else.
#include "lake/metadata_check.h"
#include "lake/metadata_files.h"
#include "lake/read_view.h"
#include "lake/testing.h"
#include "lake/version.h"

namespace st::lake {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace testing;

constexpr const char* kMetadata = "/data/warehouse/default/purchases/metadata/";
constexpr const char* kLong = "steelthread.definitions";

class MetadataDamage : public ::testing::Test {
 protected:
  void SetUp() override {
    lake_ = OpenLake(fs_, clock_, *random_);
    ASSERT_TRUE(lake_->Create(kTable, TestColumns(), {{kLong, std::string(2000, 'd')}}));
    for (const std::int64_t rows : {5, 6}) {
      ASSERT_TRUE(CommitRows(*lake_, fs_, rows));
      const auto view = lake_->Load(kTable).value();
      ASSERT_TRUE(lake_->Commit({.table = kTable,
                                 .expected_version = view->version,
                                 .properties = {{kProgress, std::string(1500, 'p')}}}));
    }
    ASSERT_TRUE(CommitRows(*lake_, fs_, 7));
  }

  // The newest file of the metadata whose name begins so.
  std::string PathWith(std::string_view prefix) {
    std::string found;
    for (const auto& path : fs_.Paths()) {
      if (path.starts_with(kMetadata + std::string(prefix))) found = path;
    }
    EXPECT_NE(found, "") << prefix;
    return found;
  }
  std::string NewestVersion() { return lake_->Load(kTable).value()->metadata_file; }
  // Those that the newest version needs.
  std::vector<std::string> FilesOfNewest() {
    return {NewestVersion(), PathWith("snap-3-"), PathWith("m-1-"), PathWith("m-3-"),
            PathWith("definitions-")};
  }
  iceberg::TableMetadata Metadata() {
    return iceberg::ParseTableMetadata(lake_->Load(kTable).value()->metadata_json).value();
  }
  SnapshotId FirstSnapshot() { return SnapshotId(Metadata().snapshots.front().id); }
  void ExpectDamageOf(const std::string& path, const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCorruption);
    EXPECT_THAT(error.message(),
                AllOf(StartsWith("table default.purchases: its metadata file " + path + " is "),
                      HasSubstr("; stop the server and restore the data folder as a whole")));
    EXPECT_EQ(error.message().find("restore"), error.message().rfind("restore"));
  }
  void Flip(const std::string& path, std::size_t at, unsigned bit) {
    auto bytes = fs_.Contents(path);
    bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1U << bit));
    fs_.Overwrite(path, bytes);
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<Storage> storage_ = MakeLocalStorage(fs_, kWarehouse);
  std::unique_ptr<Lake> lake_;
};

TEST_F(MetadataDamage, EachFlippedBitIsToldAsDamageOfItsFile) {
  for (const auto& path : FilesOfNewest()) {
    const auto bytes = fs_.Contents(path);
    const auto want = "table default.purchases: its metadata file " + path + " is damaged: ";
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      Flip(path, i, i % 8);
      const auto read = path == NewestVersion() ? ReadVersionFile(*storage_, path)
                                                : ReadMetadataFile(*storage_, path);
      ASSERT_FALSE(read) << path << " byte " << i;
      ASSERT_TRUE(read.error().message().starts_with(want)) << read.error().message();
      if (i % 16 == 0) {  // the table costs more to read
        const auto table = ReadTable(*storage_, kTable);
        ASSERT_FALSE(table) << path << " byte " << i;
        ExpectDamageOf(path, table.error());
      }
      ASSERT_FALSE(HasFailure()) << path << " byte " << i;
      fs_.Overwrite(path, bytes);
    }
    ASSERT_TRUE(ReadTable(*storage_, kTable));
  }
}

TEST_F(MetadataDamage, EachBitOfTheChecksumOfAVersionCounts) {
  const auto path = NewestVersion();
  for (std::size_t i = 0; i < 1 + kVersionChecksumBytes; ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Flip(path, i, bit);
      const auto read = ReadTable(*storage_, kTable);
      ASSERT_FALSE(read) << "byte " << i << " bit " << bit;
      ExpectDamageOf(path, read.error());
      Flip(path, i, bit);
    }
  }
}

TEST_F(MetadataDamage, ATruncatedFileIsDamaged) {
  for (const auto& path : FilesOfNewest()) {
    const auto bytes = fs_.Contents(path);
    for (const auto size : {std::size_t{0}, std::size_t{30}, bytes.size() - 1}) {
      fs_.Overwrite(path, bytes.substr(0, size));
      const auto read = ReadTable(*storage_, kTable);
      ASSERT_FALSE(read) << path << " " << size;
      ExpectDamageOf(path, read.error());
    }
    fs_.Overwrite(path, bytes);
  }
}

TEST_F(MetadataDamage, AMissingFileIsNamed) {
  for (const auto* prefix : {"snap-3-", "m-1-", "definitions-"}) {
    const auto path = PathWith(prefix);
    const auto bytes = fs_.Contents(path);
    ASSERT_TRUE(fs_.Remove(path));
    const auto read = ReadView(*storage_, kTable);
    ASSERT_FALSE(read);
    ExpectDamageOf(path, read.error());
    EXPECT_THAT(read.error().message(), HasSubstr(" is missing; "));
    fs_.Overwrite(path, bytes);
  }
}

TEST_F(MetadataDamage, AnOlderVersionIsNotTakenInPlaceOfAMissingOne) {
  const auto path = NewestVersion();
  const auto bytes = fs_.Contents(path);
  ASSERT_TRUE(fs_.Remove(path));
  const auto lake = OpenLake(fs_, clock_, *random_);
  ExpectDamageOf(path, lake->Load(kTable).error());
  EXPECT_THAT(lake->Load(kTable).error().message(), HasSubstr(" is missing; "));
  const auto errors = CheckMetadata(*storage_, kTable);
  ASSERT_EQ(errors.size(), 1U);
  ExpectDamageOf(path, errors[0]);
  fs_.Overwrite(path, bytes);
  EXPECT_TRUE(lake->LoadForCommit(kTable));
}

// A power loss may leave the hint empty or old.
TEST_F(MetadataDamage, AHintThatIsBehindOrNoNumberIsNone) {
  const auto hint = PathWith("version-hint.text");
  for (const auto* text : {"1", "", "seven", "99x"}) {
    fs_.Overwrite(hint, text);
    EXPECT_TRUE(ReadTable(*storage_, kTable)) << text;
  }
}

TEST_F(MetadataDamage, AnOlderVersionIsNotTakenInPlaceOfADamagedOne) {
  Flip(NewestVersion(), 400, 0);
  const auto lake = OpenLake(fs_, clock_, *random_);
  ASSERT_EQ(lake->Problems().size(), 1U);
  const auto path =
      fmt::format("{}v{}.metadata.json", kMetadata, lake_->Load(kTable).value()->version);
  ExpectDamageOf(path, lake->Problems()[0].error);
  ExpectDamageOf(path, lake->Load(kTable).error());
  ExpectDamageOf(path, lake->LoadForCommit(kTable).error());
  ExpectDamageOf(path, lake->Create(kTable, TestColumns(), {}).error());
  ExpectDamageOf(path, lake->Drop(kTable).error());
  Flip(path, 400, 0);
  EXPECT_TRUE(lake->LoadForCommit(kTable));
  EXPECT_TRUE(lake->Problems().empty());
}

TEST_F(MetadataDamage, OfAnEarlierSnapshotIsToldWhereItIsRead) {
  const auto list = PathWith("snap-1-");
  Flip(list, 100, 3);
  ASSERT_TRUE(ReadTable(*storage_, kTable)) << "the current snapshot does not need it";
  ExpectDamageOf(list, ReadView(*storage_, kTable, FirstSnapshot()).error());
  const auto view = lake_->Load(kTable).value();
  ExpectDamageOf(list, lake_
                           ->RollBack({.table = kTable,
                                       .expected_version = view->version,
                                       .snapshot = FirstSnapshot(),
                                       .properties = {},
                                       .removed_properties = {}})
                           .error());
  ExpectDamageOf(list, lake_->FindOrphans(kTable).error());
  const auto errors = CheckMetadata(*storage_, kTable);
  ASSERT_EQ(errors.size(), 1U);
  ExpectDamageOf(list, errors[0]);
  Flip(list, 100, 3);
  EXPECT_TRUE(CheckMetadata(*storage_, kTable).empty());
}

TEST_F(MetadataDamage, OfAPositionIsToldWhereItIsRead) {
  const auto second = SnapshotId(Metadata().snapshots.at(1).id);
  // The summaries so far have short positions; that of this commit names a file.
  const auto view = lake_->Load(kTable).value();
  auto file = WriteData(*lake_, fs_, kTable, 1).value();
  ASSERT_TRUE(lake_->Commit({.table = kTable,
                             .expected_version = view->version,
                             .files = {std::move(file)},
                             .properties = {{kProgress, std::string(1500, 'q')}}}));
  const auto fourth = SnapshotId(Metadata().snapshots.at(3).id);
  ASSERT_TRUE(CommitRows(*lake_, fs_, 2));
  ASSERT_TRUE(lake_->PositionAt(kTable, second));
  std::string path;
  for (const auto& each : fs_.Paths()) {
    if (each.starts_with(kMetadata + std::string("offsets-")) &&
        fs_.Contents(each) == std::string(1500, 'q')) {
      path = each;
    }
  }
  ASSERT_NE(path, "");
  Flip(path, 700, 2);
  ASSERT_TRUE(ReadTable(*storage_, kTable));
  ExpectDamageOf(path, lake_->PositionAt(kTable, fourth).error());
  const auto errors = CheckMetadata(*storage_, kTable);
  ASSERT_EQ(errors.size(), 1U);
  ExpectDamageOf(path, errors[0]);
}

TEST_F(MetadataDamage, IsNotCopiedUnderAnotherName) {
  const auto manifest = PathWith("m-2-");
  Flip(manifest, 200, 5);
  ExpectDamageOf(manifest, lake_->Rename(kTable, {"default", "bought"}, {}).error());
  Flip(manifest, 200, 5);
  const auto definitions = PathWith("definitions-");
  Flip(definitions, 200, 5);
  ExpectDamageOf(definitions, lake_->Rename(kTable, {"default", "sold"}, {}).error());
}

TEST_F(MetadataDamage, AVersionOfAnEarlierBuildIsTakenAndTheNextOneHasAChecksum) {
  const auto path = NewestVersion();
  fs_.Overwrite(path, iceberg::EncodeTableMetadata(Metadata()));
  EXPECT_THAT(fs_.Contents(path), StartsWith(R"({"format-version":2,)"));
  const auto lake = OpenLake(fs_, clock_, *random_);
  const auto committed = CommitRows(*lake, fs_, 8);
  ASSERT_TRUE(committed) << committed.error().message();
  EXPECT_THAT((*committed)->metadata_json, StartsWith(R"({"steelthread.crc32c":")"));
  EXPECT_EQ((*committed)->metadata_json, fs_.Contents((*committed)->metadata_file));
}

// An earlier build writes the next version with what it knows of this one.
TEST_F(MetadataDamage, AnEarlierBuildTakesNoChecksumAlong) {
  EXPECT_EQ(iceberg::EncodeTableMetadata(Metadata()).find("crc32c"), std::string::npos);
}

TEST_F(MetadataDamage, APropertyOfThatNameIsOneLikeAnother) {
  const auto view = lake_->Load(kTable).value();
  const auto committed = lake_->Commit({.table = kTable,
                                        .expected_version = view->version,
                                        .properties = {{"steelthread.crc32c", "00000000"}}});
  ASSERT_TRUE(committed) << committed.error().message();
  const auto read = ReadView(*storage_, kTable);
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ((*read)->properties.at("steelthread.crc32c"), "00000000");
}

TEST_F(MetadataDamage, NamesSayWhichBytesAFileHas) {
  const Uuid uuid = random_->NewUuid();
  const auto name = NameWithChecksum(ManifestName(7, uuid), "123456789");
  EXPECT_EQ(name, fmt::format("m-7-{}-e3069283.avro", uuid.ToString())) << "RFC 3720's example";
  EXPECT_TRUE(IsCommitFileName(name));
}

}  // namespace
}  // namespace st::lake
