#include "project/project.h"

#include <functional>
#include <map>

#include "base/mistakes.h"
#include "base/text.h"
#include "game/declared.h"
#include "os/paths.h"
#include "os/text_file.h"
#include "project/recorded_state.h"

namespace st::project {
namespace {

// Calls `take` with path and text of each file in `folder` whose name ends with `ending`. One error
// has the mistakes of all files, one line each.
Status ForEachFile(os::FileSystem& fs, const std::string& folder, std::string_view ending,
                   const std::function<Status(const std::string&, const std::string&)>& take) {
  ST_TRY(const bool exists, fs.Exists(folder));
  if (!exists) return {};
  ST_TRY(const auto names, fs.List(folder));
  const auto take_file = [&](const std::string& path) -> Status {
    if (os::KindOfPath(path) != os::PathKind::kFile) {
      return Fail(ErrorCode::kInvalidArgument, "{}: is not a regular file", path);
    }
    ST_TRY(const auto text, os::ReadTextFile(fs, path));
    return take(path, text);
  };
  Mistakes mistakes;
  for (const auto& name : names) {
    if (!name.ends_with(ending) || name.starts_with('.')) continue;
    mistakes.Add(take_file(os::JoinPath(folder, name)));
  }
  return mistakes.AsStatus();
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

Status LoadCatalogue(os::FileSystem& fs, const std::string& path, Project& project) {
  ST_TRY(const bool exists, fs.Exists(path));
  if (!exists) return {};
  ST_TRY(const auto text, os::ReadTextFile(fs, path));
  ST_TRY(project.game, game::ParseCatalogue(text, path));
  return {};
}

// Checks that the declared events are those that the game writes. Requires: events and game.toml
// have no mistake.
Status CheckGame(const Project& project, const RouteCheck& check_routes) {
  if (!project.game) {
    for (const auto& event : project.events) {
      if (event.topic != game::kTopic) continue;
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: event \"{}\": only the game writes topic \"game\", and the project has no "
                  "game.toml",
                  event.name_place, event.name);
    }
    return {};
  }
  ST_TRY_STATUS(game::CheckDeclarations(project.events));
  return check_routes(*project.game, project.events);
}

}  // namespace

Result<Project> LoadProject(os::FileSystem& fs, const std::string& folder,
                            const RouteCheck& check_routes) {
  Project project{.folder = folder};
  Mistakes mistakes;
  bool is_right =
      mistakes.Add(ForEachFile(fs, os::JoinPath(folder, "events"), ".toml",
                               [&](const auto& path, const auto& text) -> Status {
                                 ST_TRY(auto event, event::ParseDeclaration(text, path));
                                 project.events.push_back(std::move(event));
                                 return {};
                               }));
  is_right &= mistakes.Add(CheckTopics(project.events));
  is_right &= mistakes.Add(event::CheckTogether(project.events));
  mistakes.Add(ForEachFile(fs, os::JoinPath(folder, "pipelines"), ".sql",
                           [&](const auto& path, const auto& text) -> Status {
                             ST_TRY(auto parsed, dialect::spark::ParsePipelineFile(path, text));
                             for (auto& one : parsed) project.pipelines.push_back(std::move(one));
                             return {};
                           }));
  mistakes.Add(dialect::spark::CheckTogether(project.pipelines));
  is_right &= mistakes.Add(LoadCatalogue(fs, os::JoinPath(folder, "game.toml"), project));
  // An event whose file has a mistake must not be reported as missing.
  if (is_right) mistakes.Add(CheckGame(project, check_routes));
  ST_TRY_STATUS(mistakes.AsStatus());
  return project;
}

std::vector<dialect::spark::Definition> SoundPipelines(os::FileSystem& fs,
                                                       const std::string& folder) {
  std::vector<dialect::spark::Definition> sound;
  Ignore(ForEachFile(fs, os::JoinPath(folder, "pipelines"), ".sql",
                     [&](const auto& path, const auto& text) -> Status {
                       auto file = dialect::spark::ReadPipelineFile(path, text);
                       for (auto& one : file.definitions) sound.push_back(std::move(one));
                       return {};
                     }),
         "LoadProject says what is wrong");
  return sound;
}

bool IsOwnTopic(const std::string& name) {
  return name == kDeclarationsTopic || name == game::kTopic;
}

Status CheckNames(const Project& project, const std::vector<dialect::spark::Definition>& tables,
                  const std::vector<std::string>& topics) {
  // Describes each topic and table, by its name in lower case.
  struct Named {
    std::string what;
    std::string place;   // of the table; "": it is none
    std::string reader;  // place of a pipeline that alone knows the topic; "": it is none
  };
  std::map<std::string, Named> names;
  for (const auto& topic : topics) {
    if (!IsOwnTopic(topic)) continue;
    names[AsciiLower(topic)] = {fmt::format("topic \"{}\" of the log", topic), "", ""};
  }
  for (const auto& event : project.events) {
    names[AsciiLower(event.topic)] = {fmt::format("topic of the event at {}", event.name_place), "",
                                      ""};
  }
  for (const auto& table : tables) {
    for (const auto& topic : table.topics) {
      names.try_emplace(
          AsciiLower(topic),
          Named{fmt::format("topic of the table at {}", table.place), "", table.place});
    }
  }
  for (const auto& table : tables) {
    const auto [at, is_new] = names.emplace(
        AsciiLower(table.name), Named{fmt::format("table at {}", table.place), table.place, ""});
    if (is_new) continue;
    if (!at->second.reader.empty()) {
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: a pipeline reads topics, and STREAM({}) is the table at {}, which is not "
                  "supported yet; let a CREATE TEMPORARY VIEW have the rows that both tables take",
                  at->second.reader, table.name, table.place);
    }
    if (at->second.place == table.place) {
      return Fail(ErrorCode::kInvalidArgument,
                  "{}: an earlier version of the event has the table \"{}\"; give this version "
                  "another by `table`, or leave `table` out",
                  table.place, table.name);
    }
    return Fail(ErrorCode::kInvalidArgument,
                "{}: table \"{}\" has the name of the {}; give it another", table.place, table.name,
                at->second.what);
  }
  return {};
}

}  // namespace st::project
