#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "os/file_system.h"
#include "os/process.h"

namespace st::os {
namespace {

std::unexpected<Error> FailErrno(const char* what, const std::string& path) {
  return std::unexpected(ErrorFromErrno(errno, fmt::format("{} {}", what, path)));
}

// Describes in words what kind of file `path` names; "" if nothing is there.
std::string_view KindAt(const std::string& path) {
  struct stat info{};
  if (::lstat(path.c_str(), &info) != 0) return "";
  if (S_ISLNK(info.st_mode) && ::stat(path.c_str(), &info) != 0) {
    return "a symbolic link that leads nowhere";
  }
  switch (info.st_mode & S_IFMT) {
    case S_IFDIR:
      return "a folder";
    case S_IFREG:
      return "a file";
    case S_IFIFO:
      return "a named pipe";
    case S_IFSOCK:
      return "a socket";
    default:
      return "a device";
  }
}

// The error `code` of a system call at `path`. It has the detail kWrongKindOfFile where the path
// names something else than `want`, "a file" or "a folder".
std::unexpected<Error> FailAt(int code, const char* what, const std::string& path,
                              std::string_view want) {
  switch (code) {
    case EISDIR:
    case ENOTDIR:
    case ENXIO:
    case ELOOP:
    case ENOENT:
      if (const auto kind = KindAt(path); !kind.empty() && kind != want) {
        return Fail(ErrorCode::kIo, ErrorDetail::kWrongKindOfFile, "{} is {}, not {}", path, kind,
                    want);
      }
      break;
    default:
      break;
  }
  return std::unexpected(ErrorFromErrno(code, fmt::format("{} {}", what, path)));
}

// Device and inode, which stay the same while a file or folder is open.
struct Identity {
  dev_t device = 0;
  ino_t inode = 0;
};

Identity IdentityOf(int fd) {
  struct stat open{};
  if (::fstat(fd, &open) != 0) return {};
  return {.device = open.st_dev, .inode = open.st_ino};
}

Result<std::uint64_t> SizeOf(const std::string& path, const Identity& identity) {
  struct stat named{};
  const bool is_there = ::stat(path.c_str(), &named) == 0;
  if (!is_there && errno != ENOENT && errno != ENOTDIR) return FailErrno("stat", path);
  if (is_there && named.st_dev == identity.device && named.st_ino == identity.inode) {
    return static_cast<std::uint64_t>(named.st_size);
  }
  return Fail(ErrorCode::kIo,
              "{} was {} while this process (pid {}) has it open: put back what was there, or end "
              "the process with `kill {}`",
              path, is_there ? "replaced" : "moved away or removed", ::getpid(), ::getpid());
}

class PosixFile final : public File {
 public:
  PosixFile(UniqueFd fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)), identity_(IdentityOf(fd_.get())) {}

  Result<std::size_t> ReadAt(std::uint64_t position, std::span<char> to) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t n = ::pread(fd_.get(), to.data() + done, to.size() - done,
                                static_cast<off_t>(position + done));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return FailErrno("read", path_);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Result<std::optional<std::size_t>> ReadCachedAt(std::uint64_t position,
                                                  std::span<char> to) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const iovec rest{to.data() + done, to.size() - done};
      const ssize_t n =
          ::preadv2(fd_.get(), &rest, 1, static_cast<off_t>(position + done), RWF_NOWAIT);
      if (n < 0 && errno == EINTR) continue;
      // EOPNOTSUPP: a file system that cannot tell, such as tmpfs.
      if (n < 0 && (errno == EAGAIN || errno == EOPNOTSUPP)) return std::nullopt;
      if (n < 0) return FailErrno("read", path_);
      if (n == 0) break;
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Status WriteAt(std::uint64_t position, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n =
          ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(position));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return FailErrno("write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(n));
      position += static_cast<std::uint64_t>(n);
    }
    return {};
  }

  Status WriteAllAt(std::uint64_t position, std::span<const std::string_view> parts) override {
    constexpr std::size_t kMaxParts = 512;  // below IOV_MAX
    std::vector<iovec> vectors;
    for (std::size_t i = 0; i < parts.size();) {
      vectors.clear();
      std::size_t bytes = 0;
      for (; i < parts.size() && vectors.size() < kMaxParts; ++i) {
        vectors.push_back({const_cast<char*>(parts[i].data()), parts[i].size()});
        bytes += parts[i].size();
      }
      ST_TRY_STATUS(WriteVectors(position, vectors, bytes));
      position += bytes;
    }
    return {};
  }

  Status Sync() override {
    if (::fdatasync(fd_.get()) != 0) return FailErrno("sync", path_);
    return {};
  }

  Status Allocate(std::uint64_t size) override {
    const int error = ::posix_fallocate(fd_.get(), 0, static_cast<off_t>(size));
    if (error == 0) return {};
    return std::unexpected(
        ErrorFromErrno(error, fmt::format("allocate {} bytes for {}", size, path_)));
  }

  Status Truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return FailErrno("truncate", path_);
    return {};
  }

  Result<std::uint64_t> Size() override {
    struct stat info{};
    if (::fstat(fd_.get(), &info) != 0) return FailErrno("stat", path_);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Result<std::uint64_t> SizeAt(const std::string& path) const override {
    return SizeOf(path, identity_);
  }

 private:
  Status WriteVectors(std::uint64_t position, std::vector<iovec>& vectors, std::size_t bytes) {
    std::size_t first = 0;
    while (bytes > 0) {
      const ssize_t n =
          ::pwritev(fd_.get(), vectors.data() + first, static_cast<int>(vectors.size() - first),
                    static_cast<off_t>(position));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return FailErrno("write", path_);
      auto left = static_cast<std::size_t>(n);
      bytes -= left;
      position += left;
      while (first < vectors.size() && left >= vectors[first].iov_len) {
        left -= vectors[first++].iov_len;
      }
      if (left == 0) continue;
      vectors[first].iov_base = static_cast<char*>(vectors[first].iov_base) + left;
      vectors[first].iov_len -= left;
    }
    return {};
  }

  const UniqueFd fd_;
  const std::string path_;
  const Identity identity_;
};

class PosixLock final : public FileLock {
 public:
  PosixLock(UniqueFd fd, std::string path)
      : fd_(std::move(fd)), path_(std::move(path)), identity_(IdentityOf(fd_.get())) {}
  Status CheckPlace() const override {
    ST_TRY_STATUS(SizeOf(path_, identity_));
    return {};
  }

 private:
  const UniqueFd fd_;
  const std::string path_;
  const Identity identity_;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC | O_NONBLOCK;  // the open of a named pipe must not block
    switch (mode) {
      case OpenMode::kRead:
        flags |= O_RDONLY;
        break;
      case OpenMode::kReadWrite:
        flags |= O_RDWR;
        break;
      case OpenMode::kCreateNew:
        flags |= O_RDWR | O_CREAT | O_EXCL;
        break;
      case OpenMode::kCreate:
        flags |= O_RDWR | O_CREAT;
        break;
    }
    UniqueFd fd(::open(path.c_str(), flags, 0644));
    if (!fd.is_open()) return FailAt(errno, "open", path, "a file");
    struct stat info{};
    if (::fstat(fd.get(), &info) != 0) return FailErrno("stat", path);
    if (!S_ISREG(info.st_mode)) return FailAt(EISDIR, "open", path, "a file");
    return std::make_unique<PosixFile>(std::move(fd), path);
  }

  Result<bool> Exists(const std::string& path) override {
    struct stat info{};
    if (::stat(path.c_str(), &info) == 0) return true;
    const int code = errno;
    if (::lstat(path.c_str(), &info) == 0 && S_ISLNK(info.st_mode)) {
      return Fail(ErrorCode::kIo, ErrorDetail::kWrongKindOfFile, "{} is {}", path, KindAt(path));
    }
    if (code == ENOENT || code == ENOTDIR) return false;
    return std::unexpected(ErrorFromErrno(code, fmt::format("stat {}", path)));
  }

  Result<std::vector<std::string>> List(const std::string& dir) override {
    DIR* handle = ::opendir(dir.c_str());
    if (handle == nullptr) return FailAt(errno, "list", dir, "a folder");
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(handle)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(handle);
    std::ranges::sort(names);
    return names;
  }

  Status CreateDirs(const std::string& dir) override {
    if (dir.empty() || dir == "/") return {};
    if (::mkdir(dir.c_str(), 0755) == 0) return SyncDir(DirName(dir));
    if (errno == EEXIST) {
      struct stat info{};
      if (::stat(dir.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return {};
      return Fail(ErrorCode::kAlreadyExists, ErrorDetail::kWrongKindOfFile,
                  "{} exists and is not a folder: it is {}", dir, KindAt(dir));
    }
    if (errno != ENOENT) return FailErrno("make folder", dir);
    ST_TRY_STATUS(CreateDirs(DirName(dir)));
    if (::mkdir(dir.c_str(), 0755) != 0 && errno != EEXIST) return FailErrno("make folder", dir);
    return SyncDir(DirName(dir));
  }

  Status Remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return FailErrno("remove", path);
    return {};
  }

  Status RemoveDir(const std::string& dir) override {
    if (::rmdir(dir.c_str()) != 0) return FailErrno("remove", dir);
    return {};
  }

  Status Rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return FailErrno("rename", from + " to " + to);
    return {};
  }

  Status Link(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) != 0) return FailErrno("link", from + " to " + to);
    return {};
  }

  Status SyncDir(const std::string& dir) override {
    const UniqueFd fd(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open()) return FailErrno("open folder", dir);
    if (::fsync(fd.get()) != 0) return FailErrno("sync folder", dir);
    return {};
  }

  Result<std::uint64_t> FreeBytes(const std::string& path) override {
    struct statvfs info{};
    if (::statvfs(path.c_str(), &info) != 0) return FailErrno("statvfs", path);
    return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  }

  Result<std::int64_t> ModifiedUs(const std::string& path) override {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return FailErrno("stat", path);
    return std::int64_t{info.st_mtim.tv_sec} * 1'000'000 + info.st_mtim.tv_nsec / 1000;
  }

  Result<FileIdentity> Identity(const std::string& path) override {
    struct stat info{};
    if (::stat(path.c_str(), &info) != 0) return FailErrno("stat", path);
    const auto ns = [](const timespec& time) {
      return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
    };
    return FileIdentity{.inode = info.st_ino,
                        .size_bytes = static_cast<std::uint64_t>(info.st_size),
                        .modified_ns = ns(info.st_mtim),
                        .changed_ns = ns(info.st_ctim)};
  }

  Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.is_open()) return FailErrno("open", path);
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) == 0)
      return std::make_unique<PosixLock>(std::move(fd), path);
    if (errno == EWOULDBLOCK) {
      return Fail(ErrorCode::kUnavailable, "{} is locked by another process", path);
    }
    return FailErrno("lock", path);
  }
};

}  // namespace

std::unique_ptr<FileSystem> MakePosixFileSystem() { return std::make_unique<PosixFileSystem>(); }

}  // namespace st::os
