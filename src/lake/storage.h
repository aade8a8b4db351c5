// Where the files of tables lie: named objects below one root.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "os/file_system.h"

namespace st::lake {

// A stored file that is open for reading.
//
// Threads: one thread at a time.
class StoredFile {
 public:
  virtual ~StoredFile() = default;
  virtual Result<std::uint64_t> Size() = 0;
  // Reads up to `to.size()` bytes at `position`; fewer only at the end of the file.
  virtual Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) = 0;
};

// Makes, reads and removes the files of all tables. The lake alone calls it: nobody else names,
// makes or removes a file of a table. A local folder is its one implementation; it asks for no more
// than an object store with conditional writes has (there a folder is a prefix, and making or
// syncing one does nothing).
//
// A location names a file or folder: the root's, or a folder's location, "/" and a name. Programs
// that write or read data files themselves (DuckDB) open them by location.
//
// Threads:  safe from any thread.
// Durable:  as each function says.
// Errors:   kNotFound, kAlreadyExists, kUnavailable (no space), kIo; nothing happened unless the
//           function says otherwise.
class Storage {
 public:
  virtual ~Storage() = default;

  // Without a slash at its end.
  virtual const std::string& root() const = 0;
  // The URI of a location, by which Iceberg metadata and clients name it.
  virtual std::string UriOf(std::string_view location) const = 0;

  // Creates a file with `bytes`. The bytes are durable when it returns; the name only after
  // SyncFolder or CreateIfAbsent in the same folder. After an error a part of the file may exist.
  virtual Status Write(const std::string& location, std::string_view bytes) = 0;
  // Creates the file whole, or not at all if the location exists (kAlreadyExists); of many callers
  // one succeeds. Name and bytes are durable when it returns success, and the names that Write made
  // in the folder are durable before (I7). `attempt` is new for each call. kOutcomeUnknown: the
  // file may exist, and may disappear with a power loss until SyncFolderAgain succeeds.
  virtual Status CreateIfAbsent(const std::string& location, std::string_view bytes,
                                const Uuid& attempt) = 0;
  // Creates or replaces a small file; readers see the old bytes or the new ones. Not durable: for
  // hints alone. One caller at a time for each location.
  virtual Status Replace(const std::string& location, std::string_view bytes) = 0;

  // The whole file; kInvalidArgument when it is longer than `limit_bytes`.
  virtual Result<std::string> Read(const std::string& location, std::uint64_t limit_bytes) = 0;
  virtual Result<std::unique_ptr<StoredFile>> Open(const std::string& location) = 0;
  // When the file's bytes last changed, in microseconds since the epoch.
  virtual Result<std::int64_t> ModifiedUs(const std::string& location) = 0;
  // Names (not locations) of the files and folders in `folder`, sorted. A folder that does not
  // exist has none.
  virtual Result<std::vector<std::string>> List(const std::string& folder) = 0;
  virtual Status Remove(const std::string& location) = 0;
  // Makes `to` a file with the bytes of `from`, which never change. Its name is durable after
  // SyncFolder. Costs nothing where a file can have two names.
  virtual Status Copy(const std::string& from, const std::string& to) = 0;

  // Creates the folder and those above it, durably; not an error if it exists.
  virtual Status MakeFolder(const std::string& folder) = 0;
  // Removes an empty folder, if there is one.
  virtual Status RemoveFolder(const std::string& folder) = 0;
  // Every name that List shows is durable when it returns success.
  virtual Status SyncFolder(const std::string& folder) = 0;
  // SyncFolder for a folder of which an earlier sync failed: the disk may take its names for
  // written although they are lost, so the folder is changed first.
  virtual Status SyncFolderAgain(const std::string& folder) = 0;
  // Tells whether the file is still the one that was read; kNotFound.
  virtual Result<os::FileIdentity> Identity(const std::string& location) = 0;
};

inline std::string JoinLocation(std::string_view folder, std::string_view name) {
  return fmt::format("{}/{}", folder, name);
}

}  // namespace st::lake
