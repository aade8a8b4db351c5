// LevelDB's Env on an os::FileSystem, so that LevelDB runs on the simulated disk. Threads and time
// are those of LevelDB's own Env: LevelDB compacts on a thread that no test can step.
//
// Threads: safe from any thread.
// Owner:   the caller; `fs` must outlive it, and it must outlive every database.
#pragma once

#include <leveldb/env.h>

#include <string>
#include <vector>

#include "os/file_system.h"

namespace st::idempotency::testing {

class LevelDbEnv final : public leveldb::EnvWrapper {
 public:
  explicit LevelDbEnv(os::FileSystem& fs) : EnvWrapper(leveldb::Env::Default()), fs_(fs) {}

  leveldb::Status NewSequentialFile(const std::string& path,
                                    leveldb::SequentialFile** file) override;
  leveldb::Status NewRandomAccessFile(const std::string& path,
                                      leveldb::RandomAccessFile** file) override;
  leveldb::Status NewWritableFile(const std::string& path, leveldb::WritableFile** file) override;
  leveldb::Status NewAppendableFile(const std::string& path, leveldb::WritableFile** file) override;
  bool FileExists(const std::string& path) override;
  leveldb::Status GetChildren(const std::string& dir, std::vector<std::string>* names) override;
  leveldb::Status RemoveFile(const std::string& path) override;
  leveldb::Status CreateDir(const std::string& dir) override;
  leveldb::Status RemoveDir(const std::string& dir) override;
  leveldb::Status GetFileSize(const std::string& path, std::uint64_t* size) override;
  leveldb::Status RenameFile(const std::string& from, const std::string& to) override;
  leveldb::Status LockFile(const std::string& path, leveldb::FileLock** lock) override;
  leveldb::Status UnlockFile(leveldb::FileLock* lock) override;
  leveldb::Status NewLogger(const std::string& path, leveldb::Logger** logger) override;

 private:
  os::FileSystem& fs_;
};

}  // namespace st::idempotency::testing
