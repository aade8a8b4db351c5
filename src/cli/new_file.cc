#include "cli/new_file.h"

#include <fmt/format.h>

#include "os/environment.h"
#include "os/paths.h"

namespace st::cli {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

Status CheckTarget(const std::string& path, bool may_replace) {
  switch (os::KindOfPath(path)) {
    case os::PathKind::kMissing:
      return {};
    case os::PathKind::kFile:
      if (may_replace) return {};
      return Fail(ErrorCode::kAlreadyExists, "{} exists: --force replaces it", path);
    case os::PathKind::kFolder:
      return Fail(ErrorCode::kInvalidArgument, "{} is a folder: name a file in it", path);
    case os::PathKind::kOther:
      return Fail(ErrorCode::kInvalidArgument, "{} is no file: `--to -` writes to stdout", path);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<NewFile>> NewFile::Begin(const std::string& path, bool may_replace) {
  ST_TRY_STATUS(CheckTarget(path, may_replace));
  auto made = std::unique_ptr<NewFile>(new NewFile(os::AbsolutePath(path), may_replace));
  const auto folder = os::DirName(made->path_);
  if (os::KindOfPath(folder) != os::PathKind::kFolder) {
    return Fail(ErrorCode::kInvalidArgument, "{}: there is no folder {}", path, folder);
  }
  ST_TRY(made->folder_, os::CanonicalPath(folder));
  made->temporary_ =
      os::JoinPath(made->folder_, fmt::format(".steelthread-{}.tmp", os::ProcessId()));
  // Whoever writes the file later has no better words for a folder that takes none.
  const auto written = os::WriteNewFile(*made->fs_, made->temporary_, "");
  made->Discard();
  if (!written) return std::unexpected(written.error());
  return made;
}

std::uint64_t NewFile::SizeNow() const {
  const auto file = fs_->Open(temporary_, os::OpenMode::kRead);
  return file ? (*file)->Size().value_or(0) : 0;
}

Status NewFile::Write(std::string_view bytes) {
  buffer_ += bytes;
  return buffer_.size() < kBufferBytes ? Status() : Flush();
}

Status NewFile::Flush() {
  if (!file_) {
    ST_TRY(file_, fs_->Open(temporary_, os::OpenMode::kCreateNew));
  }
  ST_TRY_STATUS(file_->WriteAt(position_, buffer_));
  position_ += buffer_.size();
  buffer_.clear();
  return {};
}

Status NewFile::Finish() {
  ST_TRY(const bool exists, fs_->Exists(temporary_));
  if (!exists || !buffer_.empty()) ST_TRY_STATUS(Flush());
  if (file_) ST_TRY_STATUS(file_->Sync());
  ST_TRY_STATUS(CheckTarget(path_, may_replace_));
  ST_TRY_STATUS(fs_->Rename(temporary_, path_));
  return fs_->SyncDir(folder_);
}

void NewFile::Discard() { Ignore(fs_->Remove(temporary_), "it may not have been begun"); }

}  // namespace st::cli
