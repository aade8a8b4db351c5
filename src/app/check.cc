#include "app/check.h"

#include <set>

#include "app/data_dir.h"
#include "event/version.h"
#include "format/record/record_batch.h"
#include "log/verify.h"

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
    if (entry.type != log::EntryType::kBatch || topic.empty()) return;
    topics.emplace(topic);
    if (topic != kDeclarationsTopic) return;
    std::string scratch;
    std::vector<record::Record> records;
    if (!record::DecodeRecords(payload, kMaxDecodedBytes, scratch, records)) return;
    for (const auto& record : records) {
      auto version = DecodeEventVersion(record.value.value_or(""));
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
  out.topics.assign(topics.begin(), topics.end());
  return out;
}

}  // namespace

Result<CheckReport> CheckProject(os::FileSystem& fs, const Config& config) {
  ST_TRY(const auto project, LoadProject(fs, config.project));
  ST_TRY(auto recorded, ReadRecorded(fs, os::JoinPath(config.data_dir, "log")));
  ST_TRY(const auto changed, ChangedEvents(recorded.versions, project.events));
  CheckReport report{.has_game = project.game.has_value()};
  for (const auto& event : project.events) {
    CheckedEvent checked{.name = event.name, .version = event.version, .table = event.table};
    const auto found = recorded.versions.find(event.name);
    if (found == recorded.versions.end()) {
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
  for (const auto& version : changed) {
    recorded.versions[version.declaration.name].push_back(version);
  }
  ST_TRY(auto tables, EventTables(recorded.versions, project.events));
  for (const auto& pipeline : project.pipelines) {
    report.pipelines.push_back(pipeline.name);
    tables.push_back(pipeline);
  }
  ST_TRY_STATUS(CheckNames(project, tables, recorded.topics));
  return report;
}

}  // namespace st::app
