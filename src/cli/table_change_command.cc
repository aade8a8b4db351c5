#include "cli/table_change_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <vector>

#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"

namespace st::cli {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kTimeoutUs = 3600LL * 1'000'000;  // a table of years has many manifests

void Print(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

std::int64_t NumberAt(const Json& answer, const char* key) {
  return answer.value(key, std::int64_t{0});
}

// "with 3 rows in 2 files".
std::string Size(const Json& table) {
  return fmt::format("with {} in {}", Counted(NumberAt(table, "rows"), "row"),
                     Counted(NumberAt(table, "files"), "file"));
}

}  // namespace

int DropTable(const app::Config& config, const TableChangeOptions& options) {
  const auto dropped = ActOnTable(
      config, {.verb = "drop", .name = options.name, .arguments = {{"is_dry", !options.is_yes}}},
      kTimeoutUs);
  if (!dropped) return ExitForServer(dropped.error());
  const auto name = dropped->value("table", "");
  if (options.is_yes) {
    Print(fmt::format("{} is dropped, {}; its files leave the disk in an hour", name,
                      Size(*dropped)));
    return 0;
  }
  Print(fmt::format("{} would be dropped, {} and {}; there is no way back", name, Size(*dropped),
                    Counted(NumberAt(*dropped, "snapshots"), "snapshot")));
  return RefuseUsage(
      Error(ErrorCode::kInvalidArgument, "nothing was changed: `--yes` says that you are sure"));
}

int RenameTable(const app::Config& config, const TableChangeOptions& options) {
  const auto renamed = ActOnTable(
      config, {.verb = "rename", .name = options.name, .arguments = {{"to", options.to}}},
      kTimeoutUs);
  if (!renamed) return ExitForServer(renamed.error());
  Print(fmt::format("{} is {} now, with {}", renamed->value("from", ""), renamed->value("to", ""),
                    Counted(NumberAt(*renamed, "rows"), "row")));
  return 0;
}

int RelocateTables(const app::Config& config, const TableChangeOptions& options) {
  const auto names = AskTables(config, options.name);
  if (!names) return ExitForServer(names.error());
  for (const auto& name : *names) {
    const auto done = ActOnTable(config, {.verb = "relocate", .name = name}, kTimeoutUs);
    if (!done) return ExitForServer(done.error());
    Print(fmt::format("{}: {}", done->value("table", ""),
                      done->value("is_moved", false) ? "its metadata names this place now"
                                                     : "its metadata named this place already"));
  }
  return 0;
}

}  // namespace st::cli
