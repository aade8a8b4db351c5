#include "cli/table_hold_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/duration.h"
#include "cli/exit_code.h"
#include "event/timestamp.h"

namespace st::cli {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kTimeoutUs = 60'000'000;  // one commit, behind others of the table

std::int64_t NumberAt(const Json& answer, const char* key) {
  return answer.value(key, std::int64_t{0});
}

void Print(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace

int HoldTable(const app::Config& config, const TableHoldOptions& options) {
  const auto for_us = ParseDuration("--for", options.duration);
  if (!for_us) return RefuseUsage(for_us.error());
  Json arguments = {{"hold", options.hold}, {"for_us", *for_us}};
  if (options.snapshot) arguments["to"] = *options.snapshot;
  if (!options.as_of.empty()) arguments["as_of"] = options.as_of;
  const auto held = ActOnTable(
      config, {.verb = "hold", .name = options.name, .arguments = arguments}, kTimeoutUs);
  if (!held) return ExitForServer(held.error());
  Print(fmt::format(
      "{}: hold \"{}\" keeps snapshot {} and every later one until {}; the table has {}",
      held->value("table", ""), held->value("hold", ""), NumberAt(*held, "snapshot"),
      event::TimestampText(NumberAt(*held, "until_ms")),
      Counted(NumberAt(*held, "kept"), "snapshot")));
  return 0;
}

int ReleaseTable(const app::Config& config, const TableHoldOptions& options) {
  const auto released = ActOnTable(
      config, {.verb = "release", .name = options.name, .arguments = {{"hold", options.hold}}},
      kTimeoutUs);
  if (!released) return ExitForServer(released.error());
  Print(fmt::format("{}: hold \"{}\" is released", released->value("table", ""),
                    released->value("hold", "")));
  return 0;
}

}  // namespace st::cli
