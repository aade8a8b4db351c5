// Which data files of a table were compared with the checksums of their commits.
//
// A disk can change bytes that it has stored, and Parquet pages as they are written here carry no
// checksums. So each file is read whole before a statement first uses it, and again where its
// identity (inode, size and times, os/file_system.h) shows that somebody wrote it or put another
// file in its place since. Rot that leaves the identity as it is shows when the file is read again
// every day (upkeep/scrubber.h) or after a restart.
//
// Threads: safe from any thread; holds no lock while it reads. Two threads that ask for one new
//          file both read it.
// Limits:  remembers at most twice the files of the View that Forget was given last, and
//          kFewCheckedFiles.
// Errors:  those of ChecksumOf.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "lake/data_file.h"
#include "lake/storage.h"
#include "lake/view.h"
#include "os/file_system.h"

namespace st::lake {

class CheckedFiles {
 public:
  // `storage` must outlive it.
  explicit CheckedFiles(Storage& storage) : storage_(storage) {}

  // The checksum of a file that is being committed, which is then checked.
  Result<std::uint32_t> ChecksumOfNew(const std::string& location, std::uint64_t size);
  // kCorruption: length or checksum differ from the commit's.
  Status Check(const DataFile& file);
  // Forgets files that `view` lacks, once there are many of them.
  void Forget(const View& view);

 private:
  Storage& storage_;
  // Which file it was whose bytes were read, by location.
  Guarded<std::map<std::string, os::FileIdentity>> known_;
};

}  // namespace st::lake
