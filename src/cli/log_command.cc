#include "cli/log_command.h"

#include <cstdio>

#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/folder_tables.h"
#include "format/record/record_batch.h"
#include "log/damage_map.h"
#include "log/limits.h"
#include "log/lost_records.h"
#include "log/verify.h"
#include "os/process.h"

namespace st::cli {
namespace {

void PrintRecords(std::string_view topic, const log::EntryHeader& entry, std::string_view payload) {
  std::string scratch;
  std::vector<record::Record> records;
  const auto decoded = record::DecodeRecords(payload, log::kMaxBatchBytes * 8, scratch, records);
  if (!decoded) {
    std::fprintf(stderr, "steelthread: %s/%d offset %lld: %s\n", std::string(topic).c_str(),
                 entry.partition, static_cast<long long>(entry.base_offset),
                 decoded.error().message().c_str());
    return;
  }
  for (const auto& record : records) {
    const auto line = fmt::format("{}\t{}\t{}\t{}\t{}\n", topic, entry.partition, record.offset,
                                  record.timestamp_ms, record.value.value_or(""));
    std::fwrite(line.data(), 1, line.size(), stdout);
  }
}

// What damage concerns, in lines below it. nullptr: no intact entry lies behind it.
void PrintConcerned(const log::DamageMap::Damage* damage) {
  if (damage == nullptr) {
    std::printf("    no intact entry follows in the segment\n");
    return;
  }
  std::string text = damage->to ? fmt::format("    to byte {}", *damage->to)
                                : std::string("    to the segment's end");
  if (damage->first && damage->next) {
    text += fmt::format(", lsn {} to {}", *damage->first, damage->next->value() - 1);
  }
  for (const auto& one : damage->records) {
    text += fmt::format("\n    missing: {}",
                        log::DescribeLost(one.topic, one.partition, one.from, one.to));
  }
  std::printf("%s\n", text.c_str());
}

}  // namespace

int VerifyLogFolder(const app::Config& config) {
  const auto fs = os::MakePosixFileSystem();
  if (const auto there = RequireDataFolder(*fs, config); !there) {
    return ExitForServer(there.error());
  }
  log::DamageMap map;
  const auto report = log::VerifyLog(
      *fs, config.data_dir + "/log",
      [&](const std::string& file, std::uint64_t position, const log::EntryHeader& entry,
          std::string_view topic,
          std::string_view payload) { map.Note(file, position, entry, topic, payload); },
      AskDurableEnd(config));
  if (!report) return ExitFor(report.error());
  bool damaged = false;
  for (const auto& finding : report->findings) {
    damaged |= finding.is_damage;
    std::printf("%s: %s at byte %llu: %s\n", finding.file.c_str(),
                finding.is_damage ? "damage" : "torn tail",
                static_cast<unsigned long long>(finding.position), finding.reason.c_str());
    if (finding.is_damage) PrintConcerned(map.Find(finding));
  }
  for (const auto& one : map.Further(report->findings)) {
    std::printf("%s: damage at byte %llu\n", one.file.c_str(),
                static_cast<unsigned long long>(one.from));
    PrintConcerned(&one);
    damaged = true;
  }
  for (const auto& one : map.recorded()) {
    std::printf("%s: lost, as a repair recorded\n",
                log::DescribeLost(one.topic, one.partition, one.from, one.to).c_str());
  }
  const auto count = [](auto number, const char* noun) {
    return Counted(static_cast<std::int64_t>(number), noun);
  };
  std::printf("%s\n", fmt::format("{}, {}, {}, {}: {}", count(report->segments, "segment"),
                                  count(report->entries, "entry"), count(report->batches, "batch"),
                                  count(report->records, "record"), damaged ? "DAMAGED" : "intact")
                          .c_str());
  return damaged ? kExitDamage : 0;
}

int DumpLogFolder(const app::Config& config) {
  const auto fs = os::MakePosixFileSystem();
  if (const auto there = RequireDataFolder(*fs, config); !there) {
    return ExitForServer(there.error());
  }
  const auto report = log::VerifyLog(
      *fs, config.data_dir + "/log",
      [](const std::string&, std::uint64_t, const log::EntryHeader& entry, std::string_view topic,
         std::string_view payload) {
        if (entry.type == log::EntryType::kBatch) PrintRecords(topic, entry, payload);
      },
      AskDurableEnd(config));
  if (!report) return ExitFor(report.error());
  for (const auto& finding : report->findings) {
    std::fprintf(stderr, "steelthread: %s: %s at byte %llu\n", finding.file.c_str(),
                 finding.is_damage ? "damage" : "torn tail",
                 static_cast<unsigned long long>(finding.position));
  }
  return 0;
}

}  // namespace st::cli
