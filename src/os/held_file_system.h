// Files below a locked folder, as long as its path still names that folder.
//
// A folder that is moved away or removed leaves its lock behind with the process that holds it, and
// another process can lock what then stands at the path. Whatever is asked by path here fails
// instead of reaching into the other's folder.
//
// Threads: as the file system that it stands on.
// Errors:  kIo where the path does not name the locked folder; otherwise as the file system's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "os/file_system.h"

namespace st::os {

class HeldFileSystem final : public FileSystem {
 public:
  // Both must outlive it.
  HeldFileSystem(FileSystem& fs, const FileLock& lock) : fs_(fs), lock_(lock) {}

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
  Result<std::int64_t> ModifiedUs(const std::string& path) override;
  Result<FileIdentity> Identity(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;

 private:
  FileSystem& fs_;
  const FileLock& lock_;
};

}  // namespace st::os
