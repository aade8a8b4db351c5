// The words of `steelthread test`, `steelthread pipeline` and `steelthread generate`.
#pragma once

#include <string>

#include "cli/generate_command.h"
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
  void AddGenerate(CommandLine& line);

  std::string pipeline_;
  bool once_ = false;
  ResetOptions reset_;
  TestOptions test_;
  PreviewOptions preview_;
  GenerateOptions generate_;
};

}  // namespace st::cli
