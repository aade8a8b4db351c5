#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "os/clock.h"
#include "os/file_system.h"
#include "os/held_file_system.h"
#include "os/proc.h"
#include "os/process.h"
#include "os/random.h"
#include "os/thread.h"

namespace st::os {
namespace {

class PosixFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    char pattern[] = "/tmp/st_os_XXXXXX";
    dir_ = ::mkdtemp(pattern);
  }
  std::string Path(const std::string& name) const { return JoinPath(dir_, name); }

  std::string dir_;
  std::unique_ptr<FileSystem> fs_ = MakePosixFileSystem();
};

TEST_F(PosixFiles, WritesInPartsAndReadsBack) {
  auto file = fs_->Open(Path("a"), OpenMode::kCreateNew).value();
  std::vector<std::string_view> parts(1000, "abc");
  ASSERT_TRUE(file->WriteAllAt(1, parts));
  ASSERT_TRUE(file->Sync());
  EXPECT_EQ(file->Size().value(), 3001U);
  EXPECT_EQ(ReadWholeFile(*fs_, Path("a")).value().substr(2998), "abc");
}

TEST_F(PosixFiles, ReadsWhatIsInMemoryWithoutWaiting) {
  auto file = fs_->Open(Path("a"), OpenMode::kCreateNew).value();
  ASSERT_TRUE(file->WriteAt(0, std::string(100'000, 'x')));
  std::string bytes(200'000, '\0');
  const auto written = file->ReadCachedAt(50'000, bytes);
  ASSERT_TRUE(written) << written.error().message();
  // A file system that cannot tell, such as tmpfs, gives nothing.
  if (*written) {
    EXPECT_EQ(**written, 50'000U);
    EXPECT_EQ(bytes.substr(0, 50'001), std::string(50'000, 'x') + '\0');
    EXPECT_EQ(file->ReadCachedAt(100'000, bytes).value(), 0U) << "the end of the file";
  }
  // The kernel is asked to drop the pages, which it may refuse: what is read then is right.
  ASSERT_TRUE(file->Sync());
  const UniqueFd fd(::open(Path("a").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED), 0);
  bytes.assign(100'000, '\0');
  const auto dropped = file->ReadCachedAt(0, bytes);
  ASSERT_TRUE(dropped) << dropped.error().message();
  if (*dropped) EXPECT_EQ(bytes, std::string(100'000, 'x'));
  EXPECT_EQ(file->ReadAt(0, bytes).value(), 100'000U);
  EXPECT_EQ(bytes, std::string(100'000, 'x'));
}

TEST_F(PosixFiles, LinkCreatesOnlyIfAbsent) {
  ASSERT_TRUE(WriteNewFile(*fs_, Path("a"), "1"));
  ASSERT_TRUE(fs_->Link(Path("a"), Path("b")));
  EXPECT_EQ(fs_->Link(Path("a"), Path("b")).error().code(), ErrorCode::kAlreadyExists);
}

TEST_F(PosixFiles, NamesTheFileInErrors) {
  const auto missing = fs_->Open(Path("none"), OpenMode::kRead);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(missing.error().message().find(Path("none")), std::string::npos);
}

TEST_F(PosixFiles, WriteFileAtomicallyReplaces) {
  ASSERT_TRUE(WriteFileAtomically(*fs_, Path("a"), "one"));
  ASSERT_TRUE(WriteFileAtomically(*fs_, Path("a"), "two"));
  EXPECT_EQ(ReadWholeFile(*fs_, Path("a")).value(), "two");
  EXPECT_EQ(fs_->List(dir_).value(), std::vector<std::string>{"a"});
}

TEST_F(PosixFiles, OpensNothingButFiles) {
  ASSERT_TRUE(fs_->CreateDirs(Path("folder")));
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  ASSERT_EQ(::symlink(Path("loop").c_str(), Path("loop").c_str()), 0);
  for (const auto* name : {"folder", "pipe", "loop"}) {
    EXPECT_EQ(ReadWholeFile(*fs_, Path(name)).error().code(), ErrorCode::kIo) << name;
  }
}

// What the link should lead to may be on a disk that is not mounted: it is not missing.
TEST_F(PosixFiles, ALinkThatLeadsNowhereIsNoMissingFile) {
  ASSERT_EQ(::symlink(Path("nowhere").c_str(), Path("link").c_str()), 0);
  ASSERT_EQ(::symlink(Path("loop").c_str(), Path("loop").c_str()), 0);
  for (const auto* name : {"link", "loop"}) {
    const auto exists = fs_->Exists(Path(name));
    ASSERT_FALSE(exists) << name;
    EXPECT_EQ(exists.error().detail(), ErrorDetail::kWrongKindOfFile);
    EXPECT_EQ(exists.error().message(), Path(name) + " is a symbolic link that leads nowhere");
    ASSERT_TRUE(SetAside(*fs_, Path(name)));
    ASSERT_TRUE(WriteNewFile(*fs_, Path(name), "1"));
    EXPECT_EQ(SetAside(*fs_, Path(name)).value(), Path(name) + ".aside-2");
  }
  EXPECT_FALSE(fs_->Exists(Path("nowhere")).value());
}

TEST_F(PosixFiles, ADerivedFileReplacesWhateverStandsThere) {
  ASSERT_TRUE(fs_->CreateDirs(Path("folder/inner")));
  ASSERT_TRUE(fs_->CreateDirs(Path("other.tmp")));
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  ASSERT_EQ(::symlink(Path("nowhere").c_str(), Path("link").c_str()), 0);
  for (const auto* name : {"folder", "other", "pipe", "link"}) {
    ASSERT_TRUE(ReplaceDerivedFile(*fs_, Path(name), "new")) << name;
    EXPECT_EQ(ReadWholeFile(*fs_, Path(name)).value(), "new") << name;
  }
  EXPECT_TRUE(fs_->Exists(Path("folder.aside-1/inner")).value()) << "it is kept";
}

TEST_F(PosixFiles, ADerivedFolderReplacesWhateverStandsThere) {
  ASSERT_TRUE(WriteNewFile(*fs_, Path("file"), "1"));
  ASSERT_EQ(::symlink(Path("nowhere").c_str(), Path("link").c_str()), 0);
  for (const auto* name : {"file", "link"}) {
    EXPECT_EQ(OpenDerivedDir(*fs_, Path(name)).value(), Path(name) + ".aside-1");
    EXPECT_EQ(OpenDerivedDir(*fs_, Path(name)).value(), "");
    EXPECT_TRUE(fs_->List(Path(name)).value().empty());
  }
}

TEST_F(PosixFiles, NamesAnotherKindOfFileAndNeverBlocksOnIt) {
  ASSERT_TRUE(fs_->CreateDirs(Path("folder")));
  ASSERT_EQ(::mkfifo(Path("pipe").c_str(), 0600), 0);
  ASSERT_EQ(::symlink(Path("nowhere").c_str(), Path("link").c_str()), 0);
  ASSERT_EQ(::symlink(Path("loop").c_str(), Path("loop").c_str()), 0);
  const std::pair<const char*, const char*> kinds[] = {
      {"folder", "a folder"},
      {"pipe", "a named pipe"},
      {"link", "a symbolic link that leads nowhere"},
      {"loop", "a symbolic link that leads nowhere"}};
  for (const auto& [name, kind] : kinds) {
    for (const auto mode : {OpenMode::kRead, OpenMode::kReadWrite}) {
      const auto opened = fs_->Open(Path(name), mode);
      ASSERT_FALSE(opened) << name;
      EXPECT_EQ(opened.error().detail(), ErrorDetail::kWrongKindOfFile) << name;
      EXPECT_EQ(opened.error().message(), fmt::format("{} is {}, not a file", Path(name), kind));
    }
  }
  ASSERT_TRUE(WriteNewFile(*fs_, Path("file"), "1"));
  for (const auto* name : {"file", "pipe", "link"}) {
    EXPECT_EQ(fs_->List(Path(name)).error().detail(), ErrorDetail::kWrongKindOfFile) << name;
    EXPECT_EQ(fs_->CreateDirs(Path(name)).error().detail(), ErrorDetail::kWrongKindOfFile) << name;
  }
  EXPECT_EQ(fs_->Open(Path("none"), OpenMode::kRead).error().detail(), ErrorDetail::kNone);
  EXPECT_EQ(fs_->List(Path("none")).error().detail(), ErrorDetail::kNone);
}

TEST_F(PosixFiles, KnowsWhenAFileChanged) {
  const auto clock = MakeSystemClock();
  const std::int64_t before = clock->NowUs();
  ASSERT_TRUE(WriteFileAtomically(*fs_, Path("a"), "one"));
  constexpr std::int64_t kCoarseUs = 1'000'000;  // the kernel's clock for files lags a tick
  EXPECT_GE(fs_->ModifiedUs(Path("a")).value(), before - kCoarseUs);
  EXPECT_LE(fs_->ModifiedUs(Path("a")).value(), clock->NowUs());
  EXPECT_EQ(fs_->ModifiedUs(Path("b")).error().code(), ErrorCode::kNotFound);
}

TEST_F(PosixFiles, AFileKnowsWhetherItIsStillAtItsPath) {
  const auto path = Path("f");
  const auto file = fs_->Open(path, OpenMode::kCreateNew).value();
  EXPECT_TRUE(file->SizeAt(path));
  ASSERT_TRUE(fs_->Rename(path, path + ".moved"));
  EXPECT_TRUE(file->SizeAt(path + ".moved"));
  EXPECT_THAT(file->SizeAt(path).error().message(),
              ::testing::StartsWith(path + " was moved away or removed while this process (pid "));
  EXPECT_THAT(file->SizeAt(path).error().message(),
              ::testing::HasSubstr(": put back what was there, or end the process with `kill "));
  ASSERT_TRUE(WriteNewFile(*fs_, path, "another"));
  EXPECT_THAT(file->SizeAt(path).error().message(),
              ::testing::StartsWith(path + " was replaced while"));
}

TEST_F(PosixFiles, AHeldFolderIsNotReachedThroughAnotherAtItsPath) {
  const auto path = Path("held");
  ASSERT_TRUE(fs_->CreateDirs(path));
  const auto lock = fs_->Lock(path).value();
  HeldFileSystem held(*fs_, *lock);
  const auto file = JoinPath(path, "f");
  ASSERT_TRUE(WriteNewFile(held, file, "mine"));
  ASSERT_TRUE(fs_->Rename(path, path + ".old"));
  ASSERT_TRUE(fs_->CreateDirs(path));
  ASSERT_TRUE(WriteNewFile(*fs_, file, "another's"));
  EXPECT_EQ(held.Open(file, OpenMode::kRead).error().code(), ErrorCode::kIo);
  EXPECT_FALSE(held.Open(file, OpenMode::kReadWrite));
  EXPECT_FALSE(held.Exists(file));
  EXPECT_FALSE(held.List(path));
  EXPECT_FALSE(held.CreateDirs(path + "/d"));
  EXPECT_FALSE(held.Remove(file));
  EXPECT_FALSE(held.Rename(file, file + "2"));
  EXPECT_FALSE(held.Link(file, file + "2"));
  EXPECT_FALSE(held.SyncDir(path));
  EXPECT_FALSE(held.FreeBytes(path));
  EXPECT_FALSE(held.ModifiedUs(file));
  EXPECT_FALSE(held.Identity(file));
  EXPECT_FALSE(held.Lock(path));
  EXPECT_EQ(fs_->List(path).value(), std::vector<std::string>{"f"});
  std::filesystem::remove_all(path);
  ASSERT_TRUE(fs_->Rename(path + ".old", path));
  EXPECT_EQ(ReadWholeFile(held, file).value(), "mine") << "it is back";
}

TEST_F(PosixFiles, LockIsHeldByOne) {
  auto first = fs_->Lock(dir_);
  ASSERT_TRUE(first);
  EXPECT_EQ(fs_->Lock(dir_).error().code(), ErrorCode::kUnavailable);
  EXPECT_TRUE(fs_->List(dir_)->empty()) << "nothing that could be removed";
  first->reset();
  EXPECT_TRUE(fs_->Lock(dir_));
}

TEST_F(PosixFiles, CreateDirsMakesParents) {
  ASSERT_TRUE(fs_->CreateDirs(Path("x/y/z")));
  ASSERT_TRUE(fs_->CreateDirs(Path("x/y/z")));
  EXPECT_TRUE(fs_->Exists(Path("x/y/z")).value());
}

TEST(Process, ReportsHowAChildEnded) {
  const auto child = SpawnChild({.program = "/bin/sh", .args = {"-c", "exit 7"}});
  ASSERT_TRUE(child);
  const auto end = WaitChild(*child, 20'000'000);
  ASSERT_TRUE(end && *end);
  EXPECT_EQ((*end)->ToString(), "exit code 7");
  const auto sleeper = SpawnChild({.program = "/bin/sleep", .args = {"60"}});
  ASSERT_TRUE(sleeper);
  EXPECT_FALSE(WaitChild(*sleeper, 0).value().has_value());
  KillChild(*sleeper);
  EXPECT_TRUE(WaitChild(*sleeper, 20'000'000).value()->by_signal);
}

TEST(Process, MissingProgramIsNamed) {
  const auto child = SpawnChild({.program = "/no/such/program", .args = {}});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code(), ErrorCode::kNotFound);
}

TEST(Process, AChildHasTheGivenEnvironmentAndOutput) {
  ::setenv("ST_OF_THE_PARENT", "1", 1);
  auto output = MakePipe().value();
  const auto child = SpawnChild({.program = "/usr/bin/env",
                                 .args = {},
                                 .output_fd = output.second.get(),
                                 .environment = {"A=b"}});
  ASSERT_TRUE(child);
  ASSERT_TRUE(WaitChild(*child, 20'000'000).value());
  EXPECT_EQ(DrainPipe(output.first.get(), 1000), "A=b\n");
}

TEST(Process, TheEndOfAPipeIsMarkedAsSuch) {
  const auto [out, in] = MakePipe().value();
  const auto print = [&in](std::string_view text) {
    ASSERT_EQ(::write(in.get(), text.data(), text.size()), std::ssize(text));
  };
  EXPECT_EQ(DrainPipeEnd(out.get(), 4), "");
  print("four");
  EXPECT_EQ(DrainPipeEnd(out.get(), 4), "four");
  print("first words, then the end");
  EXPECT_EQ(DrainPipeEnd(out.get(), 7), "… the end");
  print("x\u00e9y");  // the second character crosses the limit
  EXPECT_EQ(DrainPipeEnd(out.get(), 2), "… y");
  EXPECT_EQ(DrainPipeEnd(out.get(), 4), "") << "all was read";
}

TEST(Proc, NamesWhoHoldsALockAndAPort) {
  const auto fs = MakePosixFileSystem();
  char pattern[] = "/tmp/st_os_XXXXXX";
  const std::string dir = ::mkdtemp(pattern);
  EXPECT_FALSE(FindLockHolder(dir));
  const auto lock = fs->Lock(dir);
  ASSERT_TRUE(lock);
  const auto holder = FindLockHolder(dir);
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->pid, ::getpid());
  EXPECT_NE(holder->ToString().find("os_test"), std::string::npos) << holder->ToString();

  const UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  socklen_t size = sizeof(address);
  address.sin_family = AF_INET;
  ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size);
  ::listen(socket.get(), 1);
  ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size);
  const auto listener = FindListener(ntohs(address.sin_port));
  ASSERT_TRUE(listener);
  EXPECT_EQ(listener->pid, ::getpid());
  EXPECT_THAT(ListeningPorts(::getpid()), ::testing::ElementsAre(ntohs(address.sin_port)));
  EXPECT_FALSE(FindProcess(-1));
}

std::vector<LockedFolder> LockedByUs() {
  auto folders = FindLockedFolders();
  std::erase_if(folders, [](const auto& one) { return one.process.pid != ::getpid(); });
  return folders;
}

TEST(Proc, NamesLockedFoldersThatWereMovedOrRemoved) {
  const auto fs = MakePosixFileSystem();
  char pattern[] = "/tmp/st_os_XXXXXX";
  const std::string dir = ::mkdtemp(pattern);
  const auto path = dir + "/a";
  ASSERT_TRUE(fs->CreateDirs(path));
  {
    const auto unlocked = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const auto lock = fs->Lock(path).value();
    auto found = LockedByUs();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].path, path);
    EXPECT_FALSE(found[0].is_removed);
    const auto moved = dir + "/b (deleted)";
    std::filesystem::rename(path, moved);
    found = LockedByUs();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].path, moved);
    EXPECT_FALSE(found[0].is_removed) << "only its name looks so";
    std::filesystem::remove_all(dir);
    found = LockedByUs();
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].path, moved);
    EXPECT_TRUE(found[0].is_removed);
    ::close(unlocked);
  }
  EXPECT_TRUE(LockedByUs().empty());
}

TEST(Random, SeedRepeatsAndUuidIsVersion4) {
  auto a = MakeSeededRandom(7);
  auto b = MakeSeededRandom(7);
  EXPECT_EQ(a->Next(), b->Next());
  EXPECT_EQ(a->NewUuid().ToString()[14], '4');
}

}  // namespace
}  // namespace st::os
