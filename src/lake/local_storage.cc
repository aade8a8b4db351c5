#include "lake/local_storage.h"

#include <utility>

namespace st::lake {
namespace {

class LocalFile final : public StoredFile {
 public:
  explicit LocalFile(std::unique_ptr<os::File> file) : file_(std::move(file)) {}
  Result<std::uint64_t> Size() override { return file_->Size(); }
  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) override {
    return file_->ReadAt(position, to);
  }

 private:
  const std::unique_ptr<os::File> file_;
};

class LocalStorage final : public Storage {
 public:
  LocalStorage(os::FileSystem& fs, std::string root) : fs_(fs), root_(std::move(root)) {}

  const std::string& root() const override { return root_; }
  std::string UriOf(std::string_view location) const override {
    return "file://" + std::string(location);
  }
  Status Write(const std::string& location, std::string_view bytes) override {
    return os::WriteNewFile(fs_, location, bytes);
  }
  Status CreateIfAbsent(const std::string& location, std::string_view bytes,
                        const Uuid& attempt) override;
  Status Replace(const std::string& location, std::string_view bytes) override;
  Result<std::string> Read(const std::string& location, std::uint64_t limit_bytes) override {
    return os::ReadWholeFile(fs_, location, limit_bytes);
  }
  Result<std::unique_ptr<StoredFile>> Open(const std::string& location) override {
    ST_TRY(auto file, fs_.Open(location, os::OpenMode::kRead));
    return std::make_unique<LocalFile>(std::move(file));
  }
  Result<std::int64_t> ModifiedUs(const std::string& location) override {
    return fs_.ModifiedUs(location);
  }
  Result<os::FileIdentity> Identity(const std::string& location) override {
    return fs_.Identity(location);
  }
  Result<std::vector<std::string>> List(const std::string& folder) override {
    auto names = fs_.List(folder);
    if (!names && names.error().code() == ErrorCode::kNotFound) return std::vector<std::string>();
    return names;
  }
  Status Remove(const std::string& location) override { return fs_.Remove(location); }
  Status Copy(const std::string& from, const std::string& to) override {
    return fs_.Link(from, to);
  }
  Status MakeFolder(const std::string& folder) override { return fs_.CreateDirs(folder); }
  Status RemoveFolder(const std::string& folder) override {
    const auto removed = fs_.RemoveDir(folder);
    if (!removed && removed.error().code() == ErrorCode::kNotFound) return {};
    return removed;
  }
  Status SyncFolder(const std::string& folder) override { return fs_.SyncDir(folder); }
  Status SyncFolderAgain(const std::string& folder) override;

 private:
  // Removes the file at `path`, if there is one.
  Status RemoveIfPresent(const std::string& path) {
    const auto removed = fs_.Remove(path);
    if (!removed && removed.error().code() == ErrorCode::kNotFound) return {};
    return removed;
  }

  os::FileSystem& fs_;
  const std::string root_;
};

Status LocalStorage::CreateIfAbsent(const std::string& location, std::string_view bytes,
                                    const Uuid& attempt) {
  const auto folder = os::DirName(location);
  const auto temporary = fmt::format("{}.{}.tmp", location, attempt.ToString());
  auto written = os::WriteNewFile(fs_, temporary, bytes);
  // I7: the names of the files that the bytes refer to are durable before this name exists.
  if (written) written = fs_.SyncDir(folder);
  if (!written) {
    Ignore(fs_.Remove(temporary), "the table's sweep removes it later");
    return written;
  }
  const auto linked = fs_.Link(temporary, location);
  Ignore(fs_.Remove(temporary), "the table's sweep removes it later");
  if (!linked) {
    const auto code = linked.error().code();
    // After any other error it is unknown whether the link exists.
    if (code == ErrorCode::kAlreadyExists || code == ErrorCode::kUnavailable) return linked;
    return Fail(ErrorCode::kOutcomeUnknown, "{}", linked.error().message());
  }
  if (const auto synced = fs_.SyncDir(folder); !synced) {
    return Fail(ErrorCode::kOutcomeUnknown, "{}", synced.error().message());
  }
  return {};
}

Status LocalStorage::Replace(const std::string& location, std::string_view bytes) {
  const auto temporary = location + ".tmp";
  ST_TRY_STATUS(RemoveIfPresent(temporary));  // a crash may have left it
  ST_TRY(const auto file, fs_.Open(temporary, os::OpenMode::kCreateNew));
  ST_TRY_STATUS(file->WriteAt(0, bytes));
  return fs_.Rename(temporary, location);
}

Status LocalStorage::SyncFolderAgain(const std::string& folder) {
  // A new name makes the folder dirty, so that the sync must write it.
  const auto probe = os::JoinPath(folder, "sync.tmp");
  ST_TRY_STATUS(RemoveIfPresent(probe));
  ST_TRY_STATUS(os::WriteNewFile(fs_, probe, ""));
  const auto synced = fs_.SyncDir(folder);
  Ignore(fs_.Remove(probe), "the table's sweep removes it later");
  return synced;
}

}  // namespace

std::unique_ptr<Storage> MakeLocalStorage(os::FileSystem& fs, std::string root) {
  while (root.size() > 1 && root.ends_with('/')) root.pop_back();
  return std::make_unique<LocalStorage>(fs, std::move(root));
}

}  // namespace st::lake
