#include "cli/load_command.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <optional>

#include "base/mutex.h"
#include "cli/exit_code.h"
#include "cli/load_plan.h"
#include "cli/server_locator.h"
#include "client/discovery.h"
#include "client/kafka_client.h"
#include "client/ledger/ledger_check.h"
#include "client/load/limits.h"
#include "client/load/report.h"
#include "client/load/runner.h"
#include "net/http_pool.h"
#include "os/clock.h"
#include "os/process.h"
#include "os/random.h"

namespace st::cli {
namespace {

namespace ledger = client::ledger;
namespace load = client::load;

constexpr std::uint32_t kOpenLoopConnections = 256;
constexpr std::int64_t kSecondUs = 1'000'000;

// The number of records that a topic of another broker has ever had; 0 if the topic does not exist
// yet.
Result<std::int64_t> CountRecords(client::KafkaClient& broker, const std::string& name) {
  ST_TRY(const auto topics, broker.Topics());
  const auto topic = std::ranges::find(topics, name, &client::KafkaTopic::name);
  if (topic == topics.end()) return 0;
  ST_TRY(const auto ends, broker.EndOffsets(*topic));
  return std::accumulate(ends.begin(), ends.end(), std::int64_t{0});
}

// The target's URL, or that of the project's own server.
Result<std::string> UrlOf(const app::Config& config, const LoadOptions& options) {
  if (!options.target.empty()) return options.target;
  ST_TRY(const auto address, Endpoint(config, "http"));
  return "http://" + address;
}

class LoadRun {
 public:
  LoadRun(const LoadOptions& options, load::RunOptions run) : options_(options), run_(run) {}

  Status Prepare(const app::Config& config, client::ServerDescription target) {
    target_ = std::move(target);
    run_.has_keys = target_.is_steelthread;
    if (options_.verify && !target_.is_steelthread) {
      return Fail(ErrorCode::kInvalidArgument,
                  "--verify: {} is no steelthread server; --kafka compares with a broker",
                  target_.url);
    }
    ST_TRY(auto plan, MakeLoadPlan(config, target_, options_));
    script_ = std::move(plan.script);
    if (plan.rate > 0) run_.rate = plan.rate;
    if (options_.verify) {
      check_ = std::make_unique<ledger::LedgerCheck>(target_, ledger_, script_->kinds());
      ST_TRY_STATUS(check_->Begin());
    }
    if (options_.kafka.empty()) return {};
    auto broker = client::KafkaClient::Open(options_.kafka, client::KafkaUse::kReading);
    if (!broker) return std::unexpected(broker.error().WithContext("--kafka"));
    broker_ = std::move(*broker);
    ST_TRY(records_before_, CountRecords(*broker_, options_.topic));
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
  // Prints a line a second. The first interrupt ends the sending, the second one the waiting.
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
    if (broker_) CountForeign(report);
    return report;
  }

  void Verify(load::Report& report) {
    std::fprintf(stderr, "reading log and tables …\n");
    const auto counted = check_->Count();
    if (!counted) report.trouble = counted.error().message();
    report.is_verified = true;
    // Records that could not be read must not count as missing.
    if (!counted && counted.error().code() != ErrorCode::kDeadline) return;
    const auto& matcher = check_->matcher();
    report.verdict = matcher.Count();
    const bool is_table = options_.format == "table";
    const auto keep = [&](std::vector<ledger::Finding>& list) {
      return [&list, is_table](const ledger::Finding& finding) {
        if (!is_table || list.size() < load::kNamedFindings) list.push_back(finding);
      };
    };
    matcher.ForEachMissing(keep(report.missing));
    matcher.ForEachDoubled(keep(report.doubled));
  }

  // The producer may still be sending events that it acknowledged, so the count waits for them.
  void CountForeign(load::Report& report) {
    constexpr std::int64_t kPatienceUs = 10 * kSecondUs;
    const auto deadline_us = clock_->MonotonicUs() + kPatienceUs;
    while (true) {
      const auto records = CountRecords(*broker_, options_.topic);
      if (!records) {
        report.trouble = records.error().message();
        return;
      }
      report.foreign_log = *records - records_before_;
      const bool has_all =
          *report.foreign_log >= static_cast<std::int64_t>(report.tally.acknowledged);
      if (has_all || clock_->MonotonicUs() >= deadline_us) return;
      static_cast<void>(os::WaitForTerminationSignal(kSecondUs / 10));
    }
  }

  const LoadOptions& options_;
  client::ServerDescription target_;
  const std::unique_ptr<os::Clock> clock_ = os::MakeSystemClock();
  const std::unique_ptr<os::Random> random_ = os::MakeSystemRandom();
  ledger::Ledger ledger_{fmt::format("load-{:016x}", random_->Next())};
  load::RunOptions run_;
  std::unique_ptr<load::Script> script_;
  std::unique_ptr<ledger::LedgerCheck> check_;
  std::optional<client::KafkaClient> broker_;  // connected if --kafka is given
  std::int64_t records_before_ = 0;            // in the topic of --kafka
};

}  // namespace

int RunLoad(const app::Config& config, const LoadOptions& options) {
  os::BlockTerminationSignals();
  os::RaiseOpenFileLimit();
  const auto numbers = ReadRunOptions(options);
  if (!numbers) return RefuseUsage(numbers.error());
  auto url = UrlOf(config, options);
  if (!url) return ExitForServer(url.error());
  auto target = client::DiscoverServer(*url);
  if (!target && target.error().code() == ErrorCode::kInvalidArgument) {
    return RefuseUsage(target.error().WithContext("--target"));
  }
  if (!target) return ExitForServer(target.error());
  LoadRun run(options, *numbers);
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
