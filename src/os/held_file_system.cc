#include "os/held_file_system.h"

namespace st::os {

Result<std::unique_ptr<File>> HeldFileSystem::Open(const std::string& path, OpenMode mode) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.Open(path, mode);
}

Result<bool> HeldFileSystem::Exists(const std::string& path) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.Exists(path);
}

Result<std::vector<std::string>> HeldFileSystem::List(const std::string& dir) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.List(dir);
}

Status HeldFileSystem::CreateDirs(const std::string& dir) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.CreateDirs(dir);
}

Status HeldFileSystem::Remove(const std::string& path) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.Remove(path);
}

Status HeldFileSystem::RemoveDir(const std::string& dir) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.RemoveDir(dir);
}

Status HeldFileSystem::Rename(const std::string& from, const std::string& to) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.Rename(from, to);
}

Status HeldFileSystem::Link(const std::string& from, const std::string& to) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.Link(from, to);
}

Status HeldFileSystem::SyncDir(const std::string& dir) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.SyncDir(dir);
}

Result<std::uint64_t> HeldFileSystem::FreeBytes(const std::string& path) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.FreeBytes(path);
}

Result<std::int64_t> HeldFileSystem::ModifiedUs(const std::string& path) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.ModifiedUs(path);
}

Result<FileIdentity> HeldFileSystem::Identity(const std::string& path) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.Identity(path);
}

Result<std::unique_ptr<FileLock>> HeldFileSystem::Lock(const std::string& path) {
  ST_TRY_STATUS(lock_.CheckPlace());
  return fs_.Lock(path);
}

}  // namespace st::os
