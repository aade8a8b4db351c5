#include "app/check.h"

#include "app/data_dir.h"
#include "app/ports.h"
#include "app/project.h"
#include "event/version.h"
#include "jobs/worker_client.h"
#include "lake/local_storage.h"
#include "lake/read_view.h"
#include "project/served_project.h"
#include "project/warnings.h"
#include "stream/table_columns.h"

namespace st::app {
namespace {

void AddEvents(const project::Project& project, const project::EventVersions& versions,
               CheckReport& report) {
  for (const auto& event : project.events) {
    CheckedEvent checked{.name = event.name, .version = event.version, .table = event.table};
    const auto found = versions.find(event.name);
    if (found == versions.end()) {
      checked.change = "new";
    } else {
      const auto compared = event::Compare(found->second.back().declaration, event);
      checked.change = compared.change == event::Change::kSame         ? "same"
                       : compared.change == event::Change::kCompatible ? "compatible"
                                                                       : "new version";
      checked.added = compared.added;
    }
    report.events.push_back(std::move(checked));
  }
}

Status Check(os::FileSystem& fs, const Config& config, CheckReport& report) {
  report.warnings = project::UnreadWarnings(fs, config.project);
  ST_TRY_STATUS(CheckListeners(config));
  ST_TRY(auto files, LoadProject(fs, config.project));
  report.has_game = files.game.has_value();
  if (const auto worker = jobs::CheckWorkerProgram(""); !worker) {
    report.warnings.push_back(worker.error().message());
  }
  ST_TRY_STATUS(DataDir::CheckFolder(fs, config.data_dir));
  ST_TRY(const auto recorded, project::ReadRecordedState(fs, os::JoinPath(config.data_dir, "log")));
  for (auto& warning : project::TopicWarnings(files, recorded.TopicNames())) {
    report.warnings.push_back(std::move(warning));
  }
  ST_TRY(const auto served,
         project::MakeServedProject(std::move(files), recorded, report.warnings));
  AddEvents(served.files, recorded.versions, report);
  for (const auto& pipeline : served.files.pipelines) report.pipelines.push_back(pipeline.name);
  ST_TRY_STATUS(CheckTables(fs, os::JoinPath(config.data_dir, "warehouse"), served.pipelines));
  return CheckPortsFree(config);
}

}  // namespace

Status CheckTables(os::FileSystem& fs, const std::string& warehouse,
                   const std::vector<dialect::spark::Definition>& definitions) {
  const auto storage = lake::MakeLocalStorage(fs, warehouse);
  std::string faults;
  for (const auto& definition : definitions) {
    const auto view = lake::ReadView(*storage, {"default", definition.name});
    if (!view || stream::MayGrow(definition, **view)) continue;
    const auto checked = stream::CheckTableColumns(definition, **view);
    if (!checked) faults += (faults.empty() ? "" : "\n") + checked.error().message();
  }
  if (faults.empty()) return {};
  return Fail(ErrorCode::kInvalidArgument, "{}", faults);
}

CheckReport CheckProject(os::FileSystem& fs, const Config& config) {
  CheckReport report;
  const auto checked = Check(fs, config, report);
  if (!checked) report.error = checked.error();
  return report;
}

}  // namespace st::app
