#include "cli/log_command.h"

#include <cstdio>

#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/folder_tables.h"
#include "format/record/record_batch.h"
#include "log/limits.h"
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

}  // namespace

int VerifyLogFolder(const app::Config& config) {
  const auto fs = os::MakePosixFileSystem();
  if (const auto there = RequireDataFolder(*fs, config); !there) {
    return ExitForServer(there.error());
  }
  const auto report = log::VerifyLog(
      *fs, config.data_dir + "/log",
      [](const std::string&, std::uint64_t, const log::EntryHeader&, std::string_view,
         std::string_view) {},
      AskDurableEnd(config));
  if (!report) return ExitFor(report.error());
  bool damaged = false;
  for (const auto& finding : report->findings) {
    damaged |= finding.is_damage;
    std::printf("%s: %s at byte %llu: %s\n", finding.file.c_str(),
                finding.is_damage ? "damage" : "torn tail",
                static_cast<unsigned long long>(finding.position), finding.reason.c_str());
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
