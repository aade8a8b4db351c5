#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "cli/commands.h"

namespace st::cli {
namespace {

struct Arguments {
  app::ConfigSources sources;
  NewTopicOptions topic;
  std::string topic_name;
};

// Where the project and its data are: every command takes these.
void AddPlace(CLI::App* command, Arguments& arguments) {
  command->add_option("-C,--project", arguments.sources.project, "project folder (default: this)");
  command->add_option("--data", arguments.sources.data_dir,
                      "data folder (default: <project>/.steelthread)");
  command->add_option("--set", arguments.sources.overrides, "key=value, over steelthread.toml");
}

CLI::App* AddCommand(CLI::App& parent, Arguments& arguments, const char* name, const char* what) {
  CLI::App* command = parent.add_subcommand(name, what);
  AddPlace(command, arguments);
  return command;
}

int Run(int argc, char** argv) {
  CLI::App cli{"steelthread: from a player's request to the answer in SQL, on one machine"};
  cli.require_subcommand(1);
  cli.set_version_flag("--version", "steelthread 0.1.0");
  cli.footer(
      "Examples:\n"
      "  steelthread up                                  start here, in the foreground\n"
      "  steelthread topic create events --if-not-exists\n"
      "  steelthread log verify --data .steelthread      check every byte of the log");
  Arguments arguments;
  arguments.sources.environment = [](const char* name) -> const char* { return std::getenv(name); };
  auto* up = AddCommand(cli, arguments, "up", "start the server in the foreground");
  auto* down = AddCommand(cli, arguments, "down", "stop the server of this data folder");
  auto* topic = cli.add_subcommand("topic", "create and list topics")->require_subcommand(1);
  auto* create = AddCommand(*topic, arguments, "create", "make a topic");
  create->add_option("name", arguments.topic.name, "its name")->required();
  create->add_option("--partitions", arguments.topic.partitions, "how many (default 1)");
  create->add_option("--replication-factor", arguments.topic.replication, "1: there is one node");
  create->add_flag("--if-not-exists", arguments.topic.if_not_exists, "no error if it exists");
  auto* list = AddCommand(*topic, arguments, "ls", "names of all topics");
  auto* describe = AddCommand(*topic, arguments, "describe", "partitions and end offsets");
  describe->add_option("name", arguments.topic_name, "the topic")->required();
  auto* log = cli.add_subcommand("log", "look at the log's files")->require_subcommand(1);
  auto* verify = AddCommand(*log, arguments, "verify", "check every byte; exit code 5 on damage");
  auto* dump = AddCommand(*log, arguments, "dump", "print every intact record, tab-separated");
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? 0 : kExitUsage;
  }
  const auto config = app::LoadConfig(arguments.sources);
  if (!config) {
    std::fprintf(stderr, "steelthread: %s\n", config.error().message().c_str());
    return kExitUsage;
  }
  if (up->parsed()) return RunUp(*config);
  if (down->parsed()) return RunDown(*config);
  if (create->parsed()) return CreateTopic(*config, arguments.topic);
  if (list->parsed()) return ListTopics(*config, "");
  if (describe->parsed()) return ListTopics(*config, arguments.topic_name);
  if (verify->parsed()) return VerifyLogFolder(*config);
  if (dump->parsed()) return DumpLogFolder(*config);
  return kExitUsage;
}

}  // namespace
}  // namespace st::cli

int main(int argc, char** argv) {
  try {
    return st::cli::Run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steelthread: bug: %s\n", error.what());
    return 70;
  }
}
