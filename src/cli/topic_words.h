// The words of `steelthread topic`.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/topic_change_command.h"
#include "cli/topic_command.h"
#include "cli/topic_consume_command.h"
#include "cli/topic_describe_command.h"
#include "cli/topic_records_command.h"

namespace st::cli {

class CommandLine;

// Holds what the words of its commands set.
class TopicWords {
 public:
  // Adds the commands. Requires: it lives as long as `line`.
  void AddTo(CommandLine& line);

 private:
  void AddCreate(CommandLine& line, CLI::App& topic);
  void AddChanges(CommandLine& line, CLI::App& topic);
  void AddRemovals(CommandLine& line, CLI::App& topic);
  void AddProduce(CommandLine& line, CLI::App& topic);
  void AddReading(CommandLine& line, CLI::App& topic);
  // The words that `consume` and `tail` have both.
  static void AddReadingWords(CommandLine& line, CLI::App& command, ConsumeOptions& options);

  NewTopicOptions create_;
  DescribeTopicOptions describe_;
  AlterTopicOptions alter_;
  DeleteTopicsOptions delete_;
  DeleteRecordsOptions delete_records_;
  ProduceOptions produce_;
  ConsumeOptions consume_;
  ConsumeOptions tail_{.topic = {}, .from = "end", .follow = true, .format = {}};
};

}  // namespace st::cli
