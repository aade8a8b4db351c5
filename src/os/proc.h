// Finds the processes that hold locks and ports, by /proc. Only root sees ports of other users'
// processes.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace st::os {

// A process: its number and the beginning of its command line.
struct ProcessInfo {
  pid_t pid = 0;
  std::string command;  // "steelthread up -C game"; "" where it may not be read
  // "process 4711 (steelthread up -C game)"
  std::string ToString() const;
};

// nullopt: no such process.
std::optional<ProcessInfo> FindProcess(pid_t pid);
// The process that holds the lock (flock) of this file or folder; nullopt: none that is visible.
std::optional<ProcessInfo> FindLockHolder(const std::string& path);
// A folder that a process has locked (flock).
struct LockedFolder {
  ProcessInfo process;
  std::string path;  // where it lies now; where it lay last if it was removed
  bool is_removed = false;
};
// The folders that visible processes have locked, by process. Looks at all their descriptors.
std::vector<LockedFolder> FindLockedFolders();
// The folder in which this process's relative paths begin, or where that lay before it was removed;
// nullopt: it is not known.
std::optional<std::string> LastWorkingDir();
// The TCP ports on which a process listens, in order; none where they may not be read.
std::vector<std::uint16_t> ListeningPorts(pid_t pid);
// The process that listens on this TCP port, on any address; nullopt: none that is visible.
std::optional<ProcessInfo> FindListener(std::uint16_t port);
// Open descriptors of a process; nullopt: they may not be read.
std::optional<std::size_t> CountDescriptors(pid_t pid);
// The owner of a file.
struct FileOwner {
  uid_t uid = 0;
  std::string name;  // "user 1000" where it has none
};
// nullopt: no such file.
std::optional<FileOwner> FindOwner(const std::string& path);

}  // namespace st::os
