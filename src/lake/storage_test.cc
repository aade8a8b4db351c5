// Tests the contract of every Storage. A line in kStorages adds an implementation.
#include "lake/storage.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>

#include "lake/local_storage.h"
#include "os/random.h"
#include "os/testing/memory_file_system.h"
#include "os/thread.h"

namespace st::lake {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// An empty storage with the file system below it.
class StorageWorld {
 public:
  virtual ~StorageWorld() = default;
  virtual Storage& storage() = 0;
};

class MemoryWorld final : public StorageWorld {
 public:
  Storage& storage() override { return *storage_; }

 private:
  os::testing::MemoryFileSystem fs_;
  std::unique_ptr<Storage> storage_ = MakeLocalStorage(fs_, "/data/warehouse/");
};

class DiskWorld final : public StorageWorld {
 public:
  ~DiskWorld() override {
    if (!::testing::Test::HasFailure()) std::filesystem::remove_all(folder_);
  }
  Storage& storage() override { return *storage_; }

 private:
  const std::string folder_ =
      ::testing::TempDir() + "storage_" + os::MakeSystemRandom()->NewUuid().ToString();
  std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  std::unique_ptr<Storage> storage_ = MakeLocalStorage(*fs_, folder_ + "/warehouse");
};

struct StorageKind {
  const char* name;
  std::function<std::unique_ptr<StorageWorld>()> make;
};

const StorageKind kStorages[] = {
    {"LocalFolderInMemory", [] { return std::make_unique<MemoryWorld>(); }},
    {"LocalFolderOnDisk", [] { return std::make_unique<DiskWorld>(); }},
};

class StorageContract : public ::testing::TestWithParam<StorageKind> {
 protected:
  void SetUp() override { ASSERT_TRUE(storage_.MakeFolder(folder_)); }
  std::string At(std::string_view name) const { return JoinLocation(folder_, name); }
  std::string Contents(std::string_view name) { return storage_.Read(At(name), 1000).value(); }
  Uuid NewAttempt() { return random_->NewUuid(); }

  std::unique_ptr<os::Random> random_ = os::MakeSeededRandom(7);
  std::unique_ptr<StorageWorld> world_ = GetParam().make();
  Storage& storage_ = world_->storage();
  const std::string folder_ = JoinLocation(storage_.root(), "default/t/metadata");
};

INSTANTIATE_TEST_SUITE_P(All, StorageContract, ::testing::ValuesIn(kStorages),
                         [](const auto& kind) { return kind.param.name; });

TEST_P(StorageContract, TheRootHasNoSlashAtItsEnd) {
  EXPECT_FALSE(storage_.root().ends_with('/'));
  EXPECT_TRUE(storage_.UriOf(At("a")).ends_with("/default/t/metadata/a"));
  EXPECT_NE(storage_.UriOf(At("a")).find("://"), std::string::npos);
}

TEST_P(StorageContract, AFileIsReadAsItWasWritten) {
  const std::string bytes("a\0b\n", 4);
  ASSERT_TRUE(storage_.Write(At("a"), bytes));
  ASSERT_TRUE(storage_.Write(At("empty"), ""));
  EXPECT_EQ(Contents("a"), bytes);
  EXPECT_EQ(Contents("empty"), "");
}

TEST_P(StorageContract, AFileIsWrittenOnce) {
  ASSERT_TRUE(storage_.Write(At("a"), "old"));
  EXPECT_EQ(storage_.Write(At("a"), "new").error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(Contents("a"), "old");
}

TEST_P(StorageContract, AFileAboveTheLimitIsNotRead) {
  ASSERT_TRUE(storage_.Write(At("a"), "12345"));
  EXPECT_EQ(storage_.Read(At("a"), 5).value(), "12345");
  EXPECT_EQ(storage_.Read(At("a"), 4).error().code(), ErrorCode::kInvalidArgument);
}

TEST_P(StorageContract, AFileIsReadInPieces) {
  ASSERT_TRUE(storage_.Write(At("a"), "0123456789"));
  const auto file = storage_.Open(At("a")).value();
  EXPECT_EQ(file->Size().value(), 10U);
  std::string piece(4, '\0');
  EXPECT_EQ(file->ReadAt(3, piece).value(), 4U);
  EXPECT_EQ(piece, "3456");
  EXPECT_EQ(file->ReadAt(8, piece).value(), 2U) << "the file ends there";
  EXPECT_EQ(file->ReadAt(10, piece).value(), 0U);
}

TEST_P(StorageContract, AMissingFileIsNotFound) {
  EXPECT_EQ(storage_.Read(At("a"), 10).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(storage_.Open(At("a")).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(storage_.ModifiedUs(At("a")).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(storage_.Identity(At("a")).error().code(), ErrorCode::kNotFound);
  EXPECT_EQ(storage_.Remove(At("a")).error().code(), ErrorCode::kNotFound);
}

TEST_P(StorageContract, AListHasTheNamesInOrder) {
  for (const auto* name : {"b", "c", "a"}) ASSERT_TRUE(storage_.Write(At(name), name));
  ASSERT_TRUE(storage_.Write(JoinLocation(storage_.root(), "default/x"), "x"));
  EXPECT_THAT(storage_.List(folder_).value(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(storage_.List(JoinLocation(storage_.root(), "default")).value(),
              ElementsAre("t", "x"));
  EXPECT_THAT(storage_.List(At("nowhere")).value(), IsEmpty());
}

TEST_P(StorageContract, AFolderMayBeMadeTwice) {
  ASSERT_TRUE(storage_.Write(At("a"), "1"));
  EXPECT_TRUE(storage_.MakeFolder(folder_));
  EXPECT_EQ(Contents("a"), "1");
}

TEST_P(StorageContract, ARemovedFileIsGone) {
  ASSERT_TRUE(storage_.Write(At("a"), "1"));
  EXPECT_TRUE(storage_.ModifiedUs(At("a")));
  ASSERT_TRUE(storage_.Remove(At("a")));
  EXPECT_THAT(storage_.List(folder_).value(), IsEmpty());
  ASSERT_TRUE(storage_.Write(At("a"), "2"));
  EXPECT_EQ(Contents("a"), "2");
}

TEST_P(StorageContract, AFileIsKnownByItsIdentity) {
  ASSERT_TRUE(storage_.Write(At("a"), "1"));
  ASSERT_TRUE(storage_.Write(At("b"), "1"));
  const auto identity = storage_.Identity(At("a")).value();
  EXPECT_EQ(identity.size_bytes, 1U);
  EXPECT_EQ(identity.modified_ns / 1000, storage_.ModifiedUs(At("a")).value());
  EXPECT_EQ(storage_.Identity(At("a")).value(), identity);
  EXPECT_NE(storage_.Identity(At("b")).value(), identity);
}

TEST_P(StorageContract, CreateIfAbsentLeavesAnExistingFile) {
  ASSERT_TRUE(storage_.CreateIfAbsent(At("v1"), "first", NewAttempt()));
  const auto second = storage_.CreateIfAbsent(At("v1"), "second", NewAttempt());
  EXPECT_EQ(second.error().code(), ErrorCode::kAlreadyExists);
  EXPECT_EQ(Contents("v1"), "first");
  EXPECT_THAT(storage_.List(folder_).value(), ElementsAre("v1")) << "nothing is left behind";
}

TEST_P(StorageContract, OfManyCallersOneCreates) {
  std::atomic<int> created = 0;
  std::string winner;
  {
    std::vector<os::Thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back("creator", [&, i, attempt = NewAttempt()] {
        const auto bytes = std::to_string(i);
        const auto done = storage_.CreateIfAbsent(At("v1"), bytes, attempt);
        if (!done) EXPECT_EQ(done.error().code(), ErrorCode::kAlreadyExists);
        if (!done) return;
        ++created;
        winner = bytes;
      });
    }
  }
  EXPECT_EQ(created, 1);
  EXPECT_EQ(Contents("v1"), winner);
}

TEST_P(StorageContract, ReplaceTakesTheNewBytes) {
  for (const auto* bytes : {"1", "22", "3"}) {
    ASSERT_TRUE(storage_.Replace(At("hint"), bytes));
    EXPECT_EQ(Contents("hint"), bytes);
  }
  EXPECT_THAT(storage_.List(folder_).value(), ElementsAre("hint"));
}

TEST_P(StorageContract, ASyncChangesNoName) {
  ASSERT_TRUE(storage_.Write(At("a"), "1"));
  EXPECT_TRUE(storage_.SyncFolder(folder_));
  EXPECT_TRUE(storage_.SyncFolderAgain(folder_));
  EXPECT_TRUE(storage_.SyncFolderAgain(folder_));
  EXPECT_THAT(storage_.List(folder_).value(), ElementsAre("a"));
}

// Tests that the local folder is durable, by a power loss before each of its steps.
class LocalStoragePowerLoss : public ::testing::Test {
 protected:
  // Runs `act`, then `check` on the storage that each power loss leaves.
  void AtEachStep(const std::function<void(Storage&)>& act,
                  const std::function<void(Storage&, bool is_done)>& check) {
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      os::testing::MemoryFileSystem fs;
      const auto random = os::MakeSeededRandom(seed);
      const auto storage = MakeLocalStorage(fs, "/w");
      ASSERT_TRUE(storage->MakeFolder("/w/t"));
      std::vector<std::unique_ptr<os::testing::MemoryFileSystem>> images;
      fs.SetHook([&](const std::string&, const std::string&) -> Status {
        images.push_back(fs.Crash(*random));
        return {};
      });
      act(*storage);
      fs.SetHook({});
      for (const auto& image : images) check(*MakeLocalStorage(*image, "/w"), false);
      const auto last = fs.Crash(*random);
      check(*MakeLocalStorage(*last, "/w"), true);
    }
  }
};

TEST_F(LocalStoragePowerLoss, LeavesAWrittenFileWholeOnceItsFolderIsSynced) {
  AtEachStep(
      [](Storage& storage) {
        ASSERT_TRUE(storage.Write("/w/t/a", std::string(3000, 'a')));
        ASSERT_TRUE(storage.SyncFolder("/w/t"));
      },
      [](Storage& storage, bool is_done) {
        const auto bytes = storage.Read("/w/t/a", 10'000);
        if (is_done) ASSERT_EQ(bytes.value(), std::string(3000, 'a'));
      });
}

TEST_F(LocalStoragePowerLoss, LeavesACreatedFileWholeOrAbsentAndTheWrittenOnesBeforeIt) {
  AtEachStep(
      [](Storage& storage) {
        ASSERT_TRUE(storage.Write("/w/t/m", std::string(3000, 'm')));
        ASSERT_TRUE(storage.CreateIfAbsent("/w/t/v1", std::string(3000, 'v'), Uuid()));
      },
      [](Storage& storage, bool is_done) {
        const auto version = storage.Read("/w/t/v1", 10'000);
        if (is_done) ASSERT_TRUE(version);
        if (!version) return;
        ASSERT_EQ(*version, std::string(3000, 'v'));
        ASSERT_EQ(storage.Read("/w/t/m", 10'000).value(), std::string(3000, 'm'));
      });
}

TEST(LocalStorage, OnlyAFailedLinkHasAnUnknownOutcome) {
  for (const auto* failing : {"create", "write", "sync", "syncdir", "link"}) {
    os::testing::MemoryFileSystem fs;
    const auto storage = MakeLocalStorage(fs, "/w");
    ASSERT_TRUE(storage->MakeFolder("/w/t"));
    bool is_linked = false;
    fs.SetHook([&](const std::string& step, const std::string& path) -> Status {
      is_linked = is_linked || step == "link";
      if (step == failing) return Fail(ErrorCode::kIo, "{} {}", step, path);
      return {};
    });
    const auto created = storage->CreateIfAbsent("/w/t/v1", "1", Uuid());
    EXPECT_EQ(created.error().code(), is_linked ? ErrorCode::kOutcomeUnknown : ErrorCode::kIo)
        << failing;
  }
}

}  // namespace
}  // namespace st::lake
