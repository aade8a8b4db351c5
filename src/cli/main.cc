#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <new>
#include <system_error>

#include "app/version.h"
#include "cli/commands.h"
#include "cli/demo_command.h"
#include "cli/events_command.h"
#include "cli/load_command.h"
#include "cli/pipeline_command.h"
#include "cli/sql_command.h"
#include "cli/status_command.h"
#include "cli/topic_command.h"
#include "cli/up_command.h"
#include "load/limits.h"
#include "os/inherited.h"

namespace st::cli {
namespace {

// What each command runs once its words and the settings are read.
using Action = std::function<int(const app::Config&)>;

class CommandLine {
 public:
  CommandLine() {
    sources_.environment = [](const char* name) -> const char* { return std::getenv(name); };
    for (char** variable = environ; variable != nullptr && *variable != nullptr; ++variable) {
      const std::string_view text(*variable);
      sources_.environment_names.emplace_back(text.substr(0, text.find('=')));
    }
    cli_.require_subcommand(1);
    cli_.set_version_flag("--version", std::string("steelthread ") + app::kVersion);
    cli_.footer(
        "Examples:\n"
        "  steelthread demo                                see all of it, on a scratch folder\n"
        "  steelthread up                                  start here, in the foreground\n"
        "  steelthread up -d -C examples/w205              start a project in the background\n"
        "  steelthread topic create events --if-not-exists\n"
        "  steelthread topic consume events --follow       watch events as they come\n"
        "  steelthread sql \"show tables\"                    ask the tables\n"
        "  steelthread load --target http://localhost:5000 --verify\n"
        "  steelthread log verify --data .steelthread      check every byte of the log");
    AddServer();
    AddEvents();
    AddPipelines();
    AddTopics();
    AddSql();
    AddLoad();
    AddLog();
  }

  int Run(int argc, char** argv) {
    try {
      cli_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return cli_.exit(error) == 0 ? 0 : kExitUsage;
    }
    if (demo_->parsed()) return RunDemo(demo_options_);
    const auto config = app::LoadConfig(sources_);
    if (!config) {
      std::fprintf(stderr, "steelthread: %s\n", config.error().message().c_str());
      return kExitUsage;
    }
    for (const auto& [command, action] : actions_) {
      if (command->parsed()) return action(*config);
    }
    return kExitUsage;
  }

 private:
  // A command that knows where the project and its data are.
  CLI::App* Add(CLI::App& parent, const char* name, const char* what, Action action) {
    CLI::App* command = parent.add_subcommand(name, what);
    command->add_option("-C,--project", sources_.project, "project folder (default: this)");
    command->add_option("--data", sources_.data_dir,
                        "data folder (default: <project>/.steelthread)");
    command->add_option("--set", sources_.overrides, "key=value, over steelthread.toml");
    actions_.emplace_back(command, std::move(action));
    return command;
  }

  CLI::App* Group(const char* name, const char* what) {
    return cli_.add_subcommand(name, what)->require_subcommand(1);
  }

  void AddServer() {
    auto* up = Add(cli_, "up", "start the server in the foreground", [this](const auto& config) {
      up_.overrides = sources_.overrides;
      return RunUp(config, up_);
    });
    up->add_flag("-d,--detach", up_.detach, "start it in the background, return once it is ready");
    Add(cli_, "down", "stop the server of this data folder", RunDown);
    auto* status = Add(cli_, "status", "topics, pipelines with their lag, tables",
                       [this](const auto& config) { return ShowStatus(config, status_); });
    status->add_option("--format", status_.format, "table (default) or json")
        ->check(CLI::IsMember({"table", "json"}));
  }

  void AddEvents() {
    auto* check = Add(cli_, "check", "look for mistakes in the project, without a server",
                      [this](const auto& config) { return CheckProjectFolder(config, events_); });
    check->add_option("--format", events_.format, "table (default) or json")
        ->check(CLI::IsMember({"table", "json"}));
    check->add_flag("--strict", events_.is_strict, "exit code 1 for warnings too");
    check->footer(
        "Reads events/, pipelines/ and game.toml, and the data folder's log and tables. Errors "
        "are\n"
        "what a start refuses and what would stop a pipeline; warnings are what looks like a "
        "slip.\n"
        "Exit code 0: no error. Examples:\n"
        "  steelthread check -C examples/w205\n"
        "  steelthread check --strict\n"
        "  steelthread check --format json");
    auto* events = Group("events", "what the project declares");
    Add(*events, "ls", "names and routes",
        [this](const auto& config) { return ListEvents(config, events_); });
    auto* doc = Add(*events, "doc", "the data dictionary, as Markdown",
                    [this](const auto& config) { return DocumentEvents(config, events_); });
    doc->add_option("name", events_.name, "of one event");
    auto* schema = Add(*events, "schema", "JSON Schema of an event's payload",
                       [this](const auto& config) { return PrintSchema(config, events_); });
    schema->add_option("name", events_.name, "the event")->required();
  }

  void AddPipelines() {
    auto* pipeline = Group("pipeline", "run the project's SQL pipelines");
    auto* run = Add(*pipeline, "run", "take it from where its table stands to the log's end",
                    [this](const auto& config) { return RunPipelineOnce(config, pipeline_); });
    run->add_option("name", pipeline_, "the pipeline's table")->required();
    run->add_flag("--once", once_, "now, and return when it is committed")->required();
    demo_ = cli_.add_subcommand("demo", "the course's session by itself, on a scratch folder");
    demo_->add_option("--requests", demo_options_.requests, "of the burst (default 5000)")
        ->check(CLI::Range(0, 10'000'000));
    demo_->add_option("--players", demo_options_.players, "how many (default 50)")
        ->check(CLI::Range(1, 1'000'000));
    demo_->add_option("--keep", demo_options_.keep, "leave project and data in this folder");
  }

  void AddTopics() {
    auto* topic = Group("topic", "create, list, fill and read topics");
    auto* create = Add(*topic, "create", "make a topic",
                       [this](const auto& config) { return CreateTopic(config, topic_); });
    create->add_option("name", topic_.name, "its name")->required();
    create->add_option("--partitions", topic_.partitions, "how many (default 1)");
    create->add_option("--replication-factor", topic_.replication, "1: there is one node");
    create->add_flag("--if-not-exists", topic_.if_not_exists, "no error if it exists");
    Add(*topic, "ls", "names of all topics",
        [](const auto& config) { return ListTopics(config, ""); });
    auto* describe = Add(*topic, "describe", "partitions and end offsets",
                         [this](const auto& config) { return ListTopics(config, topic_.name); });
    describe->add_option("name", topic_.name, "the topic")->required();
    auto* produce = Add(*topic, "produce", "append the lines of stdin, a record each",
                        [this](const auto& config) { return ProduceLines(config, produce_); });
    produce->add_option("name", produce_.topic, "the topic")->required();
    produce->add_option("--partition", produce_.partition, "default: all in turn");
    produce->add_option("--key-separator", produce_.key_separator, "what ends a line's key");
    auto* consume = Add(*topic, "consume", "print the values, a line each",
                        [this](const auto& config) { return ConsumeTopic(config, consume_); });
    consume->add_option("name", consume_.topic, "the topic")->required();
    consume->add_option("--partition", consume_.partition, "default: all");
    consume->add_option("--from", consume_.from, "beginning (default), end, or an offset");
    consume->add_option("--max", consume_.max_records, "stop after so many");
    consume->add_flag("--follow", consume_.follow, "wait for more until interrupted");
    consume->add_flag("--with-position", consume_.with_position,
                      "partition, offset, time in ms and key before each value");
  }

  void AddSql() {
    auto* sql = Add(cli_, "sql", "ask the tables, with or without a running server",
                    [this](const auto& config) { return RunSql(config, sql_); });
    sql->add_option("statement", sql_.text, "SQL; several are separated by semicolons");
    sql->add_option("-f,--file", sql_.file, "read the statements from a file (-: stdin, default)");
    sql->add_option("--format", sql_.format, "table (default), json, ndjson, csv or markdown")
        ->check(CLI::IsMember({"table", "json", "ndjson", "csv", "markdown"}));
    sql->add_option("--schema", sql_.schema, "of names without one (default: default)");
    sql->footer(
        "Examples:\n"
        "  steelthread sql \"show tables\"\n"
        "  steelthread sql \"select host, count(*) from sword_purchases group by 1\"\n"
        "  steelthread sql --format csv -f report.sql > report.csv\n"
        "  steelthread sql --schema bad \"select code, reason from rows\"");
  }

  void AddLoad() {
    auto* load = Add(cli_, "load", "play players against a server, and prove that nothing is lost",
                     [this](const auto& config) { return RunLoad(config, load_); });
    load->add_option("--target", load_.target, "http://HOST:PORT")->required();
    load->add_option("--duration", load_.duration, "500ms, 60s (default), 5m, 1h");
    auto* clients = load->add_option("--clients", load_.clients,
                                     "closed loop: so many, each waits for its answer (default 64)")
                        ->check(CLI::Range(1U, load::kMaxClients));
    load->add_option("--rate", load_.rate,
                     "open loop: requests a second, whatever the server does; declared: each\n"
                     "route at the rate that its event declares")
        ->excludes(clients);
    load->add_option("--think", load_.think, "closed loop: mean pause of a client (default 0s)")
        ->excludes("--rate");
    load->add_option("--requests", load_.requests, "stop after so many; 0 (default): no limit");
    load->add_option("--connections", load_.connections, "default: one a client, 256 with --rate")
        ->check(CLI::Range(1U, load::kMaxClients));
    load->add_option("--mix", load_.mix, "all (default), events or commands")
        ->check(CLI::IsMember({"all", "events", "commands"}));
    auto* verify =
        load->add_flag("--verify", load_.verify,
                       "count the run's keys in the server's log and tables; name what lacks");
    auto* kafka =
        load->add_option("--kafka", load_.kafka, "of another server: its broker's HOST:PORT")
            ->excludes(verify);
    load->add_option("--topic", load_.topic, "there (default: events)")->needs(kafka);
    load->add_option("--format", load_.format, "table (default) or json")
        ->check(CLI::IsMember({"table", "json"}));
    load->footer(
        "Exit code 0: all was answered; with --verify, sent = acknowledged = in the log = in the\n"
        "tables, and nothing is missing or doubled.\n"
        "Examples:\n"
        "  steelthread load --target http://localhost:5000 -C examples/w205 --verify\n"
        "  steelthread load --target http://localhost:5000 --rate 2000 --duration 5m\n"
        "  steelthread load --target http://localhost:5000 -C examples/w205 --rate declared\n"
        "  steelthread load --target http://localhost:5000 --clients 500 --think 1s\n"
        "  steelthread load --target http://flask:5000 --kafka kafka:29092 --format json");
  }

  void AddLog() {
    auto* log = Group("log", "look at the log's files");
    Add(*log, "verify", "check every byte; exit code 5 on damage", VerifyLogFolder);
    Add(*log, "dump", "print every intact record, tab-separated", DumpLogFolder);
  }

  CLI::App cli_{"steelthread: from a player's request to the answer in SQL, on one machine"};
  app::ConfigSources sources_;
  std::vector<std::pair<CLI::App*, Action>> actions_;
  SqlOptions sql_;
  LoadOptions load_;
  UpOptions up_;
  EventsOptions events_;
  StatusOptions status_;
  std::string pipeline_;
  bool once_ = false;
  CLI::App* demo_ = nullptr;
  DemoOptions demo_options_;
  NewTopicOptions topic_;
  ProduceOptions produce_;
  ConsumeOptions consume_;
};

}  // namespace
}  // namespace st::cli

int main(int argc, char** argv) {
  if (const auto done = st::os::NormalizeInherited(); !done) return st::cli::kExitFailed;
  try {
    return st::cli::CommandLine().Run(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "steelthread: no memory is left: free some, or raise ulimit -v\n");
    return st::cli::kExitFailed;
  } catch (const std::system_error& error) {
    std::fprintf(stderr,
                 "steelthread: a thread cannot be started (%s): raise the limit of processes and "
                 "threads (ulimit -u), or free memory\n",
                 error.what());
    return st::cli::kExitFailed;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "steelthread: bug: %s\n", error.what());
    return 70;
  }
}
