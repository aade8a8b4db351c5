#include "app/check.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "app/data_dir.h"
#include "app/ports.h"
#include "app/warnings.h"
#include "event/version.h"
#include "format/record/record_batch.h"
#include "jobs/worker_client.h"
#include "lake/read_view.h"
#include "log/verify.h"
#include "stream/table_columns.h"

namespace st::app {
namespace {

constexpr std::uint64_t kMaxDecodedBytes = 64 << 20;

struct Recorded {
  EventVersions versions;
  std::vector<std::string> topics;
};

// The declared versions and topics of a log that may be in use: its files are read.
Result<Recorded> ReadRecorded(os::FileSystem& fs, const std::string& dir) {
  Recorded out;
  ST_TRY(const bool exists, fs.Exists(dir));
  if (!exists) return out;
  std::set<std::string> topics;
  Status trouble;
  const auto visit = [&](const std::string& file, std::uint64_t position,
                         const log::EntryHeader& entry, std::string_view topic,
                         std::string_view payload) {
    if (entry.type == log::EntryType::kTopic) topics.emplace(payload);
    if (entry.type != log::EntryType::kBatch || topic.empty()) return;
    topics.emplace(topic);
    if (topic != kDeclarationsTopic) return;
    std::string scratch;
    std::vector<record::Record> records;
    if (!record::DecodeRecords(payload, kMaxDecodedBytes, scratch, records)) return;
    for (const auto& record : records) {
      auto version = event::DecodeVersion(record.value.value_or(""));
      if (version) {
        out.versions[version->declaration.name].push_back(std::move(*version));
      } else {
        trouble = Fail(ErrorCode::kCorruption, "{}: the declared version at byte {} {}", file,
                       position, version.error().message());
      }
    }
  };
  ST_TRY(const auto report, log::VerifyLog(fs, dir, visit));
  ST_TRY_STATUS(trouble);
  for (const auto& finding : report.findings) {
    if (!finding.is_damage) continue;
    return Fail(ErrorCode::kCorruption, "{}: byte {}: {}; `steelthread log verify` lists all",
                finding.file, finding.position, finding.reason);
  }
  out.topics.assign(topics.begin(), topics.end());
  return out;
}

void AddEvents(const Project& project, const EventVersions& versions, CheckReport& report) {
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

void Append(std::vector<std::string>& to, std::vector<std::string> more) {
  std::ranges::move(more, std::back_inserter(to));
}

Status Check(os::FileSystem& fs, const Config& config, CheckReport& report) {
  Append(report.warnings, UnreadWarnings(fs, config.project));
  ST_TRY_STATUS(CheckListeners(config));
  ST_TRY(const auto project, LoadProject(fs, config.project));
  report.has_game = project.game.has_value();
  Append(report.warnings, SlipWarnings(project));
  if (const auto worker = jobs::CheckWorkerProgram(""); !worker) {
    report.warnings.push_back(worker.error().message());
  }
  ST_TRY_STATUS(DataDir::CheckFolder(fs, config.data_dir));
  ST_TRY(auto recorded, ReadRecorded(fs, os::JoinPath(config.data_dir, "log")));
  Append(report.warnings, TopicWarnings(project, recorded.topics));
  Append(report.warnings, MemberWarnings(project, recorded.versions));
  ST_TRY(const auto changed, ChangedEvents(recorded.versions, project.events));
  AddEvents(project, recorded.versions, report);
  for (const auto& version : changed) {
    recorded.versions[version.declaration.name].push_back(version);
  }
  ST_TRY(auto tables, EventTables(recorded.versions, project.events));
  for (const auto& pipeline : project.pipelines) {
    report.pipelines.push_back(pipeline.name);
    tables.push_back(pipeline);
  }
  ST_TRY_STATUS(CheckNames(project, tables, recorded.topics));
  Append(report.warnings, NamesakeWarnings(tables, recorded.topics));
  ST_TRY_STATUS(CheckTables(fs, os::JoinPath(config.data_dir, "warehouse"), tables));
  return CheckPortsFree(config);
}

}  // namespace

Status CheckTables(os::FileSystem& fs, const std::string& warehouse,
                   const std::vector<dialect::spark::Definition>& definitions) {
  std::string faults;
  for (const auto& definition : definitions) {
    const auto view = lake::ReadView(fs, warehouse, {"default", definition.name});
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
