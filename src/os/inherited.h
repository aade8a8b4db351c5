// The state that a process inherits from its parent: descriptors, signals, timers, time zone and
// locale, the mode of new files, limits. None of it is trusted; each has a known value after these
// calls.
//
// Threads: call before any other thread starts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace st::os {

// Every program's first call.
// - Descriptors 0 to 2 that are closed are opened on /dev/null: the next file would take their
//   number, and messages would be written into it. Others are not passed on to children.
// - Signals have their default action and none is blocked. SIGHUP, SIGINT and SIGQUIT that are
//   ignored stay so (nohup, `command &` of a script). Timers are off.
// - Time zone UTC, locale C: the same input gives the same answer everywhere.
// Errors: kIo, a descriptor cannot be opened.
Status NormalizeInherited();

// Of a process that owns data, or that will: closes every descriptor above 2, which may hold a pipe
// or a lock of others open, and makes new files and folders private to the user.
void OwnInherited();
// New files and folders are private to the user.
void KeepFilesPrivate();

// One limit of this process (setrlimit) and its required value.
struct ProcessLimit {
  std::string name;         // "bytes of a file"
  std::string flag;         // of the shell's ulimit: "-f"
  std::uint64_t value = 0;  // bytes, descriptors, seconds; kUnlimited
  std::uint64_t least = 0;  // below it the server does not start
  bool is_enough() const { return value >= least; }
  // "the limit of the bytes of a file is 1048576, and … is needed: raise it (ulimit -f)"
  std::string ToString() const;
};
inline constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};

struct LimitNeeds {
  std::uint64_t file_bytes = 0;     // the largest file that must be possible
  std::uint64_t address_bytes = 0;  // of the largest process
  std::uint64_t open_files = 0;
};
// Raises each limit as far as it may be raised, and gives threads the same stack everywhere. The
// limits that are in force then.
std::vector<ProcessLimit> RaiseLimits(const LimitNeeds& needs);
// kUnavailable names the first limit that is too low, and the remedy.
Status CheckLimits(const std::vector<ProcessLimit>& limits);

}  // namespace st::os
