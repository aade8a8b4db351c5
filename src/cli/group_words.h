// The words of `steelthread group`.
#pragma once

#include "cli/group_command.h"

namespace st::cli {

class CommandLine;

// Holds what the words of its commands set.
class GroupWords {
 public:
  // Adds the commands. Requires: it lives as long as `line`.
  void AddTo(CommandLine& line);

 private:
  GroupOptions group_;
  ResetOffsetsOptions reset_offsets_;
  DeleteGroupOptions delete_group_;
};

}  // namespace st::cli
