#include "cli/up_command.h"

#include <signal.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>

#include "app/data_dir.h"
#include "app/ports.h"
#include "app/server.h"
#include "base/quote.h"
#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/lost_server.h"
#include "cli/server_locator.h"
#include "log/limits.h"
#include "os/environment.h"
#include "os/memory.h"
#include "os/messages.h"
#include "os/paths.h"
#include "os/proc.h"
#include "os/process.h"
#include "os/system_time.h"

namespace st::cli {
namespace {

constexpr std::int64_t kStopGraceUs = 4'000'000;
constexpr std::int64_t kStopWaitUs = 10'000'000;
constexpr std::int64_t kStepUs = 5'000;
constexpr std::int64_t kStartWaitUs = 60'000'000;  // recovery of a large log takes long
constexpr std::uint64_t kLeastOpenFiles = 256;
constexpr std::int64_t kFolderWaitUs = 3'000'000;  // `steelthread sql` may hold the folder
constexpr std::int64_t kFolderStepUs = 20'000;

// The process that has the data folder open and does not leave it: a server, at once, or one that
// holds it for longer than a command does. nullopt: the folder is free.
std::optional<os::ProcessInfo> HolderThatStays(const app::Config& config) {
  for (std::int64_t waited = 0;; waited += kFolderStepUs) {
    auto holder = FindServer(config);
    if (!holder) return std::nullopt;
    if (waited >= kFolderWaitUs || Endpoint(config, "http")) return *std::move(holder);
    os::SleepUs(kFolderStepUs);
  }
}

// The arguments that start this project again. Environment and file are not part of them: the new
// server reads them itself.
std::vector<std::string> UpWords(const app::Config& config, const UpOptions& options) {
  std::vector<std::string> words{"up", "-C", config.project, "--data", config.data_dir};
  for (const auto& setting : options.overrides) {
    words.emplace_back("--set");
    words.push_back(setting);
  }
  return words;
}

std::string EndpointLine(const std::string& name, const std::string& address) {
  return fmt::format("{:<8} {}\n", name, address);
}

// Removes the data folder that a failed start made, unless it has data or other files.
void RemoveEmptyData(os::FileSystem& fs, const std::string& data_dir) {
  const auto format = fs.Exists(os::JoinPath(data_dir, "format"));
  const auto log = fs.Exists(os::JoinPath(data_dir, "log"));
  if (!format || *format || !log || *log) return;
  Ignore(fs.Remove(data_dir + "/run/server.log"), "there may be none");
  Ignore(os::RemoveEmptyDir(data_dir + "/run"), "a folder with other files stays");
  Ignore(os::RemoveEmptyDir(data_dir), "a folder with other files stays");
}

// Prints the warnings in the status of a server that runs in the foreground.
void ShowWarnings(const app::Config& config) {
  const auto status = AskServer(config, {.target = "/status"}, kStartWaitUs);
  if (!status) return PrintError(status.error());
  PrintWarnings(*status);
  if (const auto http = Endpoint(config, "http")) PrintWarning(app::TrustWarning(*http));
}

int RunDetached(const app::Config& config, const UpOptions& options) {
  const auto fs = os::MakePosixFileSystem();
  if (const auto holder = HolderThatStays(config)) {
    PrintError(Error(ErrorCode::kUnavailable,
                     fmt::format("{} runs on {} already; `steelthread down --data {}` stops it",
                                 holder->ToString(), config.data_dir, ShellWord(config.data_dir))));
    return kExitFailed;
  }
  // What the server would refuse gets no output of a server either.
  if (const auto fit = app::DataDir::CheckFolder(*fs, config.data_dir); !fit) {
    return ExitFor(fit.error());
  }
  const auto dir = os::ExecutableDir();
  if (!dir) return ExitFor(dir.error());
  os::KeepFilesPrivate();
  const auto existed = fs->Exists(config.data_dir);
  if (auto made = fs->CreateDirs(config.data_dir + "/run"); !made) return ExitFor(made.error());
  const std::string output = config.data_dir + "/run/server.log";
  Ignore(fs->Rename(output, output + ".1"), "the first start here has none");
  Ignore(fs->Remove(config.data_dir + "/run/endpoints.json"), "a dead server's");
  const auto child = os::SpawnDetached(
      {.program = *dir + "/steelthread", .args = UpWords(config, options), .environment = {}},
      output);
  if (!child) return ExitFor(child.error());
  int exit_code = kExitFailed;
  for (std::int64_t waited = 0; waited < kStartWaitUs; waited += kStepUs) {
    const auto ended = os::WaitChild(*child, kStepUs);
    if (ended && *ended && !(*ended)->by_signal && (*ended)->code != 0) exit_code = (*ended)->code;
    if (!ended || *ended) break;
    if (!Endpoint(config, "http")) continue;
    ShowWarnings(config);
    for (const auto* part : {"catalog", "http", "kafka", "sql"}) {
      const auto address = Endpoint(config, part);
      if (address) std::printf("%s", EndpointLine(part, *address).c_str());
    }
    std::printf("ready; process %d; `steelthread down --data %s` stops it\n", *child,
                ShellWord(config.data_dir).c_str());
    return 0;
  }
  const auto text = os::ReadWholeFile(*fs, output, 1 << 20);
  std::fprintf(stderr, "%s", text ? text->c_str() : "steelthread: the server did not start\n");
  if (existed && !*existed) RemoveEmptyData(*fs, config.data_dir);
  return exit_code;
}

// Prints the server's own messages, and never blocks on a reader.
class Voice {
 public:
  void Data(std::string text) { out_.Write(std::move(text)); }
  void Talk(std::string_view text) { err_.Write(fmt::format("steelthread: {}\n", text)); }
  void Warn(std::string_view text) { Talk(fmt::format("warning: {}", text)); }
  double dropped() const { return static_cast<double>(out_.dropped() + err_.dropped()); }

 private:
  os::Messages out_{STDOUT_FILENO};
  os::Messages err_{STDERR_FILENO};
};

void ServeUntilStopped(app::Server& server, Voice& voice) {
  os::IdleMemory memory;
  while (true) {
    const int signal = os::WaitForTerminationSignal(os::IdleMemory::kPeriodUs);
    if (signal == SIGHUP) {
      Ignore(server.Reload(), "OnReload tells it");
    } else if (signal != 0) {
      break;
    }
    memory.Step();
  }
  voice.Talk("stopping");
  server.Stop(kStopGraceUs);
}

int RunForeground(const app::Config& config, Voice& voice) {
  const auto refuse = [&](const Error& error) {
    voice.Talk(error.message());
    return error.code() == ErrorCode::kCorruption ? kExitDamage : kExitFailed;
  };
  if (auto enough = os::CheckLimits(os::RaiseLimits(NeedsOf(config))); !enough) {
    return refuse(enough.error());
  }
  os::ReturnLargeBuffers();
  static_cast<void>(HolderThatStays(config));  // the start names the process that stays
  const auto fs = os::MakePosixFileSystem();
  const auto clock = os::MakeSystemClock();
  const auto random = os::MakeSystemRandom();
  const std::int64_t began = clock->MonotonicUs();
  auto server = app::Server::Start({*fs, *clock, *random}, config);
  if (!server) return refuse(server.error());
  (*server)->metrics().Collected(
      "steelthread_messages_dropped_total",
      "Messages for people that nobody took: stdout or stderr was full or closed.", "counter",
      [&voice] { return MetricRegistry::Samples{{"", voice.dropped()}}; });
  (*server)->OnReload([&voice, &running = **server](const Status& reloaded) {
    voice.Talk(reloaded ? "reloaded the project"
                        : fmt::format("not reloaded, the project goes on as it was:\n{}",
                                      reloaded.error().message()));
    if (!reloaded) return;
    for (const auto& warning : running.ProjectWarnings()) voice.Warn(warning);
  });
  for (const auto& warning : (*server)->Warnings()) voice.Warn(warning);
  for (const auto& [name, address] : (*server)->endpoints()) {
    voice.Data(EndpointLine(name, address));
  }
  voice.Data(fmt::format("ready in {:.1f} ms; data in {}; stop with Ctrl-C\n",
                         static_cast<double>(clock->MonotonicUs() - began) / 1000,
                         config.data_dir));
  ServeUntilStopped(**server, voice);
  return 0;
}

// Asks the server to stop and waits until it `has_stopped`; prints that, with `where` behind the
// process. The exit code of the command.
int Stop(const os::ProcessInfo& server, const std::string& where,
         const std::function<bool()>& has_stopped) {
  if (const auto asked = os::AskToStop(server.pid); !asked) {
    PrintError(
        Error(asked.error().code(),
              fmt::format("{} cannot be stopped: {}", server.ToString(), asked.error().message())));
    return kExitFailed;
  }
  for (std::int64_t waited = 0; waited < kStopWaitUs; waited += kStepUs) {
    if (has_stopped()) {
      std::printf("stopped %s%s\n", server.ToString().c_str(), where.c_str());
      return 0;
    }
    os::SleepUs(kStepUs);
  }
  PrintError(Error(ErrorCode::kDeadline, fmt::format("{} did not stop within {} s",
                                                     server.ToString(), kStopWaitUs / 1'000'000)));
  return kExitFailed;
}

}  // namespace

os::LimitNeeds NeedsOf(const app::Config& config) {
  // A worker may map twice its memory limit, and its program's own needs.
  const auto worker = static_cast<std::uint64_t>(config.worker_memory_bytes);
  return {.file_bytes = config.log_segment_bytes + log::kMaxBatchBytes,
          .address_bytes = 2 * worker + (1ULL << 30),
          .open_files = kLeastOpenFiles};
}

int RunUp(const app::Config& config, const UpOptions& options) {
  if (const auto may_use = CheckMayUse(config); !may_use) return ExitFor(may_use.error());
  if (options.detach) return RunDetached(config, options);
  os::OwnInherited();
  os::BlockTerminationSignals();
  Voice voice;
  return RunForeground(config, voice);
}

int RunDown(const app::Config& config) {
  const auto server = FindServer(config);
  if (server) {
    return Stop(*server, "", [&] {
      const auto now = FindServer(config);
      return !now || now->pid != server->pid;
    });
  }
  if (server.error().code() != ErrorCode::kUnavailable) return ExitFor(server.error());
  const auto lost = FindLostServer(config);
  if (lost && lost->is_ours) {
    const auto where =
        fmt::format(", whose data folder {}", lost->is_removed ? "was removed from " + lost->folder
                                                               : "lies at " + lost->folder);
    return Stop(lost->process, where, [&] {
      return std::ranges::none_of(os::FindLockedFolders(), [&](const auto& locked) {
        return locked.process.pid == lost->process.pid;
      });
    });
  }
  auto text = fmt::format("no server runs on {}: nothing is to stop", config.data_dir);
  if (lost) {
    text += fmt::format("; but {}: {}", DescribeLost(config, *lost), RemedyOfLost(config, *lost));
  }
  PrintError(Error(ErrorCode::kUnavailable, std::move(text)));
  return kExitNoServer;
}

int RunReload(const app::Config& config) {
  constexpr std::int64_t kTimeoutUs = 60'000'000;
  const auto reloaded = AskServer(config, {.method = "POST", .target = "/reload"}, kTimeoutUs);
  if (!reloaded) return ExitForServer(reloaded.error());
  const auto warnings = PrintWarnings(*reloaded);
  std::printf("reloaded: %s, %s%s\n", Counted(reloaded->value("events", 0), "event").c_str(),
              Counted(reloaded->value("pipelines", 0), "pipeline").c_str(),
              warnings == 0 ? "" : (", " + Counted(warnings, "warning")).c_str());
  return 0;
}

}  // namespace st::cli
