// The environment's variables, this process, and its terminal.
//
// Threads: safe from any thread; nothing here changes the environment.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace st::os {

// The value of a variable; nullptr: it is not set. Valid as long as the process.
const char* FindVariable(const char* name);
std::vector<std::string> VariableNames();

// This process.
pid_t ProcessId();
// Asks a process to stop (SIGTERM). kInvalidArgument: a number that is no single process; kIo,
// kNotFound: it cannot be asked.
Status AskToStop(pid_t process);

// Whether a descriptor leads to a terminal.
bool IsTerminal(int fd);

}  // namespace st::os
