#include "os/environment.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "os/process.h"

namespace st::os {

const char* FindVariable(const char* name) { return std::getenv(name); }

std::vector<std::string> VariableNames() {
  std::vector<std::string> names;
  for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
    const std::string_view text(*variable);
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

pid_t ProcessId() { return ::getpid(); }

Status AskToStop(pid_t process) {
  // kill() takes 0 and negative numbers for groups of processes; process 1 is the system's first.
  if (process <= 1) return Fail(ErrorCode::kInvalidArgument, "{} is no process to stop", process);
  if (::kill(process, SIGTERM) == 0) return {};
  return std::unexpected(ErrorFromErrno(errno, fmt::format("process {}", process)));
}

bool IsTerminal(int fd) { return ::isatty(fd) != 0; }

}  // namespace st::os
