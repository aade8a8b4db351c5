// The only way to files: an interface so that tests can crash, tear and fill the disk.
//
// Threads: FileSystem is safe from any thread; a File belongs to one thread at a time, but
//          ReadAt and ReadCachedAt may run beside anything.
// Errors:  kNotFound, kAlreadyExists, kUnavailable (no space: ENOSPC, EDQUOT; some bytes may
//          be written), kIo (everything else). Open, List and CreateDirs give the detail
//          kWrongKindOfFile where something else has the name, such as a pipe; they never wait.
// Durable: nothing survives power loss before File::Sync (bytes, size) and FileSystem::SyncDir
//          (names). A failed Sync must never be retried: the pages may be gone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace st::os {

class File {
 public:
  virtual ~File() = default;
  // Reads up to `to.size()` bytes at `position`; fewer only at the end of the file.
  virtual Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) = 0;
  // ReadAt without waiting for a disk. nullopt: it would have to wait, or cannot know. This one is
  // for files that lie in memory.
  virtual Result<std::optional<std::size_t>> ReadCachedAt(std::uint64_t position,
                                                          std::span<char> to) {
    return ReadAt(position, to);
  }
  // Writes all of `bytes` at `position`, extending the file where needed.
  virtual Status WriteAt(std::uint64_t position, std::string_view bytes) = 0;
  // As WriteAt for the concatenation of `parts` (one pwritev).
  virtual Status WriteAllAt(std::uint64_t position, std::span<const std::string_view> parts) = 0;
  // fdatasync: data and size survive power loss.
  virtual Status Sync() = 0;
  // Reserves blocks up to `size` and extends the file to it with zeros.
  virtual Status Allocate(std::uint64_t size) = 0;
  virtual Status Truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> Size() = 0;
  // The size of this file. kIo where `path` does not name it: it was moved, replaced or removed.
  virtual Result<std::uint64_t> SizeAt(const std::string& path) const = 0;
};

enum class OpenMode {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreateNew,  // kAlreadyExists if it exists
  kCreate,     // created if absent, kept if present
};

// Held lock on a folder; released by the destructor and by the death of the process.
class FileLock {
 public:
  virtual ~FileLock() = default;
  // kIo where the path that was locked does not name the locked folder any more.
  virtual Status CheckPlace() const = 0;
};

// What tells the contents of a file from others without reading them. Writing the file changes it,
// and so does putting another file in its place, also where a program gives that file the time of
// the first one (`cp -p`, `rsync -t`). Two writes within one tick of the kernel's clock, some
// milliseconds, may leave it as it is.
struct FileIdentity {
  std::uint64_t inode = 0;
  std::uint64_t size_bytes = 0;
  std::int64_t modified_ns = 0;  // since the epoch; programs may set it
  std::int64_t changed_ns = 0;   // of bytes, names, rights and times; no program sets it
  bool operator==(const FileIdentity&) const = default;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;
  virtual Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) = 0;
  // kIo with kWrongKindOfFile where a symbolic link leads nowhere: what it should lead to may be
  // away for a while, as a disk that is not mounted.
  virtual Result<bool> Exists(const std::string& path) = 0;
  // Names (not paths) in `dir`, sorted; kNotFound if there is no such folder.
  virtual Result<std::vector<std::string>> List(const std::string& dir) = 0;
  // Like mkdir -p; not an error if it exists. Syncs the parents of what it made.
  virtual Status CreateDirs(const std::string& dir) = 0;
  virtual Status Remove(const std::string& path) = 0;
  // Removes an empty folder; kNotFound if there is none.
  virtual Status RemoveDir(const std::string& dir) = 0;
  // Atomic; replaces `to`.
  virtual Status Rename(const std::string& from, const std::string& to) = 0;
  // Makes `to` a second name of `from`; kAlreadyExists if `to` exists. The create-if-absent step
  // of a table commit.
  virtual Status Link(const std::string& from, const std::string& to) = 0;
  virtual Status SyncDir(const std::string& dir) = 0;
  // Bytes that can still be written on the file system of `path`.
  virtual Result<std::uint64_t> FreeBytes(const std::string& path) = 0;
  // When the file's bytes last changed, in microseconds since the epoch; kNotFound.
  virtual Result<std::int64_t> ModifiedUs(const std::string& path) = 0;
  // Locks a folder, not a file in it, which could be removed alone. kUnavailable when another
  // process (or another holder in this one) has it.
  virtual Result<std::unique_ptr<FileLock>> Lock(const std::string& path) = 0;
  // kNotFound.
  virtual Result<FileIdentity> Identity(const std::string& path) = 0;
};

// The whole file; kInvalidArgument when it is longer than `limit_bytes`.
Result<std::string> ReadWholeFile(FileSystem& fs, const std::string& path,
                                  std::uint64_t limit_bytes = std::uint64_t{1} << 30);
// Writes `bytes` to a new temporary name beside `path`, syncs, renames over `path`, syncs the
// folder.
Status WriteFileAtomically(FileSystem& fs, const std::string& path, std::string_view bytes);
// Writes, syncs and closes a new file; its folder is not synced. kAlreadyExists if it exists.
Status WriteNewFile(FileSystem& fs, const std::string& path, std::string_view bytes);

// Renames the file or folder at `path` to the first free name `<path>.aside-<n>` and returns that
// name. For files that can be derived again: whatever has the name of one is kept under another.
// kNotFound: `path` does not exist.
Result<std::string> SetAside(FileSystem& fs, const std::string& path);
// Makes the folder of derived files; something else at the path, or a folder that cannot be listed,
// is set aside. Returns its new name, "" if nothing was set aside.
Result<std::string> OpenDerivedDir(FileSystem& fs, const std::string& dir);
// WriteFileAtomically for a derived file: something that it cannot replace is set aside.
Status ReplaceDerivedFile(FileSystem& fs, const std::string& path, std::string_view bytes);

// `path`, or the nearest folder above it that exists: where a folder would be made.
Result<std::string> NearestFolder(FileSystem& fs, const std::string& path);

std::string JoinPath(std::string_view dir, std::string_view name);
std::string DirName(std::string_view path);

// The real file system (Linux). All descriptors are close-on-exec.
std::unique_ptr<FileSystem> MakePosixFileSystem();

}  // namespace st::os
