#include "cli/doctor_command.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdio>

#include "app/ports.h"
#include "cli/control_client.h"
#include "cli/exit_code.h"
#include "cli/integrity.h"
#include "cli/lost_server.h"
#include "cli/program_name.h"
#include "cli/server_locator.h"
#include "cli/up_command.h"
#include "jobs/worker_client.h"
#include "net/address.h"
#include "os/inherited.h"
#include "os/process.h"

namespace st::cli {
namespace {

constexpr int kSyncs = 20;
constexpr std::int64_t kSlowSyncUs = 20'000;  // an acknowledgement waits for one or two syncs
constexpr std::int64_t kClockSlackUs = 60'000'000;
// 2025-01-01: a clock that lost its time shows less.
constexpr std::int64_t kFirstYearUs = 1'735'689'600'000'000;
constexpr std::uint64_t kMiB = 1 << 20;
constexpr int kLowestPriority = 19;
// The area of findings that the running server reports.
constexpr std::string_view kServer = "server";

std::string Number(std::uint64_t value) {
  return value == os::kUnlimited ? "unlimited" : std::to_string(value);
}

class Doctor {
 public:
  explicit Doctor(const app::Config& config) : config_(config) {}

  std::vector<Diagnosis> Examine() {
    const auto may_use = CheckMayUse(config_);
    if (!may_use) {
      Ill("folder", may_use.error().message(), "run doctor as the folder's owner");
      return std::move(all_);
    }
    const auto server = FindServer(config_);
    if (server) server_ = *server;
    Fine("server", server_ ? fmt::format("{} holds {}", server_->ToString(), config_.data_dir)
                           : fmt::format("none runs on {}", config_.data_dir));
    if (!server_) Lost();
    Worker();
    Limits();
    Ports();
    if (!Folder()) return std::move(all_);
    Disk();
    Sync();
    Clock();
    if (server_) AskRunning();
    Files();
    return std::move(all_);
  }

 private:
  void Fine(std::string area, std::string found) {
    all_.push_back({.area = std::move(area), .found = std::move(found), .remedy = ""});
  }
  void Ill(std::string area, std::string found, std::string remedy) {
    all_.push_back({.area = std::move(area),
                    .found = std::move(found),
                    .remedy = std::move(remedy),
                    .needs_person = true});
  }
  // Adds a finding with a `remedy` that is advised only: the server continues by itself.
  void Warn(std::string area, std::string found, std::string remedy) {
    all_.push_back(
        {.area = std::move(area), .found = std::move(found), .remedy = std::move(remedy)});
  }

  void Lost() {
    const auto lost = FindLostServer(config_);
    if (!lost) return;
    Ill(std::string(kServer), DescribeLost(config_, *lost), RemedyOfLost(config_, *lost));
  }

  // Returns false if the folder has nothing to look at.
  bool Folder() {
    const auto exists = fs_->Exists(config_.data_dir);
    const auto known = fs_->Exists(os::JoinPath(config_.data_dir, "format"));
    for (const auto* found : {&exists, &known}) {
      if (*found) continue;
      Ill("folder", found->error().message(), "bring back what is missing, or remove the link");
      return false;
    }
    if (*known) return true;
    Fine("folder", *exists ? fmt::format("{} has no data yet", config_.data_dir)
                           : fmt::format("{} is not there: `{}` makes it", config_.data_dir,
                                         UpCommand(config_)));
    return false;
  }

  // Starts one as the server does, with no folder to read.
  void Worker() {
    const auto found = jobs::CheckWorkerProgram("");
    if (!found) return Ill("worker", found.error().message(), "run `make install` again");
    jobs::WorkerClient worker(*clock_, {.kind = jobs::WorkerKind::kQuery,
                                        .program = "",
                                        .warehouse = "",
                                        .memory_limit_bytes = config_.worker_memory_bytes});
    if (const auto started = worker.Start(); !started) {
      return Ill("worker", started.error().message(),
                 "run `make install` again: steelthread, steelthread-sql and libduckdb.so belong "
                 "in one folder");
    }
    Fine("worker", "steelthread-sql is beside this program and starts");
  }

  // Checks the limits that a server started from this shell would have.
  void Limits() {
    std::string fine;
    for (const auto& limit : os::RaiseLimits(NeedsOf(config_))) {
      if (!limit.is_enough()) {
        Ill("limits", limit.ToString(), fmt::format("ulimit {} {}", limit.flag, limit.least));
      } else if (limit.flag == "-t" && limit.value != os::kUnlimited) {
        Warn("limits", fmt::format("the server ends after {} {}", limit.value, limit.name),
             "ulimit -t unlimited");
      } else {
        fine += fmt::format("{}{}: {}", fine.empty() ? "" : ", ", limit.name, Number(limit.value));
      }
    }
    Fine("limits", fine);
    if (!server_) return;
    rlimit files{};
    const auto used = os::CountDescriptors(server_->pid);
    if (!used || ::prlimit(server_->pid, RLIMIT_NOFILE, nullptr, &files) != 0) return;
    const auto text = fmt::format("{} of {} are open", *used, Number(files.rlim_cur));
    if (*used * 10 < files.rlim_cur * 8) return Fine("descriptors", text);
    Ill("descriptors", text, "raise ulimit -n and restart the server");
  }

  void Ports() {
    for (const auto& [key, address] : app::ListenersOf(config_)) {
      const auto name = key.substr(0, key.find('.'));
      if (server_) {
        const auto endpoint = Endpoint(config_, name);
        if (endpoint) Fine("ports", fmt::format("{} listens on {}", name, *endpoint));
        continue;
      }
      const auto free = net::Listen(address);
      if (free) {
        Fine("ports", fmt::format("{} {} is free", key, address));
        continue;
      }
      Ill("ports", app::ListenFault(config_, key, address, free.error()).message(),
          fmt::format("stop the holder, or start with --set {}=HOST:PORT", key));
    }
  }

  void Disk() {
    const auto free = fs_->FreeBytes(config_.data_dir);
    if (!free) return Ill("disk", free.error().message(), "see to the disk");
    const auto text = fmt::format("{} MiB free, of which the log leaves {} MiB", *free / kMiB,
                                  config_.log_reserve_bytes / kMiB);
    if (*free > config_.log_reserve_bytes + config_.log_segment_bytes) return Fine("disk", text);
    Ill("disk", text, "free space: no events are taken once the reserve is reached");
  }

  void Sync() {
    const std::string path = os::JoinPath(config_.data_dir, "run/doctor");
    std::vector<std::int64_t> times;
    const auto measured = [&]() -> Status {
      ST_TRY(const auto file, fs_->Open(path, os::OpenMode::kCreate));
      const std::string block(4096, 'd');
      for (int i = 0; i < kSyncs; ++i) {
        const auto began = clock_->MonotonicUs();
        ST_TRY_STATUS(file->WriteAt(static_cast<std::uint64_t>(i) * block.size(), block));
        ST_TRY_STATUS(file->Sync());
        times.push_back(clock_->MonotonicUs() - began);
      }
      return {};
    }();
    Ignore(fs_->Remove(path), "a scratch file; the next doctor writes it anew");
    if (!measured) return Ill("sync", measured.error().message(), "see to the disk");
    std::ranges::sort(times);
    const auto median = times[times.size() / 2];
    const auto text =
        fmt::format("4 KiB are durable after {:.1f} ms, at most {:.1f} ms",
                    static_cast<double>(median) / 1000, static_cast<double>(times.back()) / 1000);
    if (median < kSlowSyncUs) return Fine("sync", text);
    Warn("sync", text, "each answer waits for it: put data.dir on a faster disk");
  }

  void Clock() {
    const std::int64_t now = clock_->NowUs();
    std::int64_t newest = 0;
    for (const auto* folder : {"log", "run", "warehouse"}) {
      const auto dir = os::JoinPath(config_.data_dir, folder);
      const auto names = fs_->List(dir);
      if (!names) continue;
      for (const auto& name : *names) {
        const auto at = fs_->ModifiedUs(os::JoinPath(dir, name));
        if (at) newest = std::max(newest, *at);
      }
    }
    if (now < kFirstYearUs) {
      return Ill("clock", "the clock is before 2025", "set it: events carry its time");
    }
    if (newest > now + kClockSlackUs) {
      return Ill("clock",
                 fmt::format("files are {} s newer than now: the clock was set back",
                             (newest - now) / 1'000'000),
                 "set it, or wait: events carry its time");
    }
    Fine("clock", "no file is newer than now");
  }

  void AskRunning() {
    const auto status = AskStatus(config_);
    if (!status) return Ill("server", status.error().message(), "see run/server.log");
    const auto none = nlohmann::json::array();
    bool is_well = true;
    const auto reload_error = status->value("reload_error", "");
    if (!reload_error.empty()) {
      is_well = false;
      Ill("project", "not reloaded: " + reload_error, "repair it, then `steelthread reload`");
    }
    for (const auto& problem : status->value("problems", none)) {
      is_well = false;
      const auto text = problem.get<std::string>();
      const bool is_told = std::ranges::any_of(all_, [&](const Diagnosis& known) {
        return known.needs_person && text.contains(known.found);
      });
      if (is_told || (!reload_error.empty() && text.ends_with(reload_error))) continue;
      Ill(std::string(kServer), text, "`steelthread status` says more");
    }
    if (!status->value("accepts_events", true) && is_well) {
      is_well = false;
      Ill("log", status->value("reason", ""), "restart the server once that is repaired");
    }
    live_end_ = DurableEnd(*status);
    if (is_well) Fine("server", "log and tables are in order, as the server sees them");
  }

  // Reports each cause once: a finding in a file itself replaces the findings about that file from
  // the server and its pipelines.
  void Add(std::vector<Diagnosis> found) {
    for (auto& one : found) {
      std::erase_if(all_, [&](const Diagnosis& known) {
        return known.area == kServer && !one.file.empty() && known.found.contains(one.file);
      });
      const bool is_told = std::ranges::any_of(
          all_, [&](const Diagnosis& known) { return known.found.contains(one.found); });
      if (!is_told) all_.push_back(std::move(one));
    }
  }

  void Files() {
    Integrity integrity(*fs_, *clock_, config_.data_dir);
    if (server_) {
      // The lowest priority leaves the processor to the server first.
      ::setpriority(PRIO_PROCESS, 0, kLowestPriority);
      integrity.BesideServer(live_end_);
    }
    Add(integrity.CheckLog());
    Add(integrity.CheckTables());
  }

  const app::Config& config_;
  const std::unique_ptr<os::FileSystem> fs_ = os::MakePosixFileSystem();
  const std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  std::optional<os::ProcessInfo> server_;
  std::optional<log::EndMark> live_end_;  // end of the running server's log
  std::vector<Diagnosis> all_;
};

}  // namespace

std::string RenderDiagnoses(const std::vector<Diagnosis>& all) {
  std::string text;
  for (const auto& one : all) {
    const auto* mark = one.needs_person ? "!!" : one.remedy.empty() ? "ok" : "? ";
    text += fmt::format("{}  {:<12} {}\n", mark, one.area, one.found);
    if (!one.remedy.empty()) text += fmt::format("    {:<12} do: {}\n", "", one.remedy);
  }
  const auto count = std::ranges::count_if(all, &Diagnosis::needs_person);
  return text + (count == 0 ? "nothing needs a person\n"
                            : fmt::format("{} of {} findings need{} a person\n", count, all.size(),
                                          count == 1 ? "s" : ""));
}

nlohmann::json ToJson(const std::vector<Diagnosis>& all) {
  auto findings = nlohmann::json::array();
  for (const auto& one : all) {
    findings.push_back({{"area", one.area},
                        {"found", one.found},
                        {"remedy", one.remedy},
                        {"needs_person", one.needs_person}});
  }
  return {{"needs_person", std::ranges::any_of(all, &Diagnosis::needs_person)},
          {"findings", std::move(findings)}};
}

int RunDoctor(const app::Config& config, const DoctorOptions& options) {
  os::KeepFilesPrivate();
  const auto all = Doctor(config).Examine();
  const std::string text =
      options.format == "json" ? ToJson(all).dump(2) + "\n" : RenderDiagnoses(all);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::ranges::any_of(all, &Diagnosis::needs_person) ? kExitFailed : 0;
}

}  // namespace st::cli
