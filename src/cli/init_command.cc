#include "cli/init_command.h"

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <filesystem>

#include "base/quote.h"
#include "base/text.h"
#include "cli/exit_code.h"
#include "cli/program_name.h"
#include "os/file_system.h"
#include "os/paths.h"

namespace st::cli {
namespace {

constexpr std::size_t kMaxNameBytes = 64;

struct File {
  const char* path;
  std::string_view text;  // NAME stands for the project's name
};

constexpr std::array kFiles = {
    File{"steelthread.toml", R"(# Settings of NAME. What is commented out is the default:
# take the # in front of a line away to change it.
[http]
# listen = "127.0.0.1:5000"    # where players' requests come in

[kafka]
# listen = "127.0.0.1:9092"    # the same events, for Kafka clients

[sql]
# listen = "127.0.0.1:8080"    # Trino and Presto clients

[catalog]
# listen = "127.0.0.1:8181"    # where Iceberg clients find the tables
)"},
    File{"events/level_completed.toml", R"(name = "level_completed"
description = "a player completed a level"
reason = "where players give up"
route = "POST /levels/{level}/complete"
reply = "Level completed.\n"

[fields]
event_type = "level_completed"
level = { type = "int", min = 1, max = 100 }
player = { max = 64, required = true }
seconds = { type = "double", min = 0 }
at = { type = "timestamp", from = "server", name = "time" }
)"},
    File{"events/item_found.toml", R"(name = "item_found"
description = "a player found an item"
reason = "which items are worth a search"
route = "POST /finds"
reply = "Item found.\n"

[fields]
event_type = "item_found"
player = { max = 64, required = true }
item = { one_of = ["coin", "gem", "map"], required = true }
at = { type = "timestamp", from = "server", name = "time" }
)"},
    File{"pipelines/slow_levels.sql", R"(-- Levels that took longer than a minute.
CREATE STREAMING TABLE slow_levels
TBLPROPERTIES (
  'steelthread.trigger' = '10 seconds',
  'steelthread.format' = 'json',
  'steelthread.require' = 'event_type')
AS SELECT
  get_json_object(CAST(value AS STRING), '$.player') AS player,
  CAST(get_json_object(CAST(value AS STRING), '$.level') AS INT) AS level,
  CAST(get_json_object(CAST(value AS STRING), '$.seconds') AS DOUBLE) AS seconds,
  timestamp
FROM STREAM(events)
WHERE get_json_object(CAST(value AS STRING), '$.event_type') = 'level_completed'
  AND CAST(get_json_object(CAST(value AS STRING), '$.seconds') AS DOUBLE) > 60;
)"},
    File{"tests/slow_levels.toml",
         R"(# What slow_levels makes of events. `steelthread test` runs it; docs/testing.md
# says what else a test can have.
[[test]]
name = "a level that took longer than a minute is a row"
given.events = '''
{"event_type": "level_completed", "player": "ada", "level": 3, "seconds": 75.5}
{"event_type": "level_completed", "player": "bob", "level": 3, "seconds": 12}
{"event_type": "item_found", "player": "ada", "item": "gem"}
'''
expect.slow_levels = '''
{"player": "ada", "level": 3, "seconds": 75.5}
'''
)"},
    File{"README.md", R"(# NAME

A steelthread project. In this folder:

    steelthread check                    # finds mistakes without a server
    steelthread test                     # runs tests/ without a server
    steelthread up -d                    # starts the server in the background
    curl -d player=ada -d seconds=75.5 http://localhost:5000/levels/3/complete
    curl -d player=ada -d item=gem http://localhost:5000/finds
    steelthread topic consume events     # what the log has
    steelthread pipeline run slow_levels # into the table now, not within ten seconds
    steelthread sql "select player, level, seconds from slow_levels"
    steelthread status
    steelthread down

- `events/`: a file an event: its route, its fields, and from them its table.
- `pipelines/`: a SQL file a table.
- `tests/`: what the pipelines must make of events.
- `steelthread.toml`: settings. The data stands in `.steelthread/`; keep that out of git.

After a change: `steelthread check`, `steelthread test`, then `steelthread reload`.
)"},
    File{".gitignore", ".steelthread/\nspark-checkpoints/\nspark-warehouse/\n"},
};

Result<std::string> NameOf(const InitOptions& options, const std::string& folder) {
  std::string name = options.name;
  if (name.empty()) name = std::filesystem::path(folder).filename().string();
  if (name.empty()) name = "My game";
  const bool is_plain = name.find_first_of("\r\n") == std::string::npos && IsUtf8(name);
  if (is_plain && name.size() <= kMaxNameBytes) return name;
  return Fail(ErrorCode::kInvalidArgument, "--name: want one line of at most {} bytes",
              kMaxNameBytes);
}

std::string Filled(std::string_view text, const std::string& name) {
  std::string out(text);
  constexpr std::string_view kName = "NAME";
  for (auto at = out.find(kName); at != std::string::npos; at = out.find(kName, at + name.size())) {
    out.replace(at, kName.size(), name);
  }
  return out;
}

Status Write(const InitOptions& options) {
  const auto fs = os::MakePosixFileSystem();
  ST_TRY(auto folder, os::CanonicalPath(options.folder));
  if (folder.ends_with('/') && folder.size() > 1) folder.pop_back();
  ST_TRY(const auto name, NameOf(options, folder));
  for (const auto* taken : {"steelthread.toml", "events", "pipelines", "tests/slow_levels.toml",
                            "README.md", ".gitignore", "game.toml", ".steelthread"}) {
    ST_TRY(const bool exists, fs->Exists(os::JoinPath(folder, taken)));
    if (!exists) continue;
    return Fail(ErrorCode::kAlreadyExists,
                "{} has {} already: nothing was written; name a folder that does not exist yet",
                folder, taken);
  }
  for (const auto& file : kFiles) {
    const std::string path = os::JoinPath(folder, file.path);
    ST_TRY_STATUS(fs->CreateDirs(path.substr(0, path.rfind('/'))));
    ST_TRY_STATUS(os::WriteFileAtomically(*fs, path, Filled(file.text, name)));
    std::printf("%s\n", path.c_str());
  }
  const bool is_here = options.folder == ".";
  std::string program = ProgramName();
  if (program.contains('/')) program = ShellWord(os::AbsolutePath(program));
  std::printf("next:%s %s check, %s up -d; README.md has the rest\n",
              is_here ? "" : fmt::format(" cd {},", ShellWord(options.folder)).c_str(),
              program.c_str(), program.c_str());
  return {};
}

}  // namespace

int RunInit(const InitOptions& options) {
  const auto written = Write(options);
  return written ? 0 : ExitFor(written.error());
}

}  // namespace st::cli
