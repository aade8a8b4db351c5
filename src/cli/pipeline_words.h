// The words of `steelthread test` and `steelthread pipeline`.
#pragma once

#include <string>

#include "cli/pipeline_command.h"
#include "cli/preview_command.h"
#include "cli/test_command.h"

namespace st::cli {

class CommandLine;

// Holds what the words of its commands set.
class PipelineWords {
 public:
  // Adds the commands. Requires: it lives as long as `line`.
  void AddTo(CommandLine& line);

 private:
  void AddTest(CommandLine& line);
  void AddPipeline(CommandLine& line);

  std::string pipeline_;
  bool once_ = false;
  ResetOptions reset_;
  TestOptions test_;
  PreviewOptions preview_;
};

}  // namespace st::cli
