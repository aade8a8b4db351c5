#include "cli/pipeline_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/interrupts.h"
#include "os/process.h"
#include "os/system_time.h"

namespace st::cli {
namespace {

constexpr std::int64_t kRunTimeoutUs = 24LL * 3600 * 1'000'000;  // a first run may take a day

constexpr std::int64_t kPollUs = 200'000;
constexpr std::int64_t kTellUs = 1'000'000;          // between lines of progress
constexpr std::int64_t kActTimeoutUs = 120'000'000;  // a step that runs is waited for

int Print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  return 0;
}

// "events/0 offset 0 to 420"
std::string PlacesOf(const nlohmann::json& partitions) {
  std::string text;
  for (const auto& p : partitions) {
    text += fmt::format("{}{}/{} offset {} to {}", text.empty() ? "" : ", ", p.value("topic", ""),
                        p.value("partition", 0), p.value("next", std::int64_t{0}),
                        p.value("end", std::int64_t{0}));
  }
  return text.empty() ? "its topic does not exist yet" : text;
}

// " (nothing is left)", " (what is left begins at 2026-12-01T09:00:00.000Z)"; "" where no time of
// it is known.
std::string WhatIsLeft(const nlohmann::json& removed) {
  if (removed.value("is_rest_empty", false)) return " (nothing is left)";
  const auto later = removed.value("later", "");
  return later.empty() ? "" : fmt::format(" (what is left begins at {})", later);
}

// "swords: rows of removed records cannot come back: events/0 offset 0 to 3 (what is left begins at
// 2026-12-01T09:00:00.000Z)"; "" where none were removed.
std::string RenderRemoved(const nlohmann::json& plan) {
  std::string text;
  for (const auto& one : plan.value("removed", nlohmann::json::array())) {
    const auto topic = one.value("topic", "");
    text += fmt::format("{}{}/{} offset {} to {}{}", text.empty() ? "" : ", ",
                        topic.empty() ? "a deleted topic" : topic, one.value("partition", 0),
                        one.value("from", std::int64_t{0}), one.value("end", std::int64_t{0}),
                        WhatIsLeft(one));
  }
  if (text.empty()) return "";
  return fmt::format("{}: rows of removed records cannot come back: {}\n",
                     plan.value("pipeline", ""), text);
}

std::string RenderPlan(const nlohmann::json& plan, bool is_done) {
  const auto number = [&](const char* key) { return plan.value(key, std::int64_t{0}); };
  return fmt::format(
      "{}: {} {} {} and {} bad.rows; it {} again from the log: {}\n{}", plan.value("pipeline", ""),
      Counted(number("rows"), "row"), is_done ? "left" : "would leave", plan.value("table", ""),
      Counted(number("dead_letters"), "dead letter"), is_done ? "is filled" : "would be filled",
      PlacesOf(plan.value("partitions", nlohmann::json::array())), RenderRemoved(plan));
}

// How far a table has been filled again.
struct Filled {
  std::int64_t records = 0;
  std::int64_t wanted = 0;
};
Filled FilledOf(const nlohmann::json& plan, const nlohmann::json& pipeline) {
  Filled filled;
  const auto none = nlohmann::json::array();
  for (const auto& p : plan.value("partitions", none)) {
    const auto first = p.value("next", std::int64_t{0});
    const auto end = p.value("end", std::int64_t{0});
    filled.wanted += end - first;
    for (const auto& now : pipeline.value("partitions", none)) {
      if (now["topic"] != p["topic"] || now["partition"] != p["partition"]) continue;
      filled.records += std::clamp(now.value("next", std::int64_t{0}), first, end) - first;
    }
  }
  return filled;
}

// The pipeline in the status of the server.
Result<nlohmann::json> PipelineStatus(const app::Config& config, const std::string& name) {
  ST_TRY(const auto status, AskStatus(config));
  for (const auto& one : status.value("pipelines", nlohmann::json::array())) {
    if (one.value("name", "") == name) return one;
  }
  return Fail(ErrorCode::kNotFound, "the server serves no pipeline \"{}\" any more", name);
}

// Waits until the table holds the records of `plan`; shows how far it is. kShutdown: Ctrl-C.
// `began_us`: when the reset was asked for.
Result<nlohmann::json> AwaitFilled(const app::Config& config, const nlohmann::json& plan,
                                   std::int64_t began_us) {
  os::BlockTerminationSignals();
  const Interrupts interrupts([] {});
  const auto name = plan.value("pipeline", "");
  for (std::int64_t told_us = os::SystemMonotonicUs();; os::SleepUs(kPollUs)) {
    ST_TRY(const auto now, PipelineStatus(config, name));
    const auto filled = FilledOf(plan, now);
    const auto state = now.value("state", "");
    if (state == "needs a person" || state == "paused") {
      return Fail(ErrorCode::kConflict, "pipeline \"{}\" stopped at {} of {}: {}{}", name,
                  filled.records, Counted(filled.wanted, "event"), now.value("last_error", ""),
                  now.value("paused", ""));
    }
    if (filled.records >= filled.wanted) {
      return nlohmann::json{{"pipeline", name},
                            {"table", plan.value("table", "")},
                            {"records_read", filled.records},
                            {"rows", now["rows"]},
                            {"dead_letters", now["dead_letters"]},
                            {"elapsed_us", os::SystemMonotonicUs() - began_us}};
    }
    if (interrupts.interrupted()) {
      return Fail(ErrorCode::kShutdown,
                  "{} of {} are in the table, and the server goes on; `steelthread status` shows "
                  "how far it is",
                  filled.records, Counted(filled.wanted, "event"));
    }
    if (os::SystemMonotonicUs() - told_us < kTellUs) continue;
    told_us = os::SystemMonotonicUs();
    const auto error = now.value("last_error", "");
    std::fprintf(stderr, "%s: %lld of %s (%lld %%)%s%s\n", name.c_str(),
                 static_cast<long long>(filled.records), Counted(filled.wanted, "event").c_str(),
                 static_cast<long long>(filled.records * 100 / filled.wanted),
                 error.empty() ? "" : ": ", error.c_str());
  }
}

}  // namespace

std::string RenderRun(const nlohmann::json& report) {
  const auto number = [&](const char* key) { return report.value(key, std::int64_t{0}); };
  return fmt::format("{}: {} read, {} added to {}, {}, in {:.2f} s\n", report.value("pipeline", ""),
                     Counted(number("records_read"), "event"), Counted(number("rows"), "row"),
                     report.value("table", ""), Counted(number("dead_letters"), "dead letter"),
                     static_cast<double>(number("elapsed_us")) / 1e6);
}

int RunPipelineOnce(const app::Config& config, const std::string& name) {
  const auto report = ActOnPipeline(config, {.verb = "run", .name = name}, kRunTimeoutUs);
  if (!report) return ExitForServer(report.error());
  return Print(RenderRun(*report));
}

int PausePipeline(const app::Config& config, const std::string& name) {
  const auto done = ActOnPipeline(config, {.verb = "pause", .name = name}, kActTimeoutUs);
  if (!done) return ExitForServer(done.error());
  PrintWarnings(*done);
  return Print(fmt::format("{}: {} paused ({}); `steelthread pipeline resume {}` resumes it\n",
                           done->value("pipeline", ""),
                           done->value("was_paused", false) ? "was already" : "is",
                           done->value("paused", ""), done->value("pipeline", "")));
}

int ResumePipeline(const app::Config& config, const std::string& name) {
  const auto done = ActOnPipeline(config, {.verb = "resume", .name = name}, kActTimeoutUs);
  if (!done) return ExitForServer(done.error());
  if (!done->value("was_paused", false)) {
    return Print(fmt::format("{}: was not paused\n", done->value("pipeline", "")));
  }
  return Print(fmt::format("{}: resumed; it was paused: {}\n", done->value("pipeline", ""),
                           done->value("reason", "")));
}

int AcceptLosses(const app::Config& config, const std::string& name) {
  const auto done = ActOnPipeline(config, {.verb = "accept", .name = name}, kActTimeoutUs);
  if (!done) return ExitForServer(done.error());
  const auto accepted = done->value("accepted", std::vector<std::string>());
  if (accepted.empty()) {
    return Print(fmt::format("{}: the log lost no records of its topics that were not accepted\n",
                             done->value("pipeline", "")));
  }
  return Print(fmt::format("{}: goes on without {}\n", done->value("pipeline", ""),
                           fmt::join(accepted, ", ")));
}

int ResetPipeline(const app::Config& config, const ResetOptions& options) {
  const auto arguments =
      options.is_sure ? nlohmann::json::object() : nlohmann::json{{"is_dry", true}};
  const std::int64_t began_us = os::SystemMonotonicUs();
  const auto plan = ActOnPipeline(
      config, {.verb = "reset", .name = options.name, .arguments = arguments}, kActTimeoutUs);
  if (!plan) return ExitForServer(plan.error());
  if (!options.is_sure) {
    Print(RenderPlan(*plan, false));
    return RefuseUsage(
        Error(ErrorCode::kInvalidArgument, "nothing was changed: `--yes` says that you are sure"));
  }
  PrintWarnings(*plan);
  Print(RenderPlan(*plan, true));
  if (options.no_wait) return 0;
  const auto filled = AwaitFilled(config, *plan, began_us);
  if (!filled) {
    const int code = ExitForServer(filled.error());
    return filled.error().code() == ErrorCode::kShutdown ? kExitInterrupted : code;
  }
  return Print(RenderRun(*filled));
}

}  // namespace st::cli
