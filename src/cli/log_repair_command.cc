#include "cli/log_repair_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "app/data_dir.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/folder_tables.h"
#include "log/repair.h"
#include "log/repair_plan.h"
#include "log/verify.h"
#include "os/clock.h"
#include "os/inherited.h"

namespace st::cli {
namespace {

using Kind = log::RepairStep::Kind;

std::string LostText(const log::RepairPlan& plan, const log::RepairStep& step) {
  std::string text;
  for (const auto& one : step.lost) {
    const auto topic = plan.topics.find(one.tp.topic);
    const auto name = topic == plan.topics.end() ? one.tp.topic.ToString() : topic->second;
    text += (text.empty() ? "" : ", ") +
            log::DescribeLost(name, one.tp.partition.value(), one.from, one.to);
  }
  return text.empty() ? "no record is lost" : "lost: " + text;
}

// What the step does, after "is " or "would be ".
std::string ActText(const log::RepairPlan& plan, const log::RepairStep& step) {
  switch (step.kind) {
    case Kind::kIsolate:
      return fmt::format(
          "isolated, {} from lsn {} on; {}",
          Counted(static_cast<std::int64_t>(step.next_lsn.value() - step.first_lsn.value()),
                  "entry"),
          step.first_lsn, LostText(plan, step));
    case Kind::kHeader:
      return "written anew; no record is lost";
    case Kind::kCut:
      return fmt::format("cut, with {} that {} intact; the log ends before it",
                         Counted(static_cast<std::int64_t>(step.cut_entries), "entry"),
                         step.cut_entries == 1 ? "is" : "are");
    case Kind::kEndMark:
      return fmt::format("moved to byte {} of segment {}; what was behind it is missing", step.from,
                         step.segment);
  }
  return "";
}

void PrintSteps(const log::RepairPlan& plan, bool is_done) {
  for (const auto& step : plan.steps) {
    std::printf("%s: byte %llu to %llu: %s\n    %s %s\n", step.file.c_str(),
                static_cast<unsigned long long>(step.from),
                static_cast<unsigned long long>(step.to), step.reason.c_str(),
                is_done ? "is" : "would be", ActText(plan, step).c_str());
  }
}

int RefuseAll(const log::RepairPlan& plan) {
  for (const auto& one : plan.refused) {
    std::printf("%s: byte %llu: %s\n    cannot be repaired\n", one.file.c_str(),
                static_cast<unsigned long long>(one.position), one.reason.c_str());
  }
  PrintError(
      Error(ErrorCode::kCorruption,
            fmt::format("nothing was changed: {} cannot be repaired; restore the data folder "
                        "as a whole from a copy, or, where that is in the last segment, let "
                        "`--cut` remove it with all that follows",
                        plan.refused.size() == 1 ? "one place"
                                                 : fmt::format("{} places", plan.refused.size()))));
  return kExitDamage;
}

int Carry(os::FileSystem& fs, const log::RepairPlan& plan, const std::string& copies_dir) {
  const auto copies = log::RepairLog(fs, plan, copies_dir);
  if (!copies) return ExitFor(copies.error());
  PrintSteps(plan, true);
  for (const auto& copy : *copies) std::printf("what was there is in %s\n", copy.c_str());
  const auto report = log::VerifyLog(fs, plan.dir, [](auto&&...) {});
  if (!report) return ExitFor(report.error());
  for (const auto& finding : report->findings) {
    if (!finding.is_damage) continue;
    return ExitFor(
        Error(ErrorCode::kCorruption, fmt::format("{}: byte {}: {}; repair the log again",
                                                  finding.file, finding.position, finding.reason)));
  }
  std::printf("the log is intact: `steelthread up` starts with it\n");
  return 0;
}

}  // namespace

int RepairLogFolder(const app::Config& config, const RepairLogOptions& options) {
  os::KeepFilesPrivate();
  const auto fs = os::MakePosixFileSystem();
  if (const auto known = RequireDataFolder(*fs, config); !known) return ExitFor(known.error());
  const auto data = app::DataDir::Open(*fs, config.data_dir);
  if (!data) return ExitFor(data.error());
  const auto plan =
      log::PlanRepair((*data)->fs(), (*data)->log_dir(),
                      {.now_us = os::MakeSystemClock()->NowUs(), .may_cut = options.may_cut});
  if (!plan) return ExitFor(plan.error());
  if (!plan->refused.empty()) {
    PrintSteps(*plan, false);
    return RefuseAll(*plan);
  }
  if (plan->steps.empty()) {
    std::printf("nothing is damaged: there is nothing to repair\n");
    return 0;
  }
  if (options.is_yes) {
    return Carry((*data)->fs(), *plan, os::JoinPath(config.data_dir, "removed"));
  }
  PrintSteps(*plan, false);
  return RefuseUsage(
      Error(ErrorCode::kInvalidArgument, "nothing was changed: `--yes` says that you are sure"));
}

}  // namespace st::cli
