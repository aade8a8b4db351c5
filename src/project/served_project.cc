#include "project/served_project.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "project/event_tables.h"
#include "project/event_versions.h"
#include "project/warnings.h"

namespace st::project {
namespace {

void Append(std::vector<std::string>& to, std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(to));
}

}  // namespace

bool ServedProject::HasTable(const std::string& name) const {
  return table_names.contains(AsciiLower(name));
}

const event::Declaration* ServedProject::FindEvent(const std::string& name) const {
  const auto found = std::ranges::find(files.events, name, &event::Declaration::name);
  return found == files.events.end() ? nullptr : &*found;
}

Result<ServedProject> MakeServedProject(Project project, const RecordedState& recorded,
                                        std::vector<std::string>& warnings) {
  Append(warnings, SlipWarnings(project));
  Append(warnings, UndeclaredWarnings(project));
  Append(warnings, MemberWarnings(project, recorded.versions));
  ServedProject out;
  ST_TRY(out.added, NewEventVersions(recorded, project.events));
  out.versions = recorded.versions;
  for (const auto& version : out.added) out.versions[version.declaration.name].push_back(version);
  ST_TRY(out.pipelines, EventTables(out.versions, project.events));
  out.pipelines.insert(out.pipelines.end(), project.pipelines.begin(), project.pipelines.end());
  const auto topics = recorded.TopicNames();
  ST_TRY_STATUS(CheckNames(project, out.pipelines, topics));
  Append(warnings, NamesakeWarnings(out.pipelines, topics));
  for (const auto& pipeline : out.pipelines) out.table_names.insert(AsciiLower(pipeline.name));
  if (project.game) out.rules = std::make_shared<const game::Catalogue>(*project.game);
  out.files = std::move(project);
  return out;
}

}  // namespace st::project
