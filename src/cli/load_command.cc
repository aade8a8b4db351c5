#include "cli/load_command.h"

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>

#include "app/project.h"
#include "base/text.h"
#include "cli/exit_code.h"
#include "cli/foreign_log.h"
#include "cli/load_check.h"
#include "cli/load_target.h"
#include "cli/server_locator.h"
#include "game/catalogue.h"
#include "load/event_script.h"
#include "load/game_script.h"
#include "load/limits.h"
#include "load/report.h"
#include "load/runner.h"
#include "os/clock.h"
#include "os/file_system.h"
#include "os/process.h"

namespace st::cli {
namespace {

constexpr std::uint32_t kDefaultClients = 64;
constexpr std::uint32_t kOpenLoopConnections = 256;
constexpr std::int64_t kSecondUs = 1'000'000;

// "500ms", "60s", "5m", "1h"; a bare number is seconds.
Result<std::int64_t> ParseDuration(const std::string& name, const std::string& text) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits = {
      {{"ms", 1'000},
       {"s", kSecondUs},
       {"m", 60 * kSecondUs},
       {"h", 3'600 * kSecondUs},
       {"", kSecondUs}}};
  for (const auto& [unit, us] : kUnits) {
    if (!text.ends_with(unit)) continue;
    const auto number = ParseInt64(std::string_view(text).substr(0, text.size() - unit.size()));
    constexpr std::int64_t kMost = 1'000'000'000;
    if (number && *number >= 0 && *number <= kMost) return *number * us;
  }
  return Fail(ErrorCode::kInvalidArgument, "{}: '{}' is no duration such as 500ms, 60s, 5m or 1h",
              name, text);
}

Result<std::vector<std::string>> ItemsOf(os::FileSystem& fs, const std::string& project) {
  constexpr std::uint64_t kMostBytes = 1 << 20;
  const auto path = os::JoinPath(project, "game.toml");
  ST_TRY(const bool exists, fs.Exists(path));
  std::vector<std::string> items;
  if (!exists) return items;
  ST_TRY(const auto text, os::ReadWholeFile(fs, path, kMostBytes));
  ST_TRY(const auto catalogue, game::ParseCatalogue(text, path));
  for (const auto& [name, item] : catalogue.items) items.push_back(name);
  return items;
}

// What is sent, and how often.
struct Plan {
  std::unique_ptr<load::Script> script;
  double rate = 0;  // of --rate declared
};

constexpr std::string_view kDeclaredRate = "declared";
constexpr double kLeastRate = 0.001;

Result<double> ParseRate(const std::string& text) {
  if (text.empty()) return 0;
  double rate = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), rate);
  const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size();
  if (is_number && rate >= kLeastRate && rate <= load::kMaxRate) return rate;
  return Fail(ErrorCode::kInvalidArgument,
              "--rate: '{}' is no number of requests a second from {} to {}, nor '{}'", text,
              kLeastRate, load::kMaxRate, kDeclaredRate);
}

// Each declared route at its own rate.
Result<Plan> PlanOfRates(std::vector<event::Declaration> events) {
  const double rate = load::DeclaredRate(events);
  if (rate > 0 && (rate < kLeastRate || rate > load::kMaxRate)) {
    return Fail(ErrorCode::kInvalidArgument,
                "--rate declared: the events' rates sum up to {}; want {} to {}", rate, kLeastRate,
                load::kMaxRate);
  }
  ST_TRY(auto script, load::MakeEventScript(std::move(events), load::Share::kRate));
  return Plan{.script = std::move(script), .rate = rate};
}

std::unexpected<Error> NothingToSend(const app::Config& config, const LoadTarget& target,
                                     const LoadOptions& options) {
  const auto because = [](const std::string& text) {
    return Fail(ErrorCode::kInvalidArgument, "nothing to send: {}", text);
  };
  if (options.mix == "commands" && !target.has_game) {
    return because(
        "--mix commands needs a server with a game.toml, and the target has no game; "
        "--mix events sends the events that the project declares");
  }
  if (options.mix == "commands") {
    return because(
        fmt::format("--mix commands needs the items of a game.toml, and {} has none; "
                    "name the target's project with -C",
                    config.project));
  }
  const auto no_route = fmt::format("no event of {} has a route", config.project);
  if (options.mix == "events") {
    return because(no_route + (target.has_game ? "; --mix commands sends the game's commands"
                                               : "; name the target's project with -C"));
  }
  return because(no_route + (target.has_game
                                 ? ", and it has no game.toml; name the target's project with -C"
                                 : ", and the target has no game; name its project with -C"));
}

Result<Plan> MakePlan(const app::Config& config, const LoadTarget& target,
                      const LoadOptions& options) {
  const auto fs = os::MakePosixFileSystem();
  if (options.rate == kDeclaredRate) {
    ST_TRY(auto project, app::LoadProject(*fs, config.project));
    return PlanOfRates(std::move(project.events));
  }
  std::unique_ptr<load::Script> commands;
  std::unique_ptr<load::Script> events;
  if (options.mix != "events" && target.has_game) {
    ST_TRY(auto items, ItemsOf(*fs, config.project));
    if (!items.empty()) commands = load::MakeGameScript(std::move(items));
  }
  if (options.mix != "commands") {
    ST_TRY(auto project, app::LoadProject(*fs, config.project));
    auto made = load::MakeEventScript(std::move(project.events), load::Share::kWeight);
    if (made) events = std::move(*made);
  }
  if (!commands && !events) return NothingToSend(config, target, options);
  return Plan{.script = load::MakeMixedScript(std::move(commands), std::move(events))};
}

// Whether the target serves the events that are sent.
Status CheckServes(const LoadTarget& target, const std::vector<load::Kind>& kinds,
                   const std::string& project) {
  if (!target.is_steelthread) return {};
  for (const auto& kind : kinds) {
    if (kind.topic.empty()) continue;  // the game's own, or a read
    const auto found = target.events.find(kind.name);
    if (found != target.events.end() && found->second.topic == kind.topic &&
        found->second.table == kind.table) {
      continue;
    }
    return Fail(
        ErrorCode::kInvalidArgument,
        "{} serves another project than {}: it declares no event \"{}\" of topic \"{}\" and "
        "table \"{}\"; name its folder with -C",
        target.url, project, kind.name, kind.topic, kind.table);
  }
  return {};
}

// The target, or else the project's own server.
Result<std::string> UrlOf(const app::Config& config, const LoadOptions& options) {
  if (!options.target.empty()) return options.target;
  ST_TRY(const auto address, Endpoint(config, "http"));
  return "http://" + address;
}

class LoadRun {
 public:
  explicit LoadRun(const LoadOptions& options) : options_(options) {}

  // The numbers of the command.
  // Errors: kInvalidArgument.
  Status ReadNumbers() {
    ST_TRY(run_.duration_us, ParseDuration("--duration", options_.duration));
    if (run_.duration_us == 0) {
      return Fail(ErrorCode::kInvalidArgument, "--duration: '{}' is no time; want more than 0",
                  options_.duration);
    }
    ST_TRY(run_.think_us, ParseDuration("--think", options_.think));
    if (options_.rate != kDeclaredRate) {
      ST_TRY(run_.rate, ParseRate(options_.rate));
    } else if (options_.mix == "commands") {
      return Fail(
          ErrorCode::kInvalidArgument,
          "--rate declared: events declare rates, commands do not; leave --mix commands out");
    }
    return {};
  }

  // After ReadNumbers.
  Status Prepare(const app::Config& config, LoadTarget target) {
    target_ = std::move(target);
    run_.clients = options_.clients > 0 ? options_.clients : kDefaultClients;
    run_.most_requests = options_.requests;
    run_.has_keys = target_.is_steelthread;
    if (options_.verify && !target_.is_steelthread) {
      return Fail(ErrorCode::kInvalidArgument,
                  "--verify: {} is no steelthread server; --kafka compares with a broker",
                  target_.url);
    }
    ST_TRY(auto plan, MakePlan(config, target_, options_));
    script_ = std::move(plan.script);
    if (plan.rate > 0) run_.rate = plan.rate;
    ST_TRY_STATUS(CheckServes(target_, script_->kinds(), config.project));
    if (options_.verify) {
      check_ = std::make_unique<LoadCheck>(target_, ledger_, script_->kinds());
      ST_TRY_STATUS(check_->Begin());
    }
    if (!options_.kafka.empty()) {
      ST_TRY(foreign_, ForeignLog::Open(options_.kafka, options_.topic));
      ST_TRY(foreign_start_, foreign_->End());
    }
    return {};
  }

  Result<load::Report> Run() {
    const auto connections = run_.rate > 0 ? kOpenLoopConnections : run_.clients;
    ST_TRY(const auto pool,
           net::HttpPool::Start(
               {.endpoint = target_.address,
                .name = "load-http",
                .max_connections = options_.connections > 0 ? options_.connections : connections}));
    load::Runner runner(*pool, *script_, ledger_, *random_, run_);
    Guarded<bool> is_done;
    pool->Post([&] { runner.Begin([&] { is_done.With([](bool& done) { done = true; }); }); });
    Watch(runner, is_done);
    pool->Stop();
    return Conclude(runner);
  }

 private:
  // A line a second; an interrupt ends the sending, another one the waiting.
  void Watch(load::Runner& runner, Guarded<bool>& is_done) {
    constexpr std::int64_t kLookUs = 20'000;
    const auto began_us = clock_->MonotonicUs();
    auto last_us = began_us;
    load::Tally last;
    int interrupts = 0;
    while (!is_done.With([](bool done) { return done; }) && interrupts < 2) {
      if (os::WaitForTerminationSignal(kLookUs) > 0) {
        ++interrupts;
        runner.End();
      }
      const auto now_us = clock_->MonotonicUs();
      if (now_us - last_us < kSecondUs) continue;
      const auto tally = runner.tally();
      const auto line =
          load::ProgressLine(tally, last, Seconds(now_us - last_us), Seconds(now_us - began_us));
      std::fprintf(stderr, "%s\n", line.c_str());
      last = tally;
      last_us = now_us;
    }
  }

  static double Seconds(std::int64_t us) { return static_cast<double>(us) / 1e6; }

  load::Report Conclude(const load::Runner& runner) {
    load::Report report{.target = target_.url,
                        .is_steelthread = target_.is_steelthread,
                        .tally = runner.tally(),
                        .elapsed_us = runner.elapsed_us()};
    if (check_) Verify(report);
    if (foreign_) CountForeign(report);
    return report;
  }

  void Verify(load::Report& report) {
    std::fprintf(stderr, "reading log and tables …\n");
    const auto counted = check_->Count();
    if (!counted) report.trouble = counted.error().message();
    report.is_verified = true;
    // What was not read is not missing.
    if (!counted && counted.error().code() != ErrorCode::kDeadline) return;
    const auto& matcher = check_->matcher();
    report.verdict = matcher.Count();
    const bool is_table = options_.format == "table";
    const auto keep = [&](std::vector<load::Finding>& list) {
      return [&list, is_table](const load::Finding& finding) {
        if (!is_table || list.size() < load::kNamedFindings) list.push_back(finding);
      };
    };
    matcher.ForEachMissing(keep(report.missing));
    matcher.ForEachDoubled(keep(report.doubled));
  }

  // Its producer may still be sending what it has acknowledged.
  void CountForeign(load::Report& report) {
    constexpr std::int64_t kPatienceUs = 10 * kSecondUs;
    const auto deadline_us = clock_->MonotonicUs() + kPatienceUs;
    while (true) {
      const auto end = foreign_->End();
      if (!end) {
        report.trouble = end.error().message();
        return;
      }
      report.foreign_log = *end - foreign_start_;
      const bool has_all =
          *report.foreign_log >= static_cast<std::int64_t>(report.tally.acknowledged);
      if (has_all || clock_->MonotonicUs() >= deadline_us) return;
      static_cast<void>(os::WaitForTerminationSignal(kSecondUs / 10));
    }
  }

  const LoadOptions& options_;
  LoadTarget target_;
  const std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  const std::unique_ptr<os::Random> random_ = os::MakeSystemRandom();
  load::Ledger ledger_{fmt::format("load-{:016x}", random_->Next())};
  load::RunOptions run_;
  std::unique_ptr<load::Script> script_;
  std::unique_ptr<LoadCheck> check_;
  std::unique_ptr<ForeignLog> foreign_;
  std::int64_t foreign_start_ = 0;
};

}  // namespace

int RunLoad(const app::Config& config, const LoadOptions& options) {
  os::BlockTerminationSignals();
  os::RaiseOpenFileLimit();
  LoadRun run(options);
  if (const auto read = run.ReadNumbers(); !read) return RefuseUsage(read.error());
  auto url = UrlOf(config, options);
  if (!url) return ExitForServer(url.error());
  auto target = FindLoadTarget(*url);
  if (!target && target.error().code() == ErrorCode::kInvalidArgument) {
    return RefuseUsage(target.error());
  }
  if (!target) return ExitForServer(target.error());
  if (const auto prepared = run.Prepare(config, std::move(*target)); !prepared) {
    return ExitFor(prepared.error());
  }
  const auto report = run.Run();
  if (!report) return ExitFor(report.error());
  const auto text =
      options.format == "json" ? load::ReportJson(*report) : load::ReportTable(*report);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return report->is_good() ? 0 : kExitFailed;
}

}  // namespace st::cli
