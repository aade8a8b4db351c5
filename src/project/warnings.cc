#include "project/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"
#include "game/declared.h"
#include "os/text_file.h"

namespace st::project {
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

// The names in a folder; none if the folder cannot be read.
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

// True for names of types, here and in other systems.
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

void AddEmptyPipelines(os::FileSystem& fs, const std::string& folder, Warnings& out) {
  const auto path = os::JoinPath(folder, "pipelines");
  for (const auto& name : NamesIn(fs, path)) {
    if (name.starts_with('.') || !name.ends_with(".sql")) continue;
    const auto file = os::JoinPath(path, name);
    const auto text = os::ReadTextFile(fs, file);
    const auto parsed =
        text ? dialect::spark::ParsePipelineFile(file, *text) : std::unexpected(text.error());
    if (!parsed || !parsed->empty()) continue;
    out.push_back(fmt::format(
        "{}: declares no pipeline: it has no statement CREATE STREAMING TABLE … AS SELECT …",
        file));
  }
}

// The members and event types that records of a topic may have.
class TopicShape {
 public:
  void AddDeclared(const event::Declaration& event) {
    is_known_ = is_known_ && (event.has_route() || event.topic == game::kTopic);
    has_events_ = true;
    Add(event);
  }
  // Adds an event whose route is not known.
  void Add(const event::Declaration& event) {
    has_headers_ = has_headers_ || event.with_headers;
    for (const auto& field : event.fields) {
      members_.insert(field.name);
      if (field.name != kEventType) continue;
      const auto type = event.event_type();
      has_known_types_ = has_known_types_ && !type.empty();
      types_.insert(type);
    }
  }
  bool is_known() const { return has_events_ && is_known_; }

  bool HasMember(const std::string& name) const {
    if (members_.contains(name)) return true;
    if (!has_headers_) return false;
    // A header may have any name, but those of browsers and tools begin with a capital or have a
    // dash.
    const bool is_header = (name[0] >= 'A' && name[0] <= 'Z') || name.contains('-');
    return is_header || MeantMember(name).empty();
  }
  std::string MeantMember(const std::string& name) const {
    return Meant(name, {members_.begin(), members_.end()});
  }
  bool HasType(const std::string& text) const { return !has_known_types_ || types_.contains(text); }
  std::string MeantType(const std::string& text) const {
    return Meant(text, {types_.begin(), types_.end()});
  }

  static constexpr const char* kEventType = "event_type";

 private:
  bool has_events_ = false;
  bool is_known_ = true;
  bool has_headers_ = false;
  bool has_known_types_ = true;
  std::set<std::string> members_;
  std::set<std::string> types_;
};

void AddMemberSlips(const dialect::spark::Definition& pipeline, const TopicShape& shape,
                    Warnings& out) {
  const auto add = [&](const std::string& place, const std::string& what,
                       const std::string& meant) {
    out.push_back(fmt::format("{}: pipeline \"{}\": no declared event of topic \"{}\" has {}{}",
                              place, pipeline.name, pipeline.topics.front(), what, meant));
  };
  for (const auto& name : pipeline.require) {
    if (shape.HasMember(name)) continue;
    add(pipeline.require_place,
        fmt::format("the field \"{}\" that steelthread.require names", name),
        shape.MeantMember(name));
  }
  std::set<std::string> said;
  for (const auto& member : pipeline.mentions.members) {
    if (shape.HasMember(member.name) || !said.insert(member.name).second) continue;
    add(member.place, fmt::format("a field \"{}\"", member.name), shape.MeantMember(member.name));
  }
  for (const auto& [member, text, place] : pipeline.mentions.texts) {
    if (member != TopicShape::kEventType || shape.HasType(text)) continue;
    add(place, fmt::format("the event_type \"{}\"", text), shape.MeantType(text));
  }
}

}  // namespace

Warnings UnreadWarnings(os::FileSystem& fs, const std::string& folder) {
  Warnings out;
  const std::vector<std::string> known = {"events", "pipelines", "tests", "game.toml",
                                          "steelthread.toml"};
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
  AddUnreadFiles(fs, folder, {"tests", ".toml"}, out);
  AddEmptyPipelines(fs, folder, out);
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

Warnings UndeclaredWarnings(const Project& project) {
  Warnings out;
  if (!project.game) return out;
  for (const auto& event : game::UndeclaredEvents(project.events)) {
    out.push_back(fmt::format(
        "{}:1:1: the game's event \"{}\" is declared in none of events/*.toml and has no "
        "table: add events/{}.toml with name = \"{}\", topic = \"game\" and, under "
        "[fields], {}",
        os::JoinPath(project.folder, "game.toml"), event.type, event.type, event.type,
        event.fields));
  }
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
    for (const auto& topic : pipeline.topics) {
      if (std::ranges::binary_search(known, topic)) continue;
      const auto meant = Meant(topic, known);
      out.push_back(
          fmt::format("{}: pipeline \"{}\" reads topic \"{}\", which does not exist and which "
                      "no event declares{}",
                      pipeline.place, pipeline.name, topic,
                      meant.empty() ? "; the first record of a Kafka client creates it" : meant));
    }
  }
  return out;
}

Warnings NamesakeWarnings(const std::vector<dialect::spark::Definition>& tables,
                          const std::vector<std::string>& topics) {
  std::map<std::string, std::string> by_lower;
  for (const auto& topic : topics) by_lower.emplace(AsciiLower(topic), topic);
  Warnings out;
  for (const auto& table : tables) {
    const auto topic = by_lower.find(AsciiLower(table.name));
    if (topic == by_lower.end()) continue;
    out.push_back(fmt::format(
        "{}: table \"{}\" has the name of the topic \"{}\", which a Kafka client made: both stay, "
        "and the table holds nothing of that topic; give the table another name if readers "
        "could mistake one for the other",
        table.place, table.name, topic->second));
  }
  return out;
}

Warnings MemberWarnings(const Project& project, const EventVersions& recorded) {
  std::map<std::string, TopicShape> topics;
  for (const auto& event : project.events) topics[event.topic].AddDeclared(event);
  for (const auto& [name, versions] : recorded) {
    for (const auto& version : versions) topics[version.declaration.topic].Add(version.declaration);
  }
  Warnings out;
  for (const auto& pipeline : project.pipelines) {
    if (pipeline.topics.size() != 1) continue;  // another topic may have the member
    const auto shape = topics.find(pipeline.topics.front());
    if (shape == topics.end() || !shape->second.is_known()) continue;
    AddMemberSlips(pipeline, shape->second, out);
  }
  return out;
}

}  // namespace st::project
