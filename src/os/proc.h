// Which process holds what, as /proc says. Of processes of other users only root learns ports.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

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
// Who holds the lock (flock) of this file or folder; nullopt: nobody that can be seen.
std::optional<ProcessInfo> FindLockHolder(const std::string& path);
// Who listens on this TCP port, on any address; nullopt: nobody, or it may not be known.
std::optional<ProcessInfo> FindListener(std::uint16_t port);
// Open descriptors of a process; nullopt: they may not be read.
std::optional<std::size_t> CountDescriptors(pid_t pid);
// Whose a file is.
struct FileOwner {
  uid_t uid = 0;
  std::string name;  // "user 1000" where it has none
};
// nullopt: no such file.
std::optional<FileOwner> FindOwner(const std::string& path);

}  // namespace st::os
