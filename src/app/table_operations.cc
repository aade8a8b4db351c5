#include "app/table_operations.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "app/table_holds.h"
#include "base/text.h"
#include "lake/holds.h"
#include "lake/names.h"
#include "stream/progress.h"
#include "stream/standing.h"

namespace st::app {

namespace {

// The position of a table under its new name: the flow of a pipeline has the name of its table.
Result<std::map<std::string, std::string>> PositionUnder(const std::string& name,
                                                         const lake::View& view) {
  const auto property = view.properties.find(lake::kPositionProperty);
  if (property == view.properties.end()) return std::map<std::string, std::string>();
  ST_TRY(auto progress, stream::DecodeProgress(property->second));
  if (auto flow = progress.flows.extract(view.name.name)) {
    flow.key() = name;
    flow.mapped().dead_letters = 0;  // bad.rows has them under the old name
    progress.flows.insert(std::move(flow));
  }
  return std::map<std::string, std::string>{
      {lake::kPositionProperty, stream::EncodeProgress(progress)}};
}

}  // namespace

Status TableOperations::CheckIsNotFilled(const lake::TableName& table,
                                         const std::string& what) const {
  if (table == stream::kBadRows) {
    return Fail(ErrorCode::kInvalidArgument,
                "{} cannot be {}: every pipeline writes its dead letters there",
                lake::FullName(table), what);
  }
  for (const auto& pipeline : runner_.Status()) {
    if (pipeline.table != lake::FullName(table)) continue;
    return Fail(ErrorCode::kInvalidArgument,
                "{} cannot be {} while pipeline \"{}\" fills it: take the pipeline out of the "
                "project and run `steelthread reload` first",
                pipeline.table, what, pipeline.name);
  }
  return {};
}

Status TableOperations::CheckIsNoTopic(const lake::TableName& table) const {
  for (const auto& topic : stores_.log().Topics()) {
    if (AsciiLower(topic.name) != table.name) continue;
    return Fail(ErrorCode::kInvalidArgument,
                "{} cannot be the new name: topic \"{}\" has it; choose another name",
                lake::FullName(table), topic.name);
  }
  return {};
}

Result<nlohmann::json> TableOperations::Drop(const std::string& name, bool is_dry) const {
  auto& lake = stores_.lake();
  ST_TRY(const auto table, lake::FindTable(lake.Tables(), name));
  ST_TRY_STATUS(CheckIsNotFilled(table, "dropped"));
  ST_TRY(const auto view, lake.LoadForCommit(table));
  if (is_dry) {
    ST_TRY_STATUS(
        lake::CheckIsNotHeld(table, LivingHolds(*view, stores_.env().clock.NowUs()), "dropped"));
  } else {
    ST_TRY_STATUS(lake.Drop(table));
  }
  return nlohmann::json{{"table", lake::FullName(table)},
                        {"rows", view->record_count},
                        {"files", view->files.size()},
                        {"bytes", view->files.totals().bytes},
                        {"snapshots", view->snapshot_count}};
}

Result<nlohmann::json> TableOperations::Rename(const std::string& from,
                                               const std::string& to) const {
  auto& lake = stores_.lake();
  ST_TRY(const auto table, lake::FindTable(lake.Tables(), from));
  ST_TRY_STATUS(CheckIsNotFilled(table, "renamed"));
  const auto prefix = table.schema + ".";
  // A pipeline's table has a name in lower case.
  const auto name = AsciiLower(to);
  const lake::TableName renamed{table.schema,
                                name.starts_with(prefix) ? name.substr(prefix.size()) : name};
  ST_TRY_STATUS(CheckIsNotFilled(renamed, "the new name"));
  ST_TRY_STATUS(CheckIsNoTopic(renamed));
  ST_TRY(const auto view, lake.LoadForCommit(table));
  if (view->properties.contains(stream::kRedoProperty)) {
    return Fail(ErrorCode::kInvalidArgument,
                "{} was taken back, and its dead letters are in {} still; declare its pipeline, "
                "which takes them out, and rename the table then",
                lake::FullName(table), lake::FullName(stream::kBadRows));
  }
  ST_TRY(const auto position, PositionUnder(renamed.name, *view));
  ST_TRY(const auto done, lake.Rename(table, renamed, position));
  return nlohmann::json{{"from", lake::FullName(table)},
                        {"to", lake::FullName(renamed)},
                        {"rows", done->record_count}};
}

Result<nlohmann::json> TableOperations::Relocate(const std::string& name) const {
  auto& lake = stores_.lake();
  ST_TRY(const auto table, lake::FindTable(lake.Tables(), name));
  ST_TRY_STATUS(lake.LoadForCommit(table));
  ST_TRY(const bool is_moved, lake.Relocate(table));
  return nlohmann::json{{"table", lake::FullName(table)}, {"is_moved", is_moved}};
}

std::string MovedTablesWarning(const lake::Lake& lake) {
  std::vector<std::string> moved;
  for (const auto& name : lake.Tables()) {
    const auto view = lake.Load(name);
    if (view && (*view)->is_moved) moved.push_back(lake::FullName(name));
  }
  if (moved.empty()) return "";
  constexpr std::size_t kNamed = 3;
  const auto more = moved.size() > kNamed ? fmt::format(" and {} more", moved.size() - kNamed) : "";
  moved.resize(std::min(moved.size(), kNamed));
  return fmt::format(
      "the data folder was moved: the metadata of {}{} names the place where it lay, so other "
      "engines do not find the files; `steelthread table relocate` makes it name this place",
      fmt::join(moved, ", "), more);
}

}  // namespace st::app
