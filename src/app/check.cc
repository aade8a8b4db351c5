#include "app/check.h"

#include <map>
#include <memory>

#include "app/data_dir.h"
#include "app/ports.h"
#include "app/project.h"
#include "app/stores.h"
#include "base/mistakes.h"
#include "event/version.h"
#include "game_service/game_log.h"
#include "jobs/worker_client.h"
#include "lake/local_storage.h"
#include "lake/names.h"
#include "lake/read_view.h"
#include "log/log_files.h"
#include "project/event_versions.h"
#include "project/served_project.h"
#include "project/warnings.h"
#include "stream/definition_check.h"
#include "stream/position.h"
#include "stream/standing.h"
#include "stream/table_columns.h"
#include "stream/worker_transformer.h"

namespace st::app {
namespace {

constexpr std::int64_t kCheckTimeoutUs = 10'000'000;  // of one pipeline

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

// Null: a table that cannot be read, which stops nothing but itself.
using Tables = std::map<lake::TableName, std::shared_ptr<const lake::View>>;
Result<Tables> ReadTables(os::FileSystem& fs, const std::string& warehouse) {
  Tables tables;
  const auto storage = lake::MakeLocalStorage(fs, warehouse);
  ST_TRY(const auto names, lake::ListTables(*storage));
  for (const auto& name : names) {
    auto view = lake::ReadView(*storage, name);
    if (!view && view.error().code() == ErrorCode::kNotFound) continue;  // it is being made
    tables[name] = view ? *std::move(view) : nullptr;
  }
  return tables;
}

log::LogFiles::Records NamedRecords(const Tables& tables) {
  log::LogFiles::Records all;
  for (const auto& [name, view] : tables) {
    if (!view) continue;
    for (auto& [tp, offsets] : stream::NamedRecords(*view)) all[tp].merge(offsets);
  }
  return all;
}

// The sizes of what a start, or a reload, appends to the log.
std::vector<std::uint64_t> FirstAppends(const project::RecordedState& recorded,
                                        const project::ServedProject& served) {
  std::vector<std::uint64_t> payload_bytes;
  const auto topic = [&](std::string_view name) {
    if (!recorded.topics.contains(std::string(name))) payload_bytes.push_back(name.size());
  };
  if (served.rules) topic(game_service::kGameTopic);
  if (served.added.empty()) return payload_bytes;
  topic(project::kDeclarationsTopic);
  for (const auto& batch : project::EncodeVersions(0, served.added)) {
    payload_bytes.push_back(batch.size());
  }
  return payload_bytes;
}

// A paused pipeline may be changed: its table changes, or stops it, when it is resumed, and a reset
// gives the table the new columns.
Result<std::vector<std::string>> ChangesOf(const dialect::spark::Definition& definition,
                                           const lake::View& view) {
  if (!stream::PausedReason(view).empty()) return std::vector<std::string>();
  ST_TRY(auto evolution, stream::EvolutionOf(definition, view));
  auto changes = std::move(evolution.changes);
  auto layout = stream::LayoutChange(definition, view, evolution.columns);
  if (!layout.empty()) changes.push_back(std::move(layout));
  for (auto& text : stream::PropertyChangeOf(definition, view).texts) {
    changes.push_back(std::move(text));
  }
  return changes;
}

// Whether the pipelines would go on from where their tables stand, and what they change first.
Status CheckPipelines(const log::LogFiles& log, const Tables& tables,
                      const std::vector<dialect::spark::Definition>& definitions,
                      CheckReport& report) {
  const auto find = [&](const lake::TableName& name) {
    const auto found = tables.find(name);
    return found == tables.end() ? nullptr : found->second.get();
  };
  const auto is_readable = [&](const lake::TableName& name) {
    return !tables.contains(name) || find(name) != nullptr;
  };
  const stream::PositionedLog positioned(log);
  Mistakes all;
  for (const auto& definition : definitions) {
    const lake::TableName name{.schema = "default", .name = definition.name};
    if (!is_readable(name)) continue;
    const auto* table = find(name);
    Result<std::vector<std::string>> changes;
    if (table != nullptr) changes = ChangesOf(definition, *table);
    auto checked = stream::CheckTableTakes(definition);
    if (checked && !changes) checked = std::unexpected(changes.error());
    if (changes && !changes->empty()) {
      report.tables.push_back({lake::FullName(name), *std::move(changes)});
    }
    if (checked && is_readable(stream::kBadRows)) {
      checked = stream::CheckTogether(positioned, definition, table, find(stream::kBadRows));
    }
    all.Add(checked);
  }
  return all.AsStatus();
}

// What a worker says of the project's own pipelines.
Status CheckByWorker(const Config& config,
                     const std::vector<dialect::spark::Definition>& definitions,
                     CheckReport& report) {
  const auto clock = os::MakeSystemClock();
  const jobs::WorkerOptions options{.kind = jobs::WorkerKind::kTransform,
                                    .program = "",
                                    .warehouse = {},  // it opens no file
                                    .output_folder = {},
                                    .memory_limit_bytes = config.worker_memory_bytes};
  const auto worker = stream::MakeWorkerTransformer(*clock, options, kCheckTimeoutUs);
  Mistakes all;
  for (const auto& definition : definitions) {
    if (!definition.identity.empty()) continue;
    auto checked = stream::CheckDefinition(*worker, definition);
    const bool is_mistake = !checked && (checked.error().code() == ErrorCode::kInvalidArgument ||
                                         checked.error().code() == ErrorCode::kUnsupported);
    if (!checked && !is_mistake) {
      report.warnings.push_back(
          fmt::format("{}: the constants of pipeline \"{}\" were not looked at: {}",
                      definition.place, definition.name, checked.error().message()));
    }
    if (is_mistake) all.Add(checked);
  }
  return all.AsStatus();
}

Status Check(os::FileSystem& fs, const Config& config, CheckReport& report) {
  report.warnings = project::UnreadWarnings(fs, config.project);
  ST_TRY_STATUS(CheckListeners(config));
  const auto worker = jobs::CheckWorkerProgram("");
  if (!worker) {
    report.warnings.push_back(worker.error().message());
  }
  auto loaded = LoadProject(fs, config.project);
  if (!loaded) {
    Mistakes all;
    all.Add(loaded);
    if (worker) {
      all.Add(CheckByWorker(config, project::SoundPipelines(fs, config.project), report));
    }
    return all.AsStatus();
  }
  auto files = *std::move(loaded);
  report.has_game = files.game.has_value();
  ST_TRY_STATUS(DataDir::CheckFolder(fs, config.data_dir));
  // Before the log, which then holds all that a running server has put into the tables.
  ST_TRY(const auto tables, ReadTables(fs, os::JoinPath(config.data_dir, "warehouse")));
  const auto log_options = LogOptionsFor(config);
  ST_TRY(const auto read, project::ReadRecordedFiles(fs, log_options.dir, NamedRecords(tables)));
  const auto& recorded = read.state;
  for (auto& warning : project::TopicWarnings(files, recorded.TopicNames())) {
    report.warnings.push_back(std::move(warning));
  }
  ST_TRY(const auto served,
         project::MakeServedProject(std::move(files), recorded, report.warnings));
  AddEvents(served.files, recorded.versions, report);
  for (const auto& pipeline : served.files.pipelines) report.pipelines.push_back(pipeline.name);
  ST_TRY_STATUS(CheckPipelines(*read.log, tables, served.pipelines, report));
  if (worker) ST_TRY_STATUS(CheckByWorker(config, served.pipelines, report));
  ST_TRY_STATUS(read.log->CheckRoom(log_options, FirstAppends(recorded, served)));
  return CheckPortsFree(config);
}

}  // namespace

Status CheckTables(os::FileSystem& fs, const std::string& warehouse,
                   const std::vector<dialect::spark::Definition>& definitions) {
  const auto storage = lake::MakeLocalStorage(fs, warehouse);
  Mistakes all;
  for (const auto& definition : definitions) {
    all.Add(stream::CheckTableTakes(definition));
    const auto view = lake::ReadView(*storage, {"default", definition.name});
    if (!view) continue;
    const auto changes = ChangesOf(definition, **view);
    all.Add(changes);
  }
  return all.AsStatus();
}

CheckReport CheckProject(os::FileSystem& fs, const Config& config) {
  CheckReport report;
  const auto checked = Check(fs, config, report);
  if (!checked) report.error = checked.error();
  return report;
}

}  // namespace st::app
