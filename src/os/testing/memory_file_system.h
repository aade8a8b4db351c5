// A disk in memory that can crash, tear, fill up and fail.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "os/file_system.h"
#include "os/random.h"

namespace st::os::testing {

// FileSystem in memory with a model of what power loss does.
//
// Data written since a file's last Sync is a list of pending writes; names changed since a folder's
// last SyncDir are pending too. Crash(random) keeps synced state and applies an arbitrary subset of
// the pending: each pending write is applied whole, torn at a multiple of 512 bytes, or lost, in
// any combination; a pending name change is applied or lost (a lost creation takes the file with
// it).
//
// Threads: safe from any thread.
class MemoryFileSystem final : public FileSystem {
 public:
  MemoryFileSystem();
  ~MemoryFileSystem() override;

  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
  Result<bool> Exists(const std::string& path) override;
  Result<std::vector<std::string>> List(const std::string& dir) override;
  Status CreateDirs(const std::string& dir) override;
  Status Remove(const std::string& path) override;
  Status RemoveDir(const std::string& dir) override;
  Status Rename(const std::string& from, const std::string& to) override;
  Status Link(const std::string& from, const std::string& to) override;
  Status SyncDir(const std::string& dir) override;
  Result<std::uint64_t> FreeBytes(const std::string& path) override;
  // Every file is of the time at which a StepClock starts.
  Result<std::int64_t> ModifiedUs(const std::string& path) override;
  // Each write changes it.
  Result<FileIdentity> Identity(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

  // The disk after power loss now: a new file system; this one goes on unharmed.
  std::unique_ptr<MemoryFileSystem> Crash(Random& random) const;
  // Everything as it is, synced.
  std::unique_ptr<MemoryFileSystem> Copy() const;

  // Called before each mutating step (write, sync, rename, link, remove, syncdir, create,
  // allocate) with its name and path; a returned error fails the step and nothing of it happens.
  using Hook = std::function<Status(const std::string& step, const std::string& path)>;
  void SetHook(Hook hook);
  // Called before each read; a returned error fails it.
  using ReadHook = std::function<Status(const std::string& path, std::uint64_t position)>;
  void SetReadHook(ReadHook hook);
  // Of a cold file system ReadCachedAt gives nothing.
  void SetCold(bool is_cold);
  void SetFreeBytes(std::uint64_t bytes);

  // Direct access for tests that damage files. Both ignore pending state.
  std::string Contents(const std::string& path) const;
  void Overwrite(const std::string& path, std::string bytes);
  std::vector<std::string> Paths() const;

 private:
  struct Inode;
  struct State;
  class MemoryFile;
  class MemoryLock;
  Status RunHook(const std::string& step, const std::string& path);

  std::shared_ptr<State> state_;
};

}  // namespace st::os::testing
