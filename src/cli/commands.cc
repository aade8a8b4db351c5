#include "cli/commands.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>

#include "app/server.h"
#include "cli/place.h"
#include "format/record/record_batch.h"
#include "log/limits.h"
#include "log/verify.h"
#include "os/process.h"

namespace st::cli {
namespace {

constexpr std::int64_t kStopGraceUs = 4'000'000;

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

namespace {

// The words that start this project again; environment and file are read anew.
std::vector<std::string> UpWords(const app::Config& config, const UpOptions& options) {
  std::vector<std::string> words{"up", "-C", config.project, "--data", config.data_dir};
  for (const auto& setting : options.overrides) {
    words.emplace_back("--set");
    words.push_back(setting);
  }
  return words;
}

void PrintEndpoints(const app::Config& config) {
  for (const auto* part : {"catalog", "http", "kafka", "sql"}) {
    const auto address = Endpoint(config, part);
    if (address) std::printf("%-8s %s\n", part, address->c_str());
  }
}

int RunDetached(const app::Config& config, const UpOptions& options) {
  constexpr std::int64_t kStepUs = 5'000;
  constexpr std::int64_t kMostUs = 60'000'000;  // recovery of a large log
  const auto fs = os::MakePosixFileSystem();
  if (const auto running = Endpoint(config, "http"); running && !fs->Lock(config.data_dir)) {
    std::fprintf(stderr, "steelthread: a server runs on %s already\n", config.data_dir.c_str());
    return kExitFailed;
  }
  const auto dir = os::ExecutableDir();
  if (!dir) return ExitFor(dir.error());
  if (auto made = fs->CreateDirs(config.data_dir + "/run"); !made) return ExitFor(made.error());
  const std::string output = config.data_dir + "/run/server.log";
  Ignore(fs->Remove(config.data_dir + "/run/endpoints.json"), "a dead server's");
  const auto child = os::SpawnDetached(
      {.program = *dir + "/steelthread", .args = UpWords(config, options)}, output);
  if (!child) return ExitFor(child.error());
  for (std::int64_t waited = 0; waited < kMostUs; waited += kStepUs) {
    const auto ended = os::WaitChild(*child, kStepUs);
    if (!ended || *ended) break;
    if (!Endpoint(config, "http")) continue;
    PrintEndpoints(config);
    std::printf("ready; process %d; `steelthread down --data %s` stops it\n", *child,
                config.data_dir.c_str());
    return 0;
  }
  const auto text = os::ReadWholeFile(*fs, output, 1 << 20);
  std::fprintf(stderr, "%s", text ? text->c_str() : "steelthread: the server did not start\n");
  return kExitFailed;
}

}  // namespace

int RunUp(const app::Config& config, const UpOptions& options) {
  if (options.detach) return RunDetached(config, options);
  os::BlockTerminationSignals();
  os::RaiseOpenFileLimit();
  const auto fs = os::MakePosixFileSystem();
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSystemRandom();
  const std::int64_t began = clock->MonotonicUs();
  auto server = app::Server::Start(*fs, *clock, *random, config);
  if (!server) return ExitFor(server.error());
  for (const auto& notice : (*server)->Notices()) {
    std::fprintf(stderr, "steelthread: %s\n", notice.c_str());
  }
  for (const auto& [name, address] : (*server)->endpoints()) {
    std::printf("%-8s %s\n", name.c_str(), address.c_str());
  }
  std::printf("ready in %.1f ms; data in %s; stop with Ctrl-C\n",
              static_cast<double>(clock->MonotonicUs() - began) / 1000, config.data_dir.c_str());
  std::fflush(stdout);
  while (os::WaitForTerminationSignal(-1) == SIGHUP) {
    const auto reloaded = (*server)->Reload();
    if (reloaded) {
      std::fprintf(stderr, "steelthread: reloaded the project\n");
    } else {
      std::fprintf(stderr, "steelthread: not reloaded, the project goes on as it was:\n%s\n",
                   reloaded.error().message().c_str());
    }
  }
  std::fprintf(stderr, "steelthread: stopping\n");
  (*server)->Stop(kStopGraceUs);
  Ignore(fs->Remove(config.data_dir + "/run/pid"), "only `down` reads it");
  return 0;
}

int RunDown(const app::Config& config) {
  const auto fs = os::MakePosixFileSystem();
  const auto exists = fs->Exists(config.data_dir);
  const auto text = os::ReadWholeFile(*fs, config.data_dir + "/run/pid", 100);
  if (!exists || !*exists || fs->Lock(config.data_dir) || !text) {
    std::fprintf(stderr, "steelthread: no server runs on %s\n", config.data_dir.c_str());
    return kExitNoServer;
  }
  // The lock is held, so the number is that of the holder.
  const auto pid = static_cast<pid_t>(std::strtol(text->c_str(), nullptr, 10));
  if (pid <= 1 || ::kill(pid, SIGTERM) != 0) {
    std::fprintf(stderr, "steelthread: process %d does not take a signal\n", pid);
    return kExitFailed;
  }
  for (int waited = 0; waited < 1000; ++waited) {
    if (fs->Lock(config.data_dir)) return 0;
    ::usleep(10'000);
  }
  std::fprintf(stderr, "steelthread: process %d did not stop within 10 s\n", pid);
  return kExitFailed;
}

int VerifyLogFolder(const app::Config& config) {
  const auto fs = os::MakePosixFileSystem();
  const auto report = log::VerifyLog(*fs, config.data_dir + "/log",
                                     [](const std::string&, std::uint64_t, const log::EntryHeader&,
                                        std::string_view, std::string_view) {});
  if (!report) return ExitFor(report.error());
  bool damaged = false;
  for (const auto& finding : report->findings) {
    damaged |= finding.is_damage;
    std::printf("%s: %s at byte %llu: %s\n", finding.file.c_str(),
                finding.is_damage ? "damage" : "torn tail",
                static_cast<unsigned long long>(finding.position), finding.reason.c_str());
  }
  std::printf("%llu segments, %llu entries, %llu batches, %lld records: %s\n",
              static_cast<unsigned long long>(report->segments),
              static_cast<unsigned long long>(report->entries),
              static_cast<unsigned long long>(report->batches),
              static_cast<long long>(report->records), damaged ? "DAMAGED" : "intact");
  return damaged ? kExitDamage : 0;
}

int DumpLogFolder(const app::Config& config) {
  const auto fs = os::MakePosixFileSystem();
  const auto report =
      log::VerifyLog(*fs, config.data_dir + "/log",
                     [](const std::string&, std::uint64_t, const log::EntryHeader& entry,
                        std::string_view topic, std::string_view payload) {
                       if (entry.type == log::EntryType::kBatch)
                         PrintRecords(topic, entry, payload);
                     });
  if (!report) return ExitFor(report.error());
  for (const auto& finding : report->findings) {
    std::fprintf(stderr, "steelthread: %s: %s at byte %llu\n", finding.file.c_str(),
                 finding.is_damage ? "damage" : "torn tail",
                 static_cast<unsigned long long>(finding.position));
  }
  return 0;
}

}  // namespace st::cli
