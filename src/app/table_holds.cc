#include "app/table_holds.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "lake/names.h"

namespace st::app {

namespace {

Result<std::string> NameOf(const nlohmann::json& arguments) {
  const auto name = arguments.find("hold");
  if (name != arguments.end() && name->is_string()) return name->get<std::string>();
  return Fail(ErrorCode::kInvalidArgument, "\"hold\" is missing: the name of the hold");
}

nlohmann::json ToJson(const lake::HeldSnapshots& held) {
  return {{"hold", held.hold.name},
          {"snapshot", held.hold.first.value()},
          {"set_ms", held.hold.set_ms},
          {"until_ms", held.hold.until_ms},
          {"kept", held.kept}};
}

}  // namespace

Result<nlohmann::json> SetTableHold(lake::Lake& lake, const lake::TableName& table,
                                    std::optional<SnapshotId> first,
                                    const nlohmann::json& arguments) {
  ST_TRY(const auto name, NameOf(arguments));
  const auto for_us = arguments.value("for_us", lake::kUsualHoldMs * 1000);
  ST_TRY(
      const auto set,
      lake.HoldSnapshots({.table = table, .name = name, .first = first, .for_ms = for_us / 1000}));
  ST_TRY(const auto view, lake.Load(table));
  lake::HeldSnapshots held{.hold = set};
  for (const auto& one : view->holds) {
    if (one.hold.name == set.name) held.kept = one.kept;
  }
  auto answer = ToJson(held);
  answer["table"] = lake::FullName(table);
  return answer;
}

Result<nlohmann::json> ReleaseTableHold(lake::Lake& lake, const lake::TableName& table,
                                        const nlohmann::json& arguments) {
  ST_TRY(const auto name, NameOf(arguments));
  ST_TRY_STATUS(lake.ReleaseHold(table, name));
  return nlohmann::json{{"table", lake::FullName(table)}, {"hold", name}};
}

std::vector<lake::Hold> LivingHolds(const lake::View& view, std::int64_t now_us) {
  std::vector<lake::Hold> living;
  for (const auto& held : view.holds) {
    if (held.hold.until_ms > now_us / 1000) living.push_back(held.hold);
  }
  return living;
}

nlohmann::json TableHoldsStatus(const lake::View& view) {
  auto holds = nlohmann::json::array();
  for (const auto& held : view.holds) holds.push_back(ToJson(held));
  return holds;
}

void CollectTableHolds(const lake::Lake& lake, MetricRegistry& metrics) {
  metrics.Collected(
      "steelthread_table_held_snapshots",
      "Snapshots that a table would keep if the hold were its only one; `steelthread table holds` "
      "says until when.",
      "gauge", [&lake] {
        MetricRegistry::Samples samples;
        for (const auto& name : lake.Tables()) {
          const auto view = lake.Load(name);
          if (!view) continue;  // the problems tell of the table
          for (const auto& held : (*view)->holds) {
            samples.emplace_back(
                fmt::format("table=\"{}\",hold=\"{}\"", lake::FullName(name), held.hold.name),
                static_cast<double>(held.kept));
          }
        }
        return samples;
      });
}

}  // namespace st::app
