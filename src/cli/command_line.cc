#include "cli/command_line.h"

#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <iterator>
#include <limits>

#include "app/version.h"
#include "cli/completion_command.h"
#include "cli/exit_code.h"
#include "cli/lost_server.h"
#include "cli/server_locator.h"
#include "cli/usage.h"
#include "cli/words.h"
#include "client/load/limits.h"
#include "os/environment.h"

namespace st::cli {
namespace {

std::string Examples(const std::vector<std::string>& lines) {
  std::string text = lines.size() == 1 ? "Example:" : "Examples:";
  for (const auto& line : lines) text += "\n  steelthread " + line;
  return text;
}

constexpr std::int64_t kMostRecords = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMostRequests = kMostRecords;

int PrintHelp(const CLI::App& command) {
  const auto* parent = command.get_parent();
  std::cout << command.help(parent == nullptr ? "" : PathOf(*parent)) << std::flush;
  return 0;
}

int PrintVersion() {
  std::printf("steelthread %s\n", app::kVersion);
  return 0;
}

}  // namespace

CommandLine::CommandLine() {
  sources_.environment = os::FindVariable;
  sources_.environment_names = os::VariableNames();
  cli_.name("steelthread");
  cli_.require_subcommand(1);
  cli_.set_version_flag("--version", std::string("steelthread ") + app::kVersion);
  cli_.footer(
      "Examples:\n"
      "  steelthread demo                                see all of it, on a scratch folder\n"
      "  steelthread init my-game                        a small project of your own\n"
      "  steelthread up                                  start here, in the foreground\n"
      "  steelthread up -d -C examples/w205              start a project in the background\n"
      "  steelthread topic create events --if-not-exists\n"
      "  steelthread topic consume events --follow       watch events as they come\n"
      "  steelthread sql \"show tables\"                   ask the tables\n"
      "  steelthread load --target http://localhost:5000 --verify\n"
      "  steelthread log verify --data .steelthread      check every byte of the log\n"
      "`steelthread help COMMAND` explains a command.");
  AddFolders(cli_);
  AddServer();
  AddEvents();
  pipelines_.AddTo(*this);
  AddDemo();
  topics_.AddTo(*this);
  groups_.AddTo(*this);
  AddTables();
  AddSql();
  AddLoad();
  log_.AddTo(*this);
  auto* help = cli_.add_subcommand("help", "explain a command");
  help->footer(Examples({"help topic create"}));
  help->add_option("command", explained_, "its words, such as topic create");
  auto* completion = AddAlone("completion", "print what a shell needs to complete our words",
                              {"completion bash > ~/.local/share/bash-completion/completions/"
                               "steelthread",
                               "completion fish | source"},
                              [this] { return PrintCompletion(shell_); });
  OneOf(completion->add_option("shell", shell_, "bash, zsh or fish")->required(),
        {"bash", "zsh", "fish"});
  AddAlone("version", "print the version", {"version"}, PrintVersion);
}

int CommandLine::Run(const std::vector<std::string>& words) {
  if (!words.empty() && words[0] == "__complete") return Complete({words.begin() + 1, words.end()});
  const bool is_help =
      !words.empty() && words[0] == "help" && (words.size() == 1 || !words[1].starts_with('-'));
  const auto reached = ReadWords(cli_, std::span(words).subspan(is_help ? 1 : 0));
  if (reached.mistake) return RefuseUsage(*reached.mistake);
  if (is_help) return PrintHelp(*reached.command);
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    cli_.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return PrintHelp(*reached.command);
  } catch (const CLI::CallForVersion&) {
    return PrintVersion();
  } catch (const CLI::ParseError& error) {
    const bool lacks_command = dynamic_cast<const CLI::RequiredError*>(&error) != nullptr &&
                               !CommandNames(*reached.command).empty();
    if (lacks_command) return PrintHelp(*reached.command);
    return RefuseUsage(Error(ErrorCode::kInvalidArgument,
                             fmt::format("{}{}; see `{} --help`", UsageText(error),
                                         FolderHint(error, reached), PathOf(*reached.command))));
  }
  return Act(*reached.command);
}

int CommandLine::Act(const CLI::App& command) {
  for (const auto& [known, action] : simple_) {
    if (known == &command) return action();
  }
  const auto config = SettingsFor(command);
  if (!config) return RefuseUsage(config.error());
  for (const auto& [known, action] : actions_) {
    if (known == &command) return action(*config);
  }
  return kExitUsage;
}

Result<app::Config> CommandLine::SettingsFor(const CLI::App& command) const {
  auto config = app::LoadConfig(sources_);
  if (config || settings_judges_.contains(&command)) return config;
  auto found = app::LoadDataDir(sources_);
  const bool is_removed = !found && found.error().code() == ErrorCode::kNotFound;
  if (is_removed && lost_finders_.contains(&command)) {
    auto removed = app::LoadRemovedDir(sources_);
    return removed && FindLostServer(*removed) ? removed : config;
  }
  if (!found || !FindServer(*found)) return config;
  if (command.get_name() != "reload") {  // the server's answer to that names the mistake
    PrintWarning(
        fmt::format("{}; the running server has its own settings, and the next start "
                    "will refuse these",
                    config.error().message()));
  }
  return found;
}

void CommandLine::AddFolders(CLI::App& command) {
  command.add_option("-C,--project", sources_.project, "project folder (default: this)")
      ->check(NamesA("folder"));
  command.add_option("--data", sources_.data_dir, "data folder (default: <project>/.steelthread)")
      ->check(NamesA("folder"));
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [this](const std::vector<std::string>& values) {
            sources_.overrides.insert(sources_.overrides.end(), values.begin(), values.end());
          },
          "key=value, over steelthread.toml")
      ->allow_extra_args(false);
  auto& keys = choices_[command.get_option("--set")];
  for (const auto& key : app::SettingKeys()) keys.push_back(key + "=");
}

CLI::App* CommandLine::AddAlone(const std::string& name, const std::string& what,
                                const std::vector<std::string>& examples,
                                std::function<int()> action) {
  CLI::App* command = cli_.add_subcommand(name, what)->footer(Examples(examples));
  simple_.emplace_back(command, std::move(action));
  return command;
}

CLI::App* CommandLine::Add(CLI::App& parent, const std::string& name, const std::string& what,
                           const std::vector<std::string>& examples, Action action) {
  CLI::App* command = parent.add_subcommand(name, what)->footer(Examples(examples));
  AddFolders(*command);
  actions_.emplace_back(command, std::move(action));
  return command;
}

CLI::App* CommandLine::Group(const std::string& name, const std::string& what,
                             const std::vector<std::string>& examples) {
  auto* group = cli_.add_subcommand(name, what)->require_subcommand(1);
  group->footer(Examples(examples));
  AddFolders(*group);
  return group;
}

void CommandLine::AddFormat(CLI::App& command, std::string& format,
                            const std::vector<std::string>& formats) {
  std::string names;
  for (const auto& name : formats) {
    names += names.empty() ? name + " (default)" : (name == formats.back() ? " or " : ", ") + name;
  }
  OneOf(command.add_option("--format", format, names), formats);
}

void CommandLine::OneOf(CLI::Option* option, const std::vector<std::string>& names) {
  option->check(Among(names));
  choices_[option] = names;
}

void CommandLine::Suggest(CLI::Option* option, std::vector<std::string> values) {
  choices_[option] = std::move(values);
}

void CommandLine::FreeSet(CLI::App& command) {
  auto* const set = command.get_option("--set");
  choices_.erase(set);
  command.remove_option(set);
}

int CommandLine::Complete(const std::vector<std::string>& words) {
  const auto settings = [this](const std::string& project, const std::string& data) {
    if (!project.empty()) sources_.project = project;
    sources_.data_dir = data;
    auto config = app::LoadConfig(sources_);
    return config ? config : app::LoadDataDir(sources_);  // names help beside a mistake, too
  };
  const CompletionContext context{.root = cli_, .choices = choices_, .settings = settings};
  for (const auto& one : Candidates(context, words)) std::printf("%s\n", one.c_str());
  return 0;
}

void CommandLine::AddServer() {
  auto* init = AddAlone("init", "make a small project of your own, to change",
                        {"init my-game", "init my-game --name \"My Game\""},
                        [this] { return RunInit(init_); });
  init->add_option("folder", init_.folder, "where (default: this folder)")->check(NamesA("folder"));
  init->add_option("--name", init_.name, "in its README (default: the folder's)");
  auto* up = Add(cli_, "up", "start the server in the foreground",
                 {"up", "up -d -C examples/w205", "up --set http.listen=127.0.0.1:5001"},
                 [this](const auto& config) {
                   up_.overrides = sources_.overrides;
                   return RunUp(config, up_);
                 });
  settings_judges_.insert(up);
  up->add_flag("-d,--detach", up_.detach, "start it in the background, return once it is ready");
  lost_finders_.insert(
      Add(cli_, "down", "stop the server of this data folder", {"down -C examples/w205"}, RunDown));
  Add(cli_, "reload", "have the server read events, pipelines and game.toml again",
      {"reload -C examples/w205"}, RunReload);
  auto* status = Add(cli_, "status", "topics, pipelines with their lag, tables",
                     {"status", "status --all -C examples/w205", "status --watch 2"},
                     [this](const auto& config) { return ShowStatus(config, status_); });
  lost_finders_.insert(status);
  AddFormat(*status, status_.format);
  status->add_flag("--all", status_.all,
                   "every topic, pipeline and table, not those with news alone");
  status->add_option("--watch", status_.watch_seconds, "again every so many seconds (default 2)")
      ->expected(0, 1)
      ->default_str("2")
      ->option_text("SECONDS")
      ->check(Between(0.1, 3600.0));
}

void CommandLine::AddEvents() {
  auto* doctor = Add(cli_, "doctor", "look at all that a server depends on, and say what to do",
                     {"doctor -C examples/w205", "doctor --format json"},
                     [this](const auto& config) { return RunDoctor(config, doctor_); });
  settings_judges_.insert(doctor);
  AddFormat(*doctor, doctor_.format);
  auto* check = Add(cli_, "check", "look for mistakes in the project, without a server",
                    {"check -C examples/w205", "check --strict", "check --format json"},
                    [this](const auto& config) { return CheckProjectFolder(config, events_); });
  settings_judges_.insert(check);
  AddFormat(*check, events_.format);
  check->add_flag("--strict", events_.is_strict, "exit code 1 for warnings too");
  check->footer(
      "Reads events/, pipelines/ and game.toml, and the data folder's log and tables. Errors are\n"
      "what a start refuses and what would stop a pipeline; warnings are what looks like a slip.\n"
      "Exit code 0: no error.\n" +
      check->get_footer());
  auto* events = Group("events", "what the project declares", {"events ls", "events doc"});
  Add(*events, "ls", "names and routes", {"events ls -C examples/w205"},
      [this](const auto& config) { return ListEvents(config, events_); })
      ->alias("list");
  auto* doc = Add(*events, "doc", "the data dictionary, as Markdown",
                  {"events doc", "events doc purchase_sword -C examples/w205"},
                  [this](const auto& config) { return DocumentEvents(config, events_); });
  doc->add_option("name", events_.name, "of one event");
  auto* schema = Add(*events, "schema", "JSON Schema of an event's payload",
                     {"events schema purchase_sword -C examples/w205"},
                     [this](const auto& config) { return PrintSchema(config, events_); });
  schema->add_option("name", events_.name, "the event")->required();
}

void CommandLine::AddDemo() {
  auto* demo = AddAlone("demo", "the course's session by itself, on a scratch folder",
                        {"demo", "demo --keep my-game"}, [this] { return RunDemo(demo_options_); });
  demo->add_option("--requests", demo_options_.requests, "of the burst (default 5000)")
      ->check(Between(0, 10'000'000));
  demo->add_option("--players", demo_options_.players, "how many (default 50)")
      ->check(Between(1, 1'000'000));
  demo->add_option("--keep", demo_options_.keep, "leave project and data in this folder")
      ->check(NamesA("folder"));
}

void CommandLine::AddTables() {
  auto* table = Group("table", "list tables, their history and files; check and change them",
                      {"table ls", "table history sword_purchases", "table verify"});
  const auto add = [&](const std::string& name, const std::string& what,
                       const std::vector<std::string>& examples,
                       int (*run)(const app::Config&, const TableOptions&)) {
    return Add(*table, name, what, examples,
               [this, run](const auto& config) { return run(config, table_); });
  };
  const std::vector<std::string> formats = {"table", "json", "ndjson", "csv", "markdown"};
  auto* list = add("ls", "all tables with their rows, files and size", {"table ls"}, ListTables);
  list->alias("list");
  AddFormat(*list, table_.format, formats);
  for (auto* one :
       {add("describe", "columns: types, partitioning and order",
            {"table describe sword_purchases"}, DescribeTable),
        add("history", "snapshots that can be read, newest first",
            {"table history sword_purchases", "table history bad.rows --format json"}, ShowHistory),
        add("files", "data files with their partitions, in the order of their rows",
            {"table files sword_purchases"}, ShowFiles)}) {
    one->add_option("name", table_.name, "the table, or schema.table")->required();
    AddFormat(*one, table_.format, formats);
  }
  auto* rollback = Add(*table, "rollback", "make an earlier snapshot the current one",
                       {"table rollback sword_purchases --to 4409125863523840211",
                        "table rollback sword_purchases --as-of 2026-11-30T05:40:00Z"},
                       [this](const auto& config) { return RollBackTable(config, rollback_); });
  rollback->add_option("name", rollback_.name, "the table of a pipeline, which is paused")
      ->required();
  auto* to = rollback->add_option("--to", rollback_.snapshot, "the snapshot's number");
  rollback->add_option("--as-of", rollback_.as_of, "the last one at or before this time")
      ->check(IsTime())
      ->excludes(to);
  auto* verify = add("verify", "read every data file and all metadata; exit code 5 on damage",
                     {"table verify", "table verify sword_purchases"}, VerifyTables);
  verify->add_option("name", table_.name, "the table, or schema.table (default: all)");
  AddTableUpkeep(*table);
  AddOrphans(*table);
  AddTableHolds(*table);
  AddTableChanges(*table);
}

void CommandLine::AddTableHolds(CLI::App& table) {
  const std::string name = "the table, or schema.table";
  const std::vector<std::string> formats = {"table", "json", "ndjson", "csv", "markdown"};
  auto* hold = Add(table, "hold", "have a snapshot and every later one stay for a reader",
                   {"table hold sword_purchases nightly-report",
                    "table hold sword_purchases audit --as-of 2026-11-30T05:40:00Z --for 7d"},
                   [this](const auto& config) { return HoldTable(config, table_hold_); });
  hold->add_option("name", table_hold_.name, name)->required();
  hold->add_option("hold", table_hold_.hold, "a name for the hold; one that is there is set anew")
      ->required();
  auto* snapshot = hold->add_option("--snapshot", table_hold_.snapshot,
                                    "the first that stays (default: the current one)");
  hold->add_option("--as-of", table_hold_.as_of, "the last one at or before this time")
      ->check(IsTime())
      ->excludes(snapshot);
  hold->add_option("--for", table_hold_.duration,
                   "then it ends by itself: 1d (default), 6h, at most 31d");
  auto* release = Add(table, "release", "end a hold before its time",
                      {"table release sword_purchases nightly-report"},
                      [this](const auto& config) { return ReleaseTable(config, table_hold_); });
  release->add_option("name", table_hold_.name, name)->required();
  release->add_option("hold", table_hold_.hold, "the name of the hold")->required();
  auto* holds = Add(table, "holds", "which snapshots are held, and until when",
                    {"table holds", "table holds sword_purchases --format json"},
                    [this](const auto& config) { return ShowHolds(config, table_); });
  holds->add_option("name", table_.name, name + " (default: all)");
  AddFormat(*holds, table_.format, formats);
}

void CommandLine::AddTableUpkeep(CLI::App& table) {
  const std::string name = "the table, or schema.table";
  auto* compact = Add(table, "compact", "have the server put small data files together, now",
                      {"table compact", "table compact sword_purchases"},
                      [this](const auto& config) { return CompactTables(config, table_); });
  compact->add_option("name", table_.name, name + " (default: all)");
  auto* expire = Add(
      table, "expire", "have the server expire older snapshots, now",
      {"table expire sword_purchases", "table expire sword_purchases --older-than 1h --dry-run"},
      [this](const auto& config) { return ExpireTable(config, expire_); });
  expire->add_option("name", expire_.name, name)->required();
  expire->add_option("--older-than", expire_.older_than, "their age: 5d (default), 12h, 30m");
  expire->add_option("--keep", expire_.keep, "so many of the newest stay (default 1)")
      ->check(Between(std::int64_t{1}, kMostRecords));
  expire->add_flag("--dry-run", expire_.is_dry, "say what would go, and change nothing");
  auto* exported =
      Add(table, "export", "write all rows into a file, with or without a running server",
          {"table export sword_purchases --to swords.parquet",
           "table export bad.rows --to - --format ndjson"},
          [this](const auto& config) { return ExportTable(config, export_); });
  exported->add_option("name", export_.name, name)->required();
  exported->add_option("--to", export_.to, "the file (-: stdout)")
      ->required()
      ->check(NamesA("file"));
  OneOf(exported->add_option("--format", export_.format,
                             "parquet, csv or ndjson (default: by the file's suffix)"),
        {"parquet", "csv", "ndjson"});
  exported
      ->add_option("--snapshot", export_.snapshot, "an earlier one, as `table history` names it")
      ->check(Between(std::int64_t{1}, kMostRecords));
  exported->add_flag("--force", export_.may_replace, "replace a file that exists");
}

void CommandLine::AddOrphans(CLI::App& table) {
  auto* orphans =
      Add(table, "orphans", "list files that nothing names, and remove them",
          {"table orphans", "table orphans sword_purchases", "table orphans --remove --yes"},
          [this](const auto& config) { return ShowOrphans(config, orphans_); });
  orphans->add_option("name", orphans_.name, "the table, or schema.table (default: all)");
  auto* remove = orphans->add_flag("--remove", orphans_.is_removing,
                                   "have those that are old enough leave the disk in an hour");
  orphans
      ->add_flag("--yes", orphans_.is_yes,
                 "with --remove: do it; else the command tells what it would do")
      ->needs(remove);
  AddFormat(*orphans, orphans_.format, {"table", "json", "ndjson", "csv", "markdown"});
}

void CommandLine::AddTableChanges(CLI::App& table) {
  const auto add = [&](const std::string& name, const std::string& what,
                       const std::vector<std::string>& examples,
                       int (*run)(const app::Config&, const TableChangeOptions&)) {
    return Add(table, name, what, examples,
               [this, run](const auto& config) { return run(config, table_change_); });
  };
  auto* drop = add("drop", "remove a table that no pipeline fills any more",
                   {"table drop old_purchases", "table drop old_purchases --yes"}, DropTable);
  drop->add_option("name", table_change_.name, "the table, or schema.table")->required();
  drop->add_flag("--yes", table_change_.is_yes, "do it; else the command tells what it would do");
  auto* rename = add("rename", "give a table that no pipeline fills another name",
                     {"table rename purchases old_purchases"}, RenameTable);
  rename->add_option("name", table_change_.name, "the table, or schema.table")->required();
  rename->add_option("to", table_change_.to, "its new name")->required();
  auto* relocate =
      add("relocate", "after a move, make the metadata name the place where the tables lie now",
          {"table relocate", "table relocate sword_purchases"}, RelocateTables);
  relocate->add_option("name", table_change_.name, "the table, or schema.table (default: all)");
}

void CommandLine::AddSql() {
  auto* sql =
      Add(cli_, "sql", "ask the tables, with or without a running server",
          {"sql \"show tables\"", "sql \"select host, count(*) from sword_purchases group by 1\"",
           "sql --format csv -f report.sql > report.csv",
           "sql --schema bad \"select code, reason from rows\""},
          [this](const auto& config) { return RunSql(config, sql_); });
  sql->add_option("statement", sql_.text, "SQL; several are separated by semicolons");
  sql->add_option("-f,--file", sql_.file, "read the statements from a file (-: stdin, default)")
      ->check(NamesA("file"));
  AddFormat(*sql, sql_.format, {"table", "json", "ndjson", "csv", "markdown"});
  sql->add_option("--schema", sql_.schema, "of names without one (default: default)");
}

void CommandLine::AddLoad() {
  auto* load = Add(cli_, "load", "play players against a server, and prove that nothing is lost",
                   {"load -C examples/w205 --verify",
                    "load --target http://localhost:5000 --rate 2000 --duration 5m",
                    "load --target http://localhost:5000 -C examples/w205 --rate declared",
                    "load --target http://localhost:5000 --clients 500 --think 1s",
                    "load --target http://flask:5000 --kafka kafka:29092 --format json"},
                   [this](const auto& config) { return RunLoad(config, load_); });
  load->add_option("--target", load_.target,
                   "http://HOST:PORT (default: the project's running server)");
  load->add_option("--duration", load_.duration, "500ms, 60s (default), 5m, 1h");
  auto* clients = load->add_option("--clients", load_.clients,
                                   "closed loop: so many, each waits for its answer (default 64)")
                      ->check(Between(1U, client::load::kMaxClients));
  auto* rate =
      load->add_option("--rate", load_.rate,
                       "open loop: requests a second, whatever the server does; declared: each\n"
                       "route at the rate that its event declares")
          ->excludes(clients);
  choices_[rate] = {"declared"};
  load->add_option("--think", load_.think, "closed loop: mean pause of a client (default 0s)")
      ->excludes("--rate");
  load->add_option("--requests", load_.requests, "stop after so many; 0 (default): no limit")
      ->check(Between(std::uint64_t{0}, kMostRequests));
  load->add_option("--connections", load_.connections, "default: one a client, 256 with --rate")
      ->check(Between(1U, client::load::kMaxClients));
  OneOf(load->add_option("--mix", load_.mix, "all (default), events or commands"),
        {"all", "events", "commands"});
  auto* verify =
      load->add_flag("--verify", load_.verify,
                     "count the run's keys in the server's log and tables; name what lacks");
  auto* kafka =
      load->add_option("--kafka", load_.kafka, "of another server: its broker's HOST:PORT")
          ->excludes(verify);
  load->add_option("--topic", load_.topic, "there (default: events)")->needs(kafka);
  AddFormat(*load, load_.format);
  load->footer(
      "Exit code 0: all was answered; with --verify, sent = acknowledged = in the log = in the\n"
      "tables, and nothing is missing or doubled.\n" +
      load->get_footer());
}

}  // namespace st::cli
