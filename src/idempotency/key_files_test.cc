#include "idempotency/key_files.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/crc32c.h"
#include "idempotency/limits.h"
#include "log/testing.h"

namespace st::idempotency {
namespace {

constexpr std::int64_t kHour = kHourMs;

class KeyFilesTest : public ::testing::Test {
 protected:
  KeyFilesTest() {
    log_ =
        log::LocalLog::Open({fs_, clock_, *random_}, {.dir = "/log", .reserve_bytes = 0}).value();
    tp_ = {.topic = log_->CreateTopic("events", 4).value().id, .partition = PartitionId(3)};
    log::testing::AppendAndWait(*log_, tp_, log::testing::Batch({"a", "b", "c"})).value();
    EXPECT_EQ(Open(), "");
  }
  ~KeyFilesTest() override { log_->Stop(); }

  // Returns the description of damage.
  std::string Open() {
    files_ = std::make_unique<KeyFiles>(
        fs_, *log_, KeyFiles::Options{.dir = "/answers", .max_keys = max_keys_, .smallest_run = 2});
    return files_->Open().value();
  }
  KeyEntry Entry(std::uint64_t number, std::int64_t time_ms) const {
    return {.hash = {.high = number, .low = number * 7919},
            .partition = tp_,
            .offset = static_cast<std::int64_t>(number),
            .time_ms = time_ms};
  }
  void Add(const std::vector<KeyEntry>& entries, std::int64_t covered = 0) {
    ASSERT_TRUE(files_->Add(entries, {{tp_, covered}}));
    ASSERT_TRUE(files_->WriteManifest());
  }
  bool Has(std::uint64_t number, std::int64_t oldest_ms = 0) const {
    const auto found = KeyFiles::Find(*files_->runs(), Entry(number, 0).hash, oldest_ms);
    EXPECT_TRUE(found) << found.error().message();
    return found && found->has_value();
  }
  std::vector<std::string> Runs() {
    auto names = fs_.List("/answers").value();
    std::erase_if(names, [](const auto& name) { return !name.ends_with(".keys"); });
    return names;
  }
  void Damage(const std::string& name) {
    const auto path = os::JoinPath("/answers", name);
    auto bytes = os::ReadWholeFile(fs_, path).value();
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    ASSERT_TRUE(os::WriteFileAtomically(fs_, path, bytes));
  }

  os::testing::MemoryFileSystem fs_;
  os::testing::StepClock clock_;
  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(1);
  std::unique_ptr<log::LocalLog> log_;
  TopicPartition tp_;
  std::uint64_t max_keys_ = 1'000'000;
  std::unique_ptr<KeyFiles> files_;
};

TEST_F(KeyFilesTest, KeysAndWhatTheyCoverAreThereAfterOpening) {
  Add({Entry(1, 10), Entry(2, kHour + 10)}, 3);
  files_->NoteUnscoped(77);
  ASSERT_TRUE(files_->WriteManifest());
  EXPECT_EQ(files_->files(), 2U) << "a run holds one hour";
  EXPECT_EQ(Open(), "");
  EXPECT_TRUE(Has(1));
  EXPECT_TRUE(Has(2));
  EXPECT_FALSE(Has(3));
  EXPECT_FALSE(Has(1, 11)) << "it is older";
  EXPECT_EQ(files_->keys(), 2U);
  EXPECT_EQ(files_->covered(), (KeyFiles::Ends{{tp_, 3}}));
  EXPECT_EQ(files_->unscoped_until_ms(), 77);
}

TEST_F(KeyFilesTest, AManifestOfTheFormatBeforeCoversPartitionZero) {
  tp_.partition = PartitionId(0);
  log::testing::AppendAndWait(*log_, tp_, log::testing::Batch({"a", "b", "c"})).value();
  Add({Entry(1, 10)}, 3);
  const std::string path = "/answers/manifest.json";
  auto manifest = nlohmann::json::parse(os::ReadWholeFile(fs_, path).value());
  ASSERT_TRUE(manifest["covered"].contains(tp_.topic.ToString()));
  manifest["format"] = 2;
  manifest.erase("crc");
  manifest["crc"] = Crc32c(manifest.dump());
  ASSERT_TRUE(os::WriteFileAtomically(fs_, path, manifest.dump()));
  EXPECT_EQ(Open(), "");
  EXPECT_TRUE(Has(1));
  EXPECT_EQ(files_->covered(), (KeyFiles::Ends{{tp_, 3}}));
}

TEST_F(KeyFilesTest, ANameThatIsNoPartitionIsDamage) {
  Add({Entry(1, 10)}, 3);
  const std::string path = "/answers/manifest.json";
  const auto written = nlohmann::json::parse(os::ReadWholeFile(fs_, path).value());
  const auto topic = tp_.topic.ToString();
  for (const auto& name : {topic + "/", topic + "/-1", topic + "/1024", topic + "/3x",
                           topic + "/99999999999999999999", std::string("/3"), std::string()}) {
    auto manifest = written;
    manifest["runs"] = nlohmann::json::object();  // a refused manifest's are removed
    manifest["covered"] = {{name, written["covered"][topic + "/3"]}};
    manifest.erase("crc");
    manifest["crc"] = Crc32c(manifest.dump());
    ASSERT_TRUE(os::WriteFileAtomically(fs_, path, manifest.dump()));
    EXPECT_NE(Open().find("is no partition"), std::string::npos) << name;
  }
}

TEST_F(KeyFilesTest, AKillBeforeTheManifestLeavesAStrayThatOpeningRemoves) {
  Add({Entry(1, 10)}, 1);
  ASSERT_TRUE(files_->Add({Entry(2, 10)}, {{tp_, 2}}));
  EXPECT_EQ(Runs().size(), 2U);
  EXPECT_EQ(Open(), "");
  EXPECT_EQ(Runs().size(), 1U);
  EXPECT_TRUE(Has(1));
  EXPECT_FALSE(Has(2));
  EXPECT_EQ(files_->covered(), (KeyFiles::Ends{{tp_, 1}}));
}

TEST_F(KeyFilesTest, RunsOfOneHourAndSizeAreMerged) {
  for (std::uint64_t i = 0; i < kMergeRuns; ++i) Add({Entry(i, 10)});
  Add({Entry(100, kHour)});
  ASSERT_TRUE(files_->Merge());
  EXPECT_EQ(files_->files(), 2U);
  EXPECT_EQ(Runs().size(), 2U) << "the merged ones are removed";
  for (std::uint64_t i = 0; i < kMergeRuns; ++i) EXPECT_TRUE(Has(i));
  EXPECT_EQ(Open(), "");
  EXPECT_EQ(files_->keys(), kMergeRuns + 1);
}

TEST_F(KeyFilesTest, AReaderKeepsTheRunsOfItsMoment) {
  for (std::uint64_t i = 0; i < kMergeRuns; ++i) Add({Entry(i, 10)});
  const auto before = files_->runs();
  ASSERT_TRUE(files_->Merge());
  files_->Forget();
  EXPECT_TRUE(KeyFiles::Find(*before, Entry(1, 0).hash, 0).value());
  EXPECT_FALSE(Has(1));
}

TEST_F(KeyFilesTest, TheOldestRunsAreDroppedForTimeAndForNumber) {
  max_keys_ = 2;
  Open();
  for (std::uint64_t i = 0; i < 4; ++i) {
    Add({Entry(i, static_cast<std::int64_t>(i) * kHour + 1)});
  }
  ASSERT_TRUE(files_->DropOld(/*oldest_ms=*/2, /*keys_elsewhere=*/0));
  EXPECT_FALSE(Has(0)) << "for its time";
  EXPECT_FALSE(Has(1)) << "for the number";
  EXPECT_EQ(files_->dropped_until_ms(), kHour + 2);
  ASSERT_TRUE(files_->DropOld(2, /*keys_elsewhere=*/1));
  EXPECT_FALSE(Has(2));
  EXPECT_TRUE(Has(3));
  EXPECT_EQ(Open(), "");
  EXPECT_EQ(files_->dropped_until_ms(), 2 * kHour + 2);
  EXPECT_EQ(Runs().size(), 1U);
}

TEST_F(KeyFilesTest, AfterDamageNoRunIsLeftAndTheDamageIsNamed) {
  Add({Entry(1, 10)}, 3);
  Damage("manifest.json");
  EXPECT_NE(Open().find("manifest.json"), std::string::npos);
  EXPECT_EQ(files_->files(), 0U);
  EXPECT_TRUE(files_->covered().empty());
  EXPECT_TRUE(Runs().empty());
}

TEST_F(KeyFilesTest, ALogThatDoesNotHaveTheCoveredRecordsIsAnother) {
  Add({Entry(1, 10)}, 3);
  log_->Stop();
  log_ =
      log::LocalLog::Open({fs_, clock_, *random_}, {.dir = "/other", .reserve_bytes = 0}).value();
  EXPECT_NE(Open().find("belongs to another log"), std::string::npos);
  EXPECT_EQ(files_->files(), 0U);
}

}  // namespace
}  // namespace st::idempotency
