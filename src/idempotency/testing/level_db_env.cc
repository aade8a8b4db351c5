#include "idempotency/testing/level_db_env.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

namespace st::idempotency::testing {
namespace {

leveldb::Status StatusOf(const Error& error) {
  return error.code() == ErrorCode::kNotFound ? leveldb::Status::NotFound(error.message())
                                              : leveldb::Status::IOError(error.message());
}

template <typename T>
leveldb::Status StatusOf(const Result<T>& result) {
  return result ? leveldb::Status::OK() : StatusOf(result.error());
}

class SequentialFile final : public leveldb::SequentialFile {
 public:
  explicit SequentialFile(std::unique_ptr<os::File> file) : file_(std::move(file)) {}
  leveldb::Status Read(std::size_t n, leveldb::Slice* result, char* scratch) override {
    const auto got = file_->ReadAt(at_, std::span(scratch, n));
    if (!got) return StatusOf(got.error());
    at_ += *got;
    *result = leveldb::Slice(scratch, *got);
    return leveldb::Status::OK();
  }
  leveldb::Status Skip(std::uint64_t n) override {
    at_ += n;
    return leveldb::Status::OK();
  }

 private:
  std::unique_ptr<os::File> file_;
  std::uint64_t at_ = 0;
};

class RandomAccessFile final : public leveldb::RandomAccessFile {
 public:
  explicit RandomAccessFile(std::unique_ptr<os::File> file) : file_(std::move(file)) {}
  leveldb::Status Read(std::uint64_t offset, std::size_t n, leveldb::Slice* result,
                       char* scratch) const override {
    const auto got = file_->ReadAt(offset, std::span(scratch, n));
    if (!got) return StatusOf(got.error());
    *result = leveldb::Slice(scratch, *got);
    return leveldb::Status::OK();
  }

 private:
  std::unique_ptr<os::File> file_;
};

// As LevelDB's own: writes go to a buffer, and the sync of a manifest syncs the folder before it.
class WritableFile final : public leveldb::WritableFile {
 public:
  WritableFile(os::FileSystem& fs, std::string path, std::unique_ptr<os::File> file,
               std::uint64_t at)
      : fs_(fs), path_(std::move(path)), file_(std::move(file)), at_(at) {}
  leveldb::Status Append(const leveldb::Slice& data) override {
    constexpr std::size_t kBufferBytes = 64 << 10;
    buffer_.append(data.data(), data.size());
    return buffer_.size() < kBufferBytes ? leveldb::Status::OK() : Flush();
  }
  leveldb::Status Close() override { return Flush(); }
  leveldb::Status Flush() override {
    if (buffer_.empty()) return leveldb::Status::OK();
    const auto written = file_->WriteAt(at_, buffer_);
    if (!written) return StatusOf(written);
    at_ += buffer_.size();
    buffer_.clear();
    return leveldb::Status::OK();
  }
  leveldb::Status Sync() override {
    if (path_.contains("/MANIFEST")) {
      const auto synced = fs_.SyncDir(os::DirName(path_));
      if (!synced) return StatusOf(synced);
    }
    if (auto flushed = Flush(); !flushed.ok()) return flushed;
    return StatusOf(file_->Sync());
  }

 private:
  os::FileSystem& fs_;
  const std::string path_;
  std::unique_ptr<os::File> file_;
  std::uint64_t at_;
  std::string buffer_;
};

class FileLock final : public leveldb::FileLock {
 public:
  explicit FileLock(std::unique_ptr<os::FileLock> lock) : lock_(std::move(lock)) {}

 private:
  std::unique_ptr<os::FileLock> lock_;
};

class NoLogger final : public leveldb::Logger {
 public:
  void Logv(const char*, std::va_list) override {}
};

}  // namespace

leveldb::Status LevelDbEnv::NewSequentialFile(const std::string& path,
                                              leveldb::SequentialFile** file) {
  auto opened = fs_.Open(path, os::OpenMode::kRead);
  *file = opened ? new SequentialFile(std::move(*opened)) : nullptr;
  return StatusOf(opened);
}

leveldb::Status LevelDbEnv::NewRandomAccessFile(const std::string& path,
                                                leveldb::RandomAccessFile** file) {
  auto opened = fs_.Open(path, os::OpenMode::kRead);
  *file = opened ? new RandomAccessFile(std::move(*opened)) : nullptr;
  return StatusOf(opened);
}

leveldb::Status LevelDbEnv::NewWritableFile(const std::string& path, leveldb::WritableFile** file) {
  *file = nullptr;
  Ignore(fs_.Remove(path), "it need not exist");
  auto opened = fs_.Open(path, os::OpenMode::kCreateNew);
  if (opened) *file = new WritableFile(fs_, path, std::move(*opened), 0);
  return StatusOf(opened);
}

leveldb::Status LevelDbEnv::NewAppendableFile(const std::string& path,
                                              leveldb::WritableFile** file) {
  *file = nullptr;
  auto opened = fs_.Open(path, os::OpenMode::kCreate);
  if (!opened) return StatusOf(opened);
  const auto size = (*opened)->Size();
  if (size) *file = new WritableFile(fs_, path, std::move(*opened), *size);
  return StatusOf(size);
}

bool LevelDbEnv::FileExists(const std::string& path) { return fs_.Exists(path).value_or(false); }

leveldb::Status LevelDbEnv::GetChildren(const std::string& dir, std::vector<std::string>* names) {
  names->clear();
  auto listed = fs_.List(dir);
  if (listed) *names = std::move(*listed);
  return StatusOf(listed);
}

leveldb::Status LevelDbEnv::RemoveFile(const std::string& path) {
  return StatusOf(fs_.Remove(path));
}

leveldb::Status LevelDbEnv::CreateDir(const std::string& dir) {
  return StatusOf(fs_.CreateDirs(dir));
}

leveldb::Status LevelDbEnv::RemoveDir(const std::string& dir) { return StatusOf(fs_.Remove(dir)); }

leveldb::Status LevelDbEnv::GetFileSize(const std::string& path, std::uint64_t* size) {
  const auto file = fs_.Open(path, os::OpenMode::kRead);
  if (!file) return StatusOf(file.error());
  const auto bytes = (*file)->Size();
  *size = bytes.value_or(0);
  return StatusOf(bytes);
}

leveldb::Status LevelDbEnv::RenameFile(const std::string& from, const std::string& to) {
  return StatusOf(fs_.Rename(from, to));
}

// LevelDB locks a file in the database's folder; here the folder itself is locked.
leveldb::Status LevelDbEnv::LockFile(const std::string& path, leveldb::FileLock** lock) {
  auto held = fs_.Lock(os::DirName(path));
  *lock = held ? new FileLock(std::move(*held)) : nullptr;
  return StatusOf(held);
}

leveldb::Status LevelDbEnv::UnlockFile(leveldb::FileLock* lock) {
  delete lock;
  return leveldb::Status::OK();
}

leveldb::Status LevelDbEnv::NewLogger(const std::string&, leveldb::Logger** logger) {
  *logger = new NoLogger();
  return leveldb::Status::OK();
}

}  // namespace st::idempotency::testing
