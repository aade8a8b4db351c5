// The commands of `steelthread`: their words, and the function that each runs.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "app/config.h"
#include "cli/demo_command.h"
#include "cli/doctor_command.h"
#include "cli/events_command.h"
#include "cli/export_command.h"
#include "cli/group_words.h"
#include "cli/init_command.h"
#include "cli/load_command.h"
#include "cli/log_words.h"
#include "cli/pipeline_words.h"
#include "cli/sql_command.h"
#include "cli/status_command.h"
#include "cli/table_change_command.h"
#include "cli/table_command.h"
#include "cli/table_hold_command.h"
#include "cli/table_orphans_command.h"
#include "cli/table_upkeep_command.h"
#include "cli/topic_words.h"
#include "cli/up_command.h"

namespace st::cli {

class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;
  // Runs the command that `words` name, without the program's; the process's exit code. Without a
  // command: prints help.
  int Run(const std::vector<std::string>& words);

  CLI::App& root() { return cli_; }
  // As -C: the folder of the project.
  void SetProject(const std::string& folder) { sources_.project = folder; }

  // The function of a command, called when its words and the settings are read.
  using Action = std::function<int(const app::Config&)>;
  // A command that knows where the project and its data are. `examples`: a line each, without
  // "steelthread".
  CLI::App* Add(CLI::App& parent, const std::string& name, const std::string& what,
                const std::vector<std::string>& examples, Action action);
  CLI::App* Group(const std::string& name, const std::string& what,
                  const std::vector<std::string>& examples);
  void AddFormat(CLI::App& command, std::string& format,
                 const std::vector<std::string>& formats = {"table", "json"});
  // Completes the option's value by `values`; others are taken too.
  void Suggest(CLI::Option* option, std::vector<std::string> values);
  // Takes the server's --set from a command that has another meaning for it.
  void FreeSet(CLI::App& command);

 private:
  // -C, --data, --set.
  void AddFolders(CLI::App& command);
  // A command that needs no project.
  CLI::App* AddAlone(const std::string& name, const std::string& what,
                     const std::vector<std::string>& examples, std::function<int()> action);
  void AddServer();
  void AddEvents();
  void AddDemo();
  void AddTables();
  void AddTableUpkeep(CLI::App& table);
  void AddOrphans(CLI::App& table);
  void AddTableHolds(CLI::App& table);
  void AddTableChanges(CLI::App& table);
  void AddSql();
  void AddLoad();
  // One of `names`.
  void OneOf(CLI::Option* option, const std::vector<std::string>& names);
  int Complete(const std::vector<std::string>& words);
  int Act(const CLI::App& command);
  // The settings for a command. A mistake in them does not keep a command from a running server,
  // which has its own: it becomes a warning, but not for a command that judges the settings.
  Result<app::Config> SettingsFor(const CLI::App& command) const;

  CLI::App cli_{"steelthread: from a player's request to the answer in SQL, on one machine"};
  app::ConfigSources sources_;
  std::vector<std::pair<const CLI::App*, Action>> actions_;
  std::vector<std::pair<const CLI::App*, std::function<int()>>> simple_;
  std::set<const CLI::App*> settings_judges_;
  std::set<const CLI::App*> lost_finders_;  // they work without a project folder
  std::map<const CLI::Option*, std::vector<std::string>> choices_;
  std::string shell_;
  std::vector<std::string> explained_;  // the words behind `help`
  SqlOptions sql_;
  LoadOptions load_;
  LogWords log_;
  UpOptions up_;
  EventsOptions events_;
  StatusOptions status_;
  PipelineWords pipelines_;
  DemoOptions demo_options_;
  DoctorOptions doctor_;
  InitOptions init_;
  GroupWords groups_;
  TopicWords topics_;
  TableOptions table_;
  RollbackOptions rollback_;
  ExportOptions export_;
  ExpireOptions expire_;
  OrphansOptions orphans_;
  TableChangeOptions table_change_;
  TableHoldOptions table_hold_;
};

}  // namespace st::cli
