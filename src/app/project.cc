#include "app/project.h"

#include <filesystem>
#include <functional>
#include <map>

#include "api/game/operations.h"
#include "app/event_tables.h"
#include "base/text.h"
#include "game/declared.h"
#include "os/text_file.h"

namespace st::app {
namespace {

// Calls `take` with path and text of each file of <project>/<folder> that ends so; the mistakes of
// all come in one error, a line each.
Status ForEachFile(os::FileSystem& fs, const std::string& folder, std::string_view ending,
                   const std::function<Status(const std::string&, const std::string&)>& take) {
  ST_TRY(const bool exists, fs.Exists(folder));
  if (!exists) return {};
  ST_TRY(const auto names, fs.List(folder));
  const auto take_file = [&](const std::string& path) -> Status {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
      return Fail(ErrorCode::kInvalidArgument, "{}: is not a regular file", path);
    }
    ST_TRY(const auto text, os::ReadTextFile(fs, path));
    return take(path, text);
  };
  std::string mistakes;
  for (const auto& name : names) {
    if (!name.ends_with(ending) || name.starts_with('.')) continue;
    if (const auto taken = take_file(os::JoinPath(folder, name)); !taken) {
      mistakes += (mistakes.empty() ? "" : "\n") + taken.error().message();
    }
  }
  if (!mistakes.empty()) return Fail(ErrorCode::kInvalidArgument, "{}", mistakes);
  return {};
}

Status CheckTopics(const std::vector<event::Declaration>& events) {
  for (const auto& event : events) {
    if (event.topic != kDeclarationsTopic) continue;
    return Fail(ErrorCode::kInvalidArgument,
                "{}: event \"{}\": topic \"{}\" is the server's own; name another",
                event.name_place, event.name, event.topic);
  }
  return {};
}

// game.toml, and whether the declared events are what the game writes.
Status LoadGame(os::FileSystem& fs, const std::string& folder, Project& project) {
  const std::string path = os::JoinPath(folder, "game.toml");
  ST_TRY(const bool exists, fs.Exists(path));
  if (!exists) {
    for (const auto& event : project.events) {
      if (event.topic != game::kTopic) continue;
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: event \"{}\": only the game writes topic \"game\", and the project has no "
                  "game.toml",
                  event.name_place, event.name);
    }
    return {};
  }
  ST_TRY(const auto text, os::ReadTextFile(fs, path));
  ST_TRY(project.game, game::ParseCatalogue(text, path));
  ST_TRY_STATUS(game::CheckDeclarations(project.events, path));
  return api::CheckRoutes(*project.game, project.events);
}

}  // namespace

Result<Project> LoadProject(os::FileSystem& fs, const std::string& folder) {
  Project project;
  ST_TRY_STATUS(ForEachFile(fs, os::JoinPath(folder, "events"), ".toml",
                            [&](const auto& path, const auto& text) -> Status {
                              ST_TRY(auto event, event::ParseDeclaration(text, path));
                              project.events.push_back(std::move(event));
                              return {};
                            }));
  ST_TRY_STATUS(CheckTopics(project.events));
  ST_TRY_STATUS(event::CheckTogether(project.events));
  ST_TRY_STATUS(ForEachFile(fs, os::JoinPath(folder, "pipelines"), ".sql",
                            [&](const auto& path, const auto& text) -> Status {
                              ST_TRY(auto parsed, stream::ParsePipelineFile(path, text));
                              for (auto& one : parsed) project.pipelines.push_back(std::move(one));
                              return {};
                            }));
  ST_TRY_STATUS(stream::CheckTogether(project.pipelines));
  ST_TRY_STATUS(LoadGame(fs, folder, project));
  return project;
}

Status CheckNames(const Project& project, const std::vector<stream::Definition>& tables,
                  const std::vector<std::string>& topics) {
  std::map<std::string, std::string> names;  // of a topic or table, lower case: what it is
  for (const auto& topic : topics) {
    names[AsciiLower(topic)] = fmt::format("topic \"{}\" of the log", topic);
  }
  for (const auto& event : project.events) {
    names[AsciiLower(event.topic)] = fmt::format("topic of the event at {}", event.name_place);
  }
  for (const auto& table : tables) {
    names[AsciiLower(table.topic)] = fmt::format("topic of the table at {}", table.place);
  }
  for (const auto& table : tables) {
    const auto [at, is_new] =
        names.emplace(AsciiLower(table.name), fmt::format("table at {}", table.place));
    if (is_new) continue;
    return Fail(ErrorCode::kInvalidArgument,
                "{}: table \"{}\" has the name of the {}; give it another", table.place, table.name,
                at->second);
  }
  return {};
}

}  // namespace st::app
