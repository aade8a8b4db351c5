#include "cli/integrity.h"

#include <fmt/format.h>

#include "app/data_dir.h"
#include "base/remedy.h"
#include "cli/counted.h"
#include "jobs/damaged_file.h"
#include "lake/checksum.h"
#include "lake/local_storage.h"
#include "lake/metadata_check.h"
#include "lake/names.h"
#include "lake/read_view.h"
#include "log/damage_map.h"
#include "log/lost_records.h"
#include "log/verify.h"

namespace st::cli {
namespace {

Diagnosis Damage(std::string area, std::string found, std::string file = "") {
  return {.area = std::move(area),
          .found = std::move(found),
          .remedy = std::string(log::kDamageRemedy),
          .needs_person = true,
          .file = std::move(file)};
}

Diagnosis DamagedFile(const lake::TableName& table, const lake::DataFile& file,
                      const Error& error) {
  auto damage = Damage("tables", lake::FullName(table) + ": " + error.message(), file.location);
  damage.remedy = jobs::DamagedTableRemedy(table.schema, table.name);
  return damage;
}

// The sentence ends with the remedy, which stands beside it here.
Diagnosis DamagedMetadata(const Error& error) {
  auto damage = Damage("tables", error.message());
  const auto remedy = fmt::format("; {}", kRestoreRemedy);
  if (damage.found.ends_with(remedy)) {
    damage.found.resize(damage.found.size() - remedy.size());
    damage.file = damage.found;
  }
  damage.remedy = kRestoreRemedy;
  return damage;
}

std::string Count(std::uint64_t count, std::string_view noun) {
  return Counted(static_cast<std::int64_t>(count), noun);
}

}  // namespace

std::string Integrity::Since(std::int64_t began_us) const {
  return fmt::format("in {:.1f} s{}",
                     static_cast<double>(clock_.MonotonicUs() - began_us) / 1'000'000,
                     is_live_ ? " beside the server" : "");
}

std::vector<Diagnosis> Integrity::CheckLog() {
  const auto began = clock_.MonotonicUs();
  log::DamageMap map;
  const auto report = log::VerifyLog(
      fs_, os::JoinPath(data_dir_, "log"),
      [&](const auto& file, auto position, const auto& entry, auto topic, auto payload) {
        map.Note(file, position, entry, topic, payload);
      },
      live_end_);
  if (!report) return {Damage("log", report.error().message())};
  std::vector<Diagnosis> all;
  bool is_damaged = false;
  for (const auto& finding : report->findings) {
    auto text = fmt::format("{}: byte {}: {}", finding.file, finding.position, finding.reason);
    is_damaged |= finding.is_damage;
    if (finding.is_damage) {
      all.push_back(Damage("log", std::move(text), finding.file));
    } else if (!is_live_) {  // beside a server the tail is an entry being written
      all.push_back({.area = "log",
                     .found = text + " (a torn tail)",
                     .remedy = "nothing: the next start truncates it"});
    }
  }
  for (const auto& one : map.recorded()) {
    all.push_back({.area = "log",
                   .found = log::DescribeLost(one.topic, one.partition, one.from, one.to) +
                            " lost, as a repair recorded",
                   .remedy = "nothing: a pipeline that has not read them says so"});
  }
  if (!is_damaged) {
    all.push_back({.area = "log",
                   .found = fmt::format("every durable byte is intact: {} in {}, {} read {}",
                                        Counted(report->records, "record"),
                                        Count(report->segments, "segment"),
                                        Mebibytes(report->bytes), Since(began)),
                   .remedy = ""});
  }
  return all;
}

std::vector<Diagnosis> Integrity::CheckTables() {
  const auto began = clock_.MonotonicUs();
  if (const auto folder = app::DataDir::CheckFolder(fs_, data_dir_); !folder) {
    return {Damage("tables", folder.error().message())};
  }
  const auto storage = lake::MakeLocalStorage(fs_, os::JoinPath(data_dir_, "warehouse"));
  const auto names = lake::ListTables(*storage);
  if (!names) return {Damage("tables", names.error().message())};
  std::vector<Diagnosis> all;
  std::uint64_t tables = 0;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::uint64_t without_checksum = 0;
  for (const auto& name : *names) {
    const auto view = lake::ReadView(*storage, name);
    // The table is being created.
    if (!view && view.error().code() == ErrorCode::kNotFound) continue;
    ++tables;
    for (const auto& error : lake::CheckMetadata(*storage, name)) {
      all.push_back(DamagedMetadata(error));
    }
    if (!view) continue;
    for (const auto& file : (*view)->files) {
      ++files;
      bytes += static_cast<std::uint64_t>(file.file_size_bytes);
      without_checksum += file.crc32c ? 0 : 1;
      const auto checked = lake::CheckDataFile(*storage, file);
      if (!checked) {
        all.push_back(DamagedFile(name, file, checked.error()));
      }
    }
  }
  if (!all.empty()) return all;
  const auto only_length =
      without_checksum == 0
          ? ""
          : fmt::format("; {} of an earlier version: only the length of these is known",
                        Count(without_checksum, "file"));
  all.push_back({.area = "tables",
                 .found = fmt::format("every data file is intact: {} in {}, {} read {}{}",
                                      Count(files, "file"), Count(tables, "table"),
                                      Mebibytes(bytes), Since(began), only_length),
                 .remedy = ""});
  return all;
}

}  // namespace st::cli
