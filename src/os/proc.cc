#include "os/proc.h"

#include <dirent.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace st::os {
namespace {

constexpr std::size_t kMaxCommandBytes = 80;
constexpr std::string_view kRemoved = " (deleted)";  // behind the last path of a removed file
constexpr std::string_view kTcpListen = "0A";        // include/net/tcp_states.h

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
  std::array<char, PATH_MAX + kRemoved.size()> target{};
  const ssize_t n = ::readlink(path.c_str(), target.data(), target.size());
  if (n <= 0) return std::nullopt;
  return std::string(target.data(), static_cast<std::size_t>(n));
}

// The processes that are visible.
std::vector<pid_t> Processes() {
  std::vector<pid_t> pids;
  for (const auto& name : List("/proc")) {
    const pid_t pid = std::atoi(name.c_str());
    if (pid > 0) pids.push_back(pid);
  }
  return pids;
}

// A socket that listens, in the form of /proc/*/fd links, and its port.
struct Listener {
  std::string link;
  std::uint16_t port = 0;
};

void AddListeners(const std::string& table, std::vector<Listener>& listeners) {
  std::istringstream lines(ReadProc(table));
  std::string line;
  std::getline(lines, line);  // skips the names of the columns
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    const std::vector<std::string> word{std::istream_iterator<std::string>(words), {}};
    if (word.size() < 10 || word[3] != kTcpListen) continue;
    const auto port = std::strtoul(word[1].c_str() + word[1].rfind(':') + 1, nullptr, 16);
    listeners.push_back(
        {.link = fmt::format("socket:[{}]", word[9]), .port = static_cast<std::uint16_t>(port)});
  }
}

std::vector<Listener> Listeners() {
  std::vector<Listener> listeners;
  AddListeners("/proc/net/tcp", listeners);
  AddListeners("/proc/net/tcp6", listeners);
  return listeners;
}

// The targets of a process's descriptors, by the name of each.
std::map<std::string, std::string> DescriptorsOf(pid_t pid) {
  std::map<std::string, std::string> targets;
  const std::string folder = fmt::format("/proc/{}/fd", pid);
  for (const auto& name : List(folder)) {
    if (auto target = LinkOf(folder + "/" + name)) targets[name] = *std::move(target);
  }
  return targets;
}

// The folder that a descriptor has locked; nullopt: it is no folder, or has no lock.
std::optional<LockedFolder> LockedFolderOf(pid_t pid, const std::string& descriptor,
                                           std::string path) {
  struct stat info{};
  const auto link = fmt::format("/proc/{}/fd/{}", pid, descriptor);
  if (::stat(link.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) return std::nullopt;
  // "lock: 1: FLOCK  ADVISORY  WRITE 4711 08:02:131090 0 EOF". A child that was just forked has the
  // descriptor of its parent for a moment.
  const auto state = ReadProc(fmt::format("/proc/{}/fdinfo/{}", pid, descriptor));
  if (!state.contains("FLOCK") || !state.contains(fmt::format(" {} ", pid))) return std::nullopt;
  auto process = FindProcess(pid);
  if (!process) return std::nullopt;
  // A folder that is there may have a name that ends so.
  struct stat at_path{};
  const bool is_there = ::stat(path.c_str(), &at_path) == 0 && at_path.st_ino == info.st_ino &&
                        at_path.st_dev == info.st_dev;
  const bool is_removed = !is_there && path.ends_with(kRemoved);
  if (is_removed) path.resize(path.size() - kRemoved.size());
  return LockedFolder{
      .process = *std::move(process), .path = std::move(path), .is_removed = is_removed};
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

std::vector<LockedFolder> FindLockedFolders() {
  std::vector<LockedFolder> folders;
  for (const auto pid : Processes()) {
    for (const auto& [name, target] : DescriptorsOf(pid)) {
      if (!target.starts_with('/')) continue;
      if (auto folder = LockedFolderOf(pid, name, target)) folders.push_back(*std::move(folder));
    }
  }
  return folders;
}

std::optional<std::string> LastWorkingDir() {
  auto folder = LinkOf("/proc/self/cwd");
  struct stat info{};
  const bool is_there = folder && ::stat(folder->c_str(), &info) == 0;
  if (folder && !is_there && folder->ends_with(kRemoved)) {
    folder->resize(folder->size() - kRemoved.size());
  }
  return folder;
}

std::vector<std::uint16_t> ListeningPorts(pid_t pid) {
  std::set<std::string> sockets;
  for (const auto& [name, target] : DescriptorsOf(pid)) sockets.insert(target);
  std::set<std::uint16_t> ports;
  for (const auto& listener : Listeners()) {
    if (sockets.contains(listener.link)) ports.insert(listener.port);
  }
  return {ports.begin(), ports.end()};
}

std::optional<ProcessInfo> FindListener(std::uint16_t port) {
  std::set<std::string> links;
  for (const auto& listener : Listeners()) {
    if (listener.port == port) links.insert(listener.link);
  }
  if (links.empty()) return std::nullopt;
  for (const auto pid : Processes()) {
    const auto targets = DescriptorsOf(pid);
    const bool holds = std::ranges::any_of(
        targets, [&](const auto& descriptor) { return links.contains(descriptor.second); });
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
