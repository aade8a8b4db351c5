#include "app/data_dir.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "os/environment.h"
#include "os/private_files.h"
#include "os/proc.h"

namespace st::app {

namespace {

// Log and tables are truth, so another kind of file in their place is damage. A missing folder is
// no damage.
Status CheckIsFolder(os::FileSystem& fs, const std::string& dir) {
  const auto names = fs.List(dir);
  if (names || names.error().code() == ErrorCode::kNotFound) return {};
  return std::unexpected(AsDamage(names.error()));
}

// Names that a folder without a format may have: those of a data folder, of which a start that was
// refused or killed leaves some, a volume's own folder, and hidden files.
bool MayBeInNewFolder(std::string_view name) {
  constexpr std::array<std::string_view, 7> kKnown = {"run",     "format.tmp", "warehouse", "game",
                                                      "answers", "removed",    "lost+found"};
  return name.starts_with('.') || std::ranges::find(kKnown, name) != kKnown.end();
}

// Refuses a folder without a format unless a start may make a data folder of it.
Status CheckIsNew(const std::string& path, const std::vector<std::string>& names) {
  if (std::ranges::find(names, "log") != names.end()) {
    return Fail(ErrorCode::kCorruption,
                "{} has a log but no file \"format\"; restore it from a copy", path);
  }
  const auto other = std::ranges::find_if_not(names, MayBeInNewFolder);
  if (other == names.end()) return {};
  return Fail(
      ErrorCode::kInvalidArgument,
      "{} is no data folder, and has other files, such as {}: name a new or an empty folder "
      "with --data or data.dir",
      path, *other);
}

}  // namespace

Error AsDamage(const Error& error) {
  if (error.detail() != ErrorDetail::kWrongKindOfFile) return error;
  return Error(ErrorCode::kCorruption, error.detail(),
               fmt::format("{}: restore the data folder as a whole from a copy", error.message()));
}

Status DataDir::CheckFormat(os::FileSystem& fs, const std::string& path) {
  const std::string file = os::JoinPath(path, "format");
  const auto text = os::ReadWholeFile(fs, file, 100);
  if (!text) return std::unexpected(AsDamage(text.error()));
  const auto version = ParseInt64(Trim(*text));
  if (!version) {
    return Fail(ErrorCode::kCorruption, "{}: no format version in it; restore it from a copy",
                file);
  }
  if (*version <= kDataFormat) return {};
  return Fail(ErrorCode::kUnsupported,
              "data folder {} has format {}, newer than this program knows ({}): use a newer "
              "steelthread",
              path, *version, kDataFormat);
}

Status DataDir::CheckFolder(os::FileSystem& fs, const std::string& path) {
  const auto exists = fs.Exists(path);
  if (!exists) return std::unexpected(exists.error().WithContext("data folder"));
  if (!*exists) return {};
  const auto names = fs.List(path);
  if (!names) return std::unexpected(names.error().WithContext("data folder"));
  const DataDir dir(fs, path);
  const auto known = fs.Exists(os::JoinPath(path, "format"));
  if (!known) return std::unexpected(AsDamage(known.error()));
  if (*known) ST_TRY_STATUS(CheckFormat(fs, path));
  ST_TRY_STATUS(CheckIsFolder(fs, dir.log_dir()));
  ST_TRY_STATUS(CheckIsFolder(fs, dir.warehouse_dir()));
  return *known ? dir.CheckLog() : CheckIsNew(path, *names);
}

Result<std::unique_ptr<DataDir>> DataDir::Open(os::FileSystem& fs, const std::string& path) {
  if (auto made = fs.CreateDirs(path); !made) {
    return Fail(made.error().code(),
                "data folder: {}; name one that can be made with --data FOLDER",
                made.error().message());
  }
  auto dir = std::unique_ptr<DataDir>(new DataDir(fs, path));
  auto lock = fs.Lock(path);
  if (!lock && lock.error().code() == ErrorCode::kUnavailable) {
    const auto holder = os::FindLockHolder(path);
    return Fail(ErrorCode::kUnavailable,
                "data folder {} is in use by {}: stop it, or take another with --data", path,
                holder ? holder->ToString() : "another process");
  }
  if (!lock) return std::unexpected(lock.error().WithContext("data folder"));
  dir->lock_ = std::move(*lock);
  dir->held_ = std::make_unique<os::HeldFileSystem>(fs, *dir->lock_);
  ST_TRY_STATUS(CheckFolder(fs, path));
  // An older version may have left it open to others. A folder that is refused stays as it is.
  ST_TRY_STATUS(os::MakePrivate(path));
  ST_TRY(const bool known, fs.Exists(os::JoinPath(path, "format")));
  if (!known) {
    ST_TRY_STATUS(os::WriteFileAtomically(fs, os::JoinPath(path, "format"),
                                          fmt::format("{}\n", kDataFormat)));
  }
  ST_TRY_STATUS(os::OpenDerivedDir(fs, os::JoinPath(path, "run")));
  dir->RemoveEndpoints();
  // Written before anything listens: a client that reads endpoints.json then finds this server's
  // pid too, never that of a dead server.
  ST_TRY_STATUS(os::ReplaceDerivedFile(fs, dir->pid_path(), fmt::format("{}\n", os::ProcessId())));
  return dir;
}

// While the lock is held: afterwards the file may be another process's.
DataDir::~DataDir() {
  if (held_) Ignore(held_->Remove(pid_path()), "only commands read it");
}

// Derived folders without a log mean that the log was lost: refuse to start.
Status DataDir::CheckLog() const {
  const auto has_any = [this](const std::string& dir, std::string_view ending) -> Result<bool> {
    ST_TRY(const bool exists, fs_.Exists(dir));
    if (!exists) return false;
    ST_TRY(const auto names, fs_.List(dir));
    return std::ranges::any_of(names, [&](const auto& name) { return name.ends_with(ending); });
  };
  ST_TRY(const bool has_segments, has_any(log_dir(), ".log"));
  if (has_segments) return {};
  for (const auto& derived : {answers_dir(), game_dir(), warehouse_dir()}) {
    ST_TRY(const bool is_there, has_any(derived, ""));
    if (!is_there) continue;
    return Fail(
        ErrorCode::kCorruption,
        "{} has no segment, but {} is there, which is derived from the log: restore the log "
        "from a copy, or move the whole folder {} away to begin anew",
        log_dir(), derived, path_);
  }
  return {};
}

Status DataDir::WriteEndpoints(const std::string& json) {
  return os::ReplaceDerivedFile(*held_, endpoints_path(), json);
}

void DataDir::RemoveEndpoints() {
  Ignore(held_->Remove(endpoints_path()), "it may not be there; a stale one names a dead server");
}

}  // namespace st::app
