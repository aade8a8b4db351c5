#include "cli/table_upkeep_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <vector>

#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/duration.h"
#include "cli/exit_code.h"
#include "cli/progress.h"

namespace st::cli {
namespace {

constexpr std::int64_t kExpireTimeoutUs = 600'000'000;
constexpr std::int64_t kCompactTimeoutUs = 24LL * 3600 * 1'000'000;  // an old table may be large

using Json = nlohmann::json;

std::string FullNameOf(const Json& table) {
  return table.value("schema", "") + "." + table.value("name", "");
}

// How many files the table has now; "" where the server does not say it.
std::string FilesNow(const app::Config& config, const std::string& name) {
  const auto status = AskStatus(config);
  if (!status) return "";
  for (const auto& table : status->value("tables", Json::array())) {
    if (FullNameOf(table) != name && table.value("name", "") != name) continue;
    return Counted(table.value("files", std::int64_t{0}), "file");
  }
  return "";
}

Result<Json> Compact(const app::Config& config, const std::string& name) {
  Result<Json> report;
  WithProgress(
      [&] { report = ActOnTable(config, {.verb = "compact", .name = name}, kCompactTimeoutUs); },
      [&] {
        const auto files = FilesNow(config, name);
        return files.empty() ? "" : fmt::format("{}: {} now", name, files);
      });
  return report;
}

}  // namespace

std::string RenderCompaction(const Json& report) {
  const auto number = [&](const char* key) { return report.value(key, std::int64_t{0}); };
  const auto size = [&](const char* key) {
    return Mebibytes(static_cast<std::uint64_t>(number(key)));
  };
  const auto name = report.value("table", "");
  const auto files = Counted(number("files_before"), "file");
  if (number("files_before") == number("files_after")) {
    return fmt::format("{}: {}, {}, nothing to put together\n", name, files, size("bytes_after"));
  }
  return fmt::format("{}: {} -> {}, {} -> {}, in {:.2f} s\n", name, files, number("files_after"),
                     size("bytes_before"), size("bytes_after"),
                     static_cast<double>(number("elapsed_us")) / 1e6);
}

std::string RenderExpiry(const Json& report, bool is_dry) {
  const auto gone = std::ssize(report.value("snapshots", Json::array()));
  const auto left = Counted(report.value("left", std::int64_t{0}), "snapshot");
  const auto name = report.value("table", "");
  std::string held;
  for (const auto& hold : report.value("holds", Json::array())) {
    held +=
        fmt::format("{}: what hold \"{}\" keeps stays; `steelthread table release {} {}` ends it\n",
                    name, hold.get<std::string>(), name, hold.get<std::string>());
  }
  if (gone == 0) return fmt::format("{}: nothing to expire, {}\n{}", name, left, held);
  if (is_dry) return fmt::format("{}: would expire {}, and keep {}\n{}", name, gone, left, held);
  return fmt::format(
      "{}: expired {}, kept {}; files that none of them names leave the disk an hour from now\n{}",
      name, Counted(gone, "snapshot"), left, held);
}

int ExpireTable(const app::Config& config, const ExpireOptions& options) {
  const auto age_us = ParseDuration("--older-than", options.older_than);
  if (!age_us) return RefuseUsage(age_us.error());
  const auto report = ActOnTable(
      config,
      {.verb = "expire",
       .name = options.name,
       .arguments = {{"age_us", *age_us}, {"keep", options.keep}, {"is_dry", options.is_dry}}},
      kExpireTimeoutUs);
  if (!report) return ExitForServer(report.error());
  std::fputs(RenderExpiry(*report, options.is_dry).c_str(), stdout);
  return 0;
}

int CompactTables(const app::Config& config, const TableOptions& options) {
  const auto names = AskTables(config, options.name);
  if (!names) return ExitForServer(names.error());
  int exit_code = 0;
  for (const auto& name : *names) {
    const auto report = Compact(config, name);
    if (!report) {
      exit_code = ExitForServer(report.error());
      if (exit_code == kExitNoServer) return exit_code;
      continue;  // a damaged table keeps no other from being compacted
    }
    std::fputs(RenderCompaction(*report).c_str(), stdout);
    std::fflush(stdout);
  }
  return exit_code;
}

}  // namespace st::cli
