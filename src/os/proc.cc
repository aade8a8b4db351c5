#include "os/proc.h"

#include <dirent.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <vector>

namespace st::os {
namespace {

constexpr std::size_t kMaxCommandBytes = 80;
constexpr std::string_view kTcpListen = "0A";  // include/net/tcp_states.h

std::string ReadProc(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> List(const std::string& path) {
  std::vector<std::string> names;
  DIR* dir = ::opendir(path.c_str());
  if (dir == nullptr) return names;
  while (const dirent* entry = ::readdir(dir)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(dir);
  return names;
}

std::optional<std::string> LinkOf(const std::string& path) {
  std::array<char, 256> target{};
  const ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
  if (n <= 0) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(n));
}

// Adds the sockets that listen on `port`, in the form of /proc/*/fd links.
void AddListeners(const std::string& table, std::uint16_t port, std::set<std::string>& links) {
  std::istringstream lines(ReadProc(table));
  std::string line;
  std::getline(lines, line);  // skips the names of the columns
  const std::string ending = fmt::format(":{:04X}", port);
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    const std::vector<std::string> word{std::istream_iterator<std::string>(words), {}};
    if (word.size() < 10 || !word[1].ends_with(ending) || word[3] != kTcpListen) continue;
    links.insert(fmt::format("socket:[{}]", word[9]));
  }
}

}  // namespace

std::string ProcessInfo::ToString() const {
  return command.empty() ? fmt::format("process {}", pid)
                         : fmt::format("process {} ({})", pid, command);
}

std::optional<ProcessInfo> FindProcess(pid_t pid) {
  struct stat info{};
  const std::string folder = fmt::format("/proc/{}", pid);
  if (pid <= 0 || ::stat(folder.c_str(), &info) != 0) return std::nullopt;
  std::string command = ReadProc(folder + "/cmdline");
  while (command.ends_with('\0')) command.pop_back();
  const auto program = command.substr(0, command.find('\0'));
  command.erase(0, program.rfind('/') + 1);
  for (char& c : command) {
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  }
  if (command.size() > kMaxCommandBytes) command = command.substr(0, kMaxCommandBytes) + "…";
  return ProcessInfo{pid, std::move(command)};
}

std::optional<ProcessInfo> FindLockHolder(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  const auto inode =
      fmt::format("{:02x}:{:02x}:{}", major(info.st_dev), minor(info.st_dev), info.st_ino);
  std::istringstream lines(ReadProc("/proc/locks"));
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    // A holder's line is "1: FLOCK  ADVISORY  WRITE 4711 08:02:131090 0 EOF"; that of a process
    // that waits is "1: -> FLOCK …".
    const std::vector<std::string> word{std::istream_iterator<std::string>(words), {}};
    if (word.size() < 6 || word[1] != "FLOCK" || word[5] != inode) continue;
    return FindProcess(std::atoi(word[4].c_str()));
  }
  return std::nullopt;
}

std::optional<ProcessInfo> FindListener(std::uint16_t port) {
  std::set<std::string> links;
  AddListeners("/proc/net/tcp", port, links);
  AddListeners("/proc/net/tcp6", port, links);
  if (links.empty()) return std::nullopt;
  for (const auto& name : List("/proc")) {
    const pid_t pid = std::atoi(name.c_str());
    if (pid <= 0) continue;
    const std::string folder = fmt::format("/proc/{}/fd", pid);
    const auto fds = List(folder);
    const bool holds = std::ranges::any_of(fds, [&](const auto& fd) {
      const auto link = LinkOf(folder + "/" + fd);
      return link && links.contains(*link);
    });
    if (holds) return FindProcess(pid);
  }
  return std::nullopt;
}

std::optional<std::size_t> CountDescriptors(pid_t pid) {
  const std::string folder = fmt::format("/proc/{}/fd", pid);
  if (::access(folder.c_str(), R_OK) != 0) return std::nullopt;
  return List(folder).size();
}

std::optional<FileOwner> FindOwner(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  const passwd* user = ::getpwuid(info.st_uid);
  return FileOwner{info.st_uid,
                   user != nullptr ? user->pw_name : fmt::format("user {}", info.st_uid)};
}

}  // namespace st::os
