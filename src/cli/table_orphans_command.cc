#include "cli/table_orphans_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/json_rows.h"

namespace st::cli {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kTimeoutUs = 3600LL * 1'000'000;  // a table of years has many manifests
constexpr std::int64_t kSecondUs = 1'000'000;

std::int64_t NumberAt(const Json& object, const char* key) {
  return object.value(key, std::int64_t{0});
}

const Json& OrphansOf(const Json& answer) {
  static const Json none = Json::array();
  const auto found = answer.find("orphans");
  return found == answer.end() ? none : *found;
}

// Files and their bytes.
struct Total {
  std::int64_t files = 0;
  std::int64_t bytes = 0;

  void Add(const Json& orphan) {
    ++files;
    bytes += NumberAt(orphan, "bytes");
  }
  // "2 files, 0.1 MiB"
  std::string ToString() const {
    return fmt::format("{}, {}", Counted(files, "file"),
                       Mebibytes(static_cast<std::uint64_t>(bytes)));
  }
};

Rows RowsOf(const std::vector<Json>& answers, bool is_leaving) {
  Rows rows{.columns = Columns({{"table", "varchar"},
                                {"bytes", "bigint"},
                                {"last change", "varchar"},
                                {"age", "varchar"},
                                {"may go from", "varchar"},
                                {"upkeep removes it", "varchar"},
                                {"file", "varchar"}})};
  for (const auto& answer : answers) {
    for (const auto& orphan : OrphansOf(answer)) {
      const bool is_gone = orphan.value("is_leaving", false);
      if (is_leaving && !is_gone) continue;
      const auto modified_us = NumberAt(orphan, "modified_us");
      const auto removable_us = NumberAt(orphan, "removable_us");
      const auto upkeep_us = UpkeepRemovesUs(answer, removable_us);
      rows.rows.push_back(
          {answer.value("table", ""), NumberAt(orphan, "bytes"), TimeOf(modified_us / 1000),
           AgeText(NumberAt(answer, "now_us") - modified_us), TimeOf(removable_us / 1000),
           upkeep_us && !is_gone ? TimeOf(*upkeep_us / 1000) : Json(), orphan.value("file", "")});
    }
  }
  return rows;
}

}  // namespace

std::optional<std::int64_t> UpkeepRemovesUs(const Json& answer, std::int64_t removable_us) {
  const auto look = answer.find("next_look_us");
  const auto every_us = NumberAt(answer, "look_every_us");
  if (look == answer.end() || !look->is_number_integer() || every_us <= 0) return std::nullopt;
  const auto first_us = look->get<std::int64_t>();
  const auto late_us = std::max<std::int64_t>(removable_us - first_us, 0);
  return first_us + (late_us + every_us - 1) / every_us * every_us +
         NumberAt(answer, "leaves_after_us");
}

std::string AgeText(std::int64_t age_us) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 3> kUnits = {
      {{86'400 * kSecondUs, "d"}, {3'600 * kSecondUs, "h"}, {60 * kSecondUs, "min"}}};
  for (const auto& [us, unit] : kUnits) {
    if (age_us >= 2 * us) return fmt::format("{} {}", age_us / us, unit);
  }
  return fmt::format("{} s", age_us / kSecondUs);
}

std::string OrphansSummary(const std::vector<Json>& answers, bool is_leaving) {
  Total all;
  Total leaving;
  Total old;  // that may go now
  bool is_upkeep_on = false;
  for (const auto& answer : answers) {
    for (const auto& orphan : OrphansOf(answer)) {
      all.Add(orphan);
      if (orphan.value("is_leaving", false)) {
        leaving.Add(orphan);
      } else if (NumberAt(orphan, "removable_us") <= NumberAt(answer, "now_us")) {
        old.Add(orphan);
      }
      is_upkeep_on |= UpkeepRemovesUs(answer, 0).has_value();
    }
  }
  if (all.files == 0) return "no orphans: a snapshot names every file\n";
  const auto left = all.files - leaving.files;
  if (is_leaving) {
    return fmt::format("{} will leave the disk in an hour; {}\n", leaving.ToString(),
                       left == 0 ? "no orphan is left"
                                 : fmt::format("{} left, which a commit that runs may need",
                                               Counted(left, "orphan")));
  }
  return fmt::format("{} that no snapshot names; {}; {}\n", all.ToString(),
                     old.files == 0
                         ? "none of them may go now, since a commit that runs may need them"
                         : fmt::format("{} may go now, by --remove --yes", old.ToString()),
                     is_upkeep_on ? "upkeep removes each by itself at the time shown"
                                  : "upkeep is switched off, so nothing removes them by itself");
}

int ShowOrphans(const app::Config& config, const OrphansOptions& options) {
  const bool is_leaving = options.is_removing && options.is_yes;
  const auto names = AskTables(config, options.name);
  if (!names) return ExitForServer(names.error());
  std::vector<Json> answers;
  int exit_code = 0;
  for (const auto& name : *names) {
    auto answer = ActOnTable(
        config, {.verb = "orphans", .name = name, .arguments = {{"is_dry", !is_leaving}}},
        kTimeoutUs);
    if (!answer) {
      exit_code = ExitForServer(answer.error());
      if (exit_code == kExitNoServer) return exit_code;
      continue;  // a damaged table keeps no other from being listed
    }
    answers.push_back(*std::move(answer));
  }
  const auto rows = RowsOf(answers, is_leaving);
  const bool is_table = options.format == "table";
  if (!is_table || !rows.rows.empty()) {
    if (const int printed = PrintRows(rows, options.format); printed != 0) return printed;
  }
  if (is_table && (exit_code == 0 || !answers.empty()))
    std::fputs(OrphansSummary(answers, is_leaving).c_str(), stdout);
  std::fflush(stdout);
  const bool is_asking = options.is_removing && !options.is_yes && !rows.rows.empty();
  if (exit_code != 0 || !is_asking) return exit_code;
  return RefuseUsage(
      Error(ErrorCode::kInvalidArgument, "nothing was changed: `--yes` says that you are sure"));
}

}  // namespace st::cli
