// The data folder. One process uses it at a time, by a lock on the folder itself, and it has one
// format version. Only its owner may read it, since it holds the players' data.
//
// Layout: <data.dir>/format (a line with the version), log/, answers/, warehouse/,
//         run/control.sock, run/endpoints.json, run/pid (the lock's holder).
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "os/file_system.h"
#include "os/held_file_system.h"

namespace st::app {

inline constexpr int kDataFormat = 1;

// An error of opening the data folder's log or tables: kCorruption with the remedy where something
// else has the name of one of their files or folders, such as a pipe; else the error itself.
Error AsDamage(const Error& error);

class DataDir {
 public:
  // Creates the folder where it is missing and locks it. kUnavailable: another process has it;
  // kUnsupported: its format is newer; kInvalidArgument: it is no data folder and has files of
  // others; kCorruption: it has other contents than a data folder; kIo. A folder that is refused
  // stays as it is.
  static Result<std::unique_ptr<DataDir>> Open(os::FileSystem& fs, const std::string& path);
  // Returns the error with which Open would refuse the folder, and neither locks nor changes it; a
  // missing folder is accepted. kCorruption also where the log of the folder is missing.
  static Status CheckFolder(os::FileSystem& fs, const std::string& path);
  // Refuses a folder of a newer format, and neither locks nor changes it.
  static Status CheckFormat(os::FileSystem& fs, const std::string& path);
  // Removes run/pid and releases the lock.
  ~DataDir();
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  std::string log_dir() const { return os::JoinPath(path_, "log"); }
  std::string game_dir() const { return os::JoinPath(path_, "game"); }
  std::string answers_dir() const { return os::JoinPath(path_, "answers"); }
  std::string warehouse_dir() const { return os::JoinPath(path_, "warehouse"); }
  std::string control_path() const { return ControlPath(path_); }
  static std::string ControlPath(const std::string& path) {
    return os::JoinPath(path, "run/control.sock");
  }
  // kIo: the folder was moved, replaced or removed since it was locked.
  Status CheckPlace() const { return lock_->CheckPlace(); }
  // For all files of the folder; every call fails once CheckPlace fails.
  os::FileSystem& fs() { return *held_; }
  // Writes the file atomically, when all listeners are open; it is removed at start and stop.
  Status WriteEndpoints(const std::string& json);
  void RemoveEndpoints();

 private:
  DataDir(os::FileSystem& fs, std::string path) : fs_(fs), path_(std::move(path)) {}
  Status CheckLog() const;
  std::string pid_path() const { return os::JoinPath(path_, "run/pid"); }
  std::string endpoints_path() const { return os::JoinPath(path_, "run/endpoints.json"); }

  os::FileSystem& fs_;
  std::string path_;
  std::unique_ptr<os::FileLock> lock_;
  std::unique_ptr<os::HeldFileSystem> held_;  // with lock_
};

}  // namespace st::app
