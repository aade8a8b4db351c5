// A file that a command writes for a person.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/file_system.h"

namespace st::cli {

// Has a temporary name beside its own until it is whole; what was begun and not finished is
// removed.
//
// Threads: one thread; Discard from any.
// Durable: the file and its name, when Finish returns.
// Errors:  kAlreadyExists, there is a file and it may not be replaced; kInvalidArgument, the path
//          is no place for a file; kUnavailable, the disk is full; kIo. Each names the path.
class NewFile {
 public:
  // `path` and a new name beside it. Nothing is written yet.
  static Result<std::unique_ptr<NewFile>> Begin(const std::string& path, bool may_replace);
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() { Discard(); }

  // The absolute folder without links, and the temporary path in it, for another process that
  // writes the file.
  const std::string& folder() const { return folder_; }
  const std::string& temporary_path() const { return temporary_; }
  // Bytes of it that are written, by whomever.
  std::uint64_t SizeNow() const;
  // Appends; some bytes wait in memory.
  Status Write(std::string_view bytes);
  Status Finish();
  // Not an error if there is nothing to remove.
  void Discard();

 private:
  explicit NewFile(std::string path, bool may_replace)
      : path_(std::move(path)), may_replace_(may_replace) {}
  Status Flush();

  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  const std::string path_;
  const bool may_replace_;
  std::string folder_;
  std::string temporary_;
  std::unique_ptr<os::File> file_;  // null: nothing was written by this process
  std::uint64_t position_ = 0;
  std::string buffer_;
};

}  // namespace st::cli
