// The words of `steelthread log`.
#pragma once

#include "cli/log_repair_command.h"

namespace st::cli {

class CommandLine;

// Holds what the words of its commands set.
class LogWords {
 public:
  // Adds the commands. Requires: it lives as long as `line`.
  void AddTo(CommandLine& line);

 private:
  RepairLogOptions repair_;
};

}  // namespace st::cli
