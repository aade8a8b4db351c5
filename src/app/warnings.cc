#include "app/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "game/declared.h"

namespace st::app {
namespace {

using Warnings = std::vector<std::string>;

struct Read {
  std::string folder;
  std::string ending;
};
const std::vector<Read>& ReadFolders() {
  static const std::vector<Read> folders = {{"events", ".toml"}, {"pipelines", ".sql"}};
  return folders;
}

bool IsQuiet(std::string_view name) {
  return name.starts_with('.') || name.ends_with('~') || AsciiLower(name).ends_with(".md");
}

std::string Meant(std::string_view name, const std::vector<std::string>& known) {
  const auto near = NearestName(name, known);
  return near ? fmt::format("; did you mean \"{}\"?", *near) : std::string();
}

// Names in a folder, none where it cannot be read.
std::vector<std::string> NamesIn(os::FileSystem& fs, const std::string& folder) {
  return fs.List(folder).value_or(std::vector<std::string>());
}

void AddUnreadFiles(os::FileSystem& fs, const std::string& folder, const Read& read,
                    Warnings& out) {
  const auto path = os::JoinPath(folder, read.folder);
  for (const auto& name : NamesIn(fs, path)) {
    if (IsQuiet(name) || name.ends_with(read.ending)) continue;
    out.push_back(fmt::format("{}: is not read: files of {}/ end in {}", os::JoinPath(path, name),
                              read.folder, read.ending));
  }
}

// What people write for a type, here and elsewhere.
bool IsTypeName(std::string_view text) {
  static const std::vector<std::string> others = {"text", "integer", "bigint",   "number", "float",
                                                  "bool", "date",    "datetime", "varchar"};
  const auto lower = AsciiLower(text);
  return std::ranges::find(event::FieldTypeNames(), lower) != event::FieldTypeNames().end() ||
         std::ranges::find(others, lower) != others.end();
}

void AddSlips(const event::Declaration& event, Warnings& out) {
  for (const auto& field : event.fields) {
    if (field.from != event::FieldSource::kConstant || field.name == "event_type") continue;
    const auto json = nlohmann::json::parse(field.value.value_or(""), nullptr, false);
    if (!json.is_string()) continue;
    const auto text = json.get<std::string>();
    if (IsTypeName(text)) {
      const auto& types = event::FieldTypeNames();
      const auto lower = AsciiLower(text);
      const bool is_type = std::ranges::find(types, lower) != types.end();
      out.push_back(fmt::format(
          "{}: field \"{}\" is the text \"{}\" in every record; a field of a type is written {} = "
          "{{ type = \"{}\" }}",
          field.place, field.name, text, field.name, is_type ? lower : "…"));
    } else if (Trim(text).starts_with('{')) {
      out.push_back(fmt::format(
          "{}: field \"{}\" is a text in every record; a table is written without quotes",
          field.place, field.name));
    }
  }
}

}  // namespace

Warnings UnreadWarnings(os::FileSystem& fs, const std::string& folder) {
  Warnings out;
  const std::vector<std::string> known = {"events", "pipelines", "game.toml", "steelthread.toml"};
  const auto names = NamesIn(fs, folder);
  for (const auto& name : names) {
    if (IsQuiet(name) || std::ranges::find(known, name) != known.end()) continue;
    const auto meant = Meant(AsciiLower(name), known);
    if (meant.empty()) continue;
    out.push_back(fmt::format("{}: is not read{}", os::JoinPath(folder, name), meant));
  }
  bool is_empty = std::ranges::find(names, "game.toml") == names.end();
  for (const auto& read : ReadFolders()) {
    AddUnreadFiles(fs, folder, read, out);
    const auto files = NamesIn(fs, os::JoinPath(folder, read.folder));
    is_empty = is_empty && std::ranges::none_of(files, [&](const auto& file) {
                 return file.ends_with(read.ending) && !file.starts_with('.');
               });
  }
  if (is_empty) {
    out.push_back(
        fmt::format("{}: declares nothing: there is no events/*.toml, no pipelines/*.sql and no "
                    "game.toml; another project folder is named with -C FOLDER",
                    folder));
  }
  return out;
}

Warnings SlipWarnings(const Project& project) {
  Warnings out;
  for (const auto& event : project.events) AddSlips(event, out);
  return out;
}

Warnings TopicWarnings(const Project& project, const std::vector<std::string>& topics) {
  std::vector<std::string> known = topics;
  for (const auto& event : project.events) known.push_back(event.topic);
  if (project.game) known.emplace_back(game::kTopic);
  std::ranges::sort(known);
  known.erase(std::ranges::unique(known).begin(), known.end());
  Warnings out;
  for (const auto& pipeline : project.pipelines) {
    if (std::ranges::binary_search(known, pipeline.topic)) continue;
    const auto meant = Meant(pipeline.topic, known);
    out.push_back(
        fmt::format("{}: pipeline \"{}\" waits for topic \"{}\", which no event is on and "
                    "the log has not{}",
                    pipeline.place, pipeline.name, pipeline.topic,
                    meant.empty() ? "; Kafka clients make it by their first record" : meant));
  }
  return out;
}

}  // namespace st::app
