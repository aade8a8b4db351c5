#include "app/operations.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>

#include "app/preview.h"
#include "app/runner_setup.h"
#include "app/table_holds.h"
#include "event/timestamp.h"
#include "format/iceberg/table_metadata.h"
#include "lake/limits.h"
#include "lake/names.h"
#include "stream/losses.h"
#include "stream/table_control.h"
#include "stream/table_reset.h"
#include "upkeep/limits.h"

namespace st::app {
namespace {

// A step that began before a pause is waited for at most so long.
constexpr std::int64_t kSettleUs = 60'000'000;

nlohmann::json Partitions(const std::vector<stream::PartitionStatus>& partitions) {
  auto all = nlohmann::json::array();
  for (const auto& p : partitions) {
    all.push_back(
        {{"topic", p.topic}, {"partition", p.partition}, {"next", p.next}, {"end", p.end}});
  }
  return all;
}

// "" where a client set no time, or one that is no time of ours.
std::string TimeOf(std::optional<std::int64_t> time_ms) {
  const bool is_time = time_ms && *time_ms >= 0 && *time_ms <= event::kMaxTimestampUs / 1000;
  return is_time ? event::TimestampText(*time_ms) : "";
}

nlohmann::json Removed(const std::vector<stream::RemovedRange>& removed) {
  auto all = nlohmann::json::array();
  for (const auto& one : removed) {
    all.push_back({{"topic", one.topic},
                   {"partition", one.partition},
                   {"from", one.from},
                   {"end", one.end},
                   {"is_rest_empty", !one.later_ms},
                   {"later", TimeOf(one.later_ms)}});
  }
  return all;
}

}  // namespace

Operations::Operations(const Parts& parts)
    : parts_(parts),
      tables_(parts.stores, parts.runner),
      groups_(parts.stores),
      topics_(parts.stores, parts.serving, parts.record_keeping),
      records_(parts.stores, parts.record_keeping) {
  const auto add = [this](Verbs& verbs, const std::string& verb,
                          Result<nlohmann::json> (Operations::*act)(const std::string&) const) {
    verbs[verb] = {.arguments = {}, .act = [this, act](const auto& name, const auto&) {
                     return (this->*act)(name);
                   }};
  };
  add(pipeline_verbs_, "run", &Operations::Run);
  add(pipeline_verbs_, "pause", &Operations::Pause);
  add(pipeline_verbs_, "resume", &Operations::Resume);
  add(pipeline_verbs_, "accept", &Operations::Accept);
  pipeline_verbs_["preview"] = {
      .arguments = {"records"},
      .act = [this](const auto& name, const auto& given) { return Preview(name, given); }};
  pipeline_verbs_["reset"] = {
      .arguments = {"is_dry"},
      .act = [this](const auto& name, const auto& given) { return Reset(name, given); }};
  table_verbs_["rollback"] = {
      .arguments = {"to", "as_of"},
      .act = [this](const auto& name, const auto& given) { return RollBack(name, given); }};
  add(table_verbs_, "compact", &Operations::Compact);
  table_verbs_["expire"] = {
      .arguments = {"age_us", "keep", "is_dry"},
      .act = [this](const auto& name, const auto& given) { return Expire(name, given); }};
  table_verbs_["orphans"] = {
      .arguments = {"is_dry"},
      .act = [this](const auto& name, const auto& given) { return Orphans(name, given); }};
  table_verbs_["hold"] = {
      .arguments = {"hold", "for_us", "to", "as_of"},
      .act = [this](const auto& name, const auto& given) { return Hold(name, given); }};
  table_verbs_["release"] = {
      .arguments = {"hold"},
      .act = [this](const auto& name, const auto& given) { return Release(name, given); }};
  table_verbs_["drop"] = {.arguments = {"is_dry"},
                          .act = [this](const auto& name, const auto& arguments) {
                            return tables_.Drop(name, arguments.value("is_dry", false));
                          }};
  table_verbs_["rename"] = {.arguments = {"to"},
                            .act = [this](const auto& name, const auto& arguments) {
                              return tables_.Rename(name, arguments.value("to", ""));
                            }};
  table_verbs_["relocate"] = {.arguments = {}, .act = [this](const auto& name, const auto&) {
                                return tables_.Relocate(name);
                              }};
  group_verbs_["describe"] = {.arguments = {}, .act = [this](const auto& name, const auto&) {
                                return groups_.Describe(name);
                              }};
  group_verbs_["reset"] = {
      .arguments = {"to", "by", "at", "topic", "is_dry"},
      .act = [this](const auto& name, const auto& given) { return groups_.Reset(name, given); }};
  group_verbs_["delete"] = {.arguments = {}, .act = [this](const auto& name, const auto&) {
                              return groups_.Delete(name);
                            }};
  topic_verbs_["describe"] = {.arguments = {}, .act = [this](const auto& name, const auto&) {
                                return topics_.Describe(name);
                              }};
  topic_verbs_["alter"] = {
      .arguments = {"partitions", "set", "unset", "is_dry"},
      .act = [this](const auto& name, const auto& given) { return topics_.Alter(name, given); }};
  topic_verbs_["delete"] = {
      .arguments = {"force", "is_dry"},
      .act = [this](const auto& name, const auto& given) { return topics_.Delete(name, given); }};
  topic_verbs_["delete-records"] = {
      .arguments = {"before", "partition", "is_dry", "force"},
      .act = [this](const auto& name, const auto& given) { return records_.Delete(name, given); }};
}

Result<nlohmann::json> Operations::Act(std::string_view kind, const Verbs& verbs,
                                       const std::string& verb, const std::string& name,
                                       const nlohmann::json& arguments) {
  const auto found = verbs.find(verb);
  if (found == verbs.end()) {
    return Fail(
        ErrorCode::kNotFound, "{} have no verb \"{}\"; they have: {}", kind, verb,
        verbs.empty() ? "none" : fmt::format("{}", fmt::join(std::views::keys(verbs), ", ")));
  }
  for (const auto& [key, value] : arguments.items()) {
    if (found->second.arguments.contains(key)) continue;
    return Fail(ErrorCode::kInvalidArgument, "{} takes no argument \"{}\"; it takes: {}", verb, key,
                found->second.arguments.empty()
                    ? "none"
                    : fmt::format("{}", fmt::join(found->second.arguments, ", ")));
  }
  try {
    return found->second.act(name, arguments);
  } catch (const nlohmann::json::type_error& error) {
    return Fail(ErrorCode::kInvalidArgument, "an argument of {} has the wrong type: {}", verb,
                error.what());
  }
}

Result<dialect::spark::Definition> Operations::Pipeline(const std::string& name) const {
  constexpr std::string_view kSchema = "default.";  // of every pipeline's table
  if (name.starts_with(kSchema)) return Pipeline(name.substr(kSchema.size()));
  auto found = parts_.runner.Find(name);
  if (found || found.error().code() != ErrorCode::kNotFound) return found;
  const auto served = parts_.serving.now();
  const auto* event = served->FindEvent(name);
  if (event == nullptr || event->table.empty()) return found;
  return Fail(ErrorCode::kNotFound,
              "\"{}\" is an event, and a pipeline has the name of its table: {}", name,
              event->table);
}

stream::Dependencies Operations::StreamParts() const {
  return {parts_.stores.log(), parts_.stores.lake(), parts_.stores.env()};
}

std::string Operations::Now() const {
  return event::TimestampText(parts_.stores.env().clock.NowUs() / 1'000'000 * 1000);
}

Result<nlohmann::json> Operations::Run(const std::string& name) const {
  ST_TRY(const auto pipeline, Pipeline(name));
  return RunPipeline(parts_.runner, parts_.stores.env().clock, pipeline.name);
}

Result<nlohmann::json> Operations::Preview(const std::string& name,
                                           const nlohmann::json& arguments) const {
  constexpr std::int64_t kUsualRecords = 10;
  const auto records = arguments.value("records", kUsualRecords);
  ST_TRY(const auto preview, PreviewServed(parts_.stores, parts_.serving, name, records));
  return trial::ToJson(preview);
}

Result<nlohmann::json> Operations::Pause(const std::string& name) const {
  ST_TRY(const auto pipeline, Pipeline(name));
  const auto reason = Now() + " by a person";
  ST_TRY(const auto earlier, stream::Pause(StreamParts(), pipeline, reason));
  const auto settled = parts_.runner.AwaitStep(pipeline.name, kSettleUs);
  return nlohmann::json{
      {"pipeline", pipeline.name},
      {"paused", earlier.value_or(reason)},
      {"was_paused", earlier.has_value()},
      {"warnings", settled ? std::vector<std::string>() : std::vector{settled.error().message()}}};
}

Result<nlohmann::json> Operations::Resume(const std::string& name) const {
  ST_TRY(const auto pipeline, Pipeline(name));
  ST_TRY(const auto reason, stream::Resume(StreamParts(), pipeline));
  Ignore(parts_.runner.AwaitStep(pipeline.name, 0), "the step is not waited for");
  return nlohmann::json{{"pipeline", pipeline.name},
                        {"was_paused", reason.has_value()},
                        {"reason", reason.value_or("")}};
}

Result<nlohmann::json> Operations::Accept(const std::string& name) const {
  ST_TRY(const auto pipeline, Pipeline(name));
  ST_TRY(const auto accepted, stream::AcceptLosses(StreamParts(), pipeline));
  Ignore(parts_.runner.AwaitStep(pipeline.name, 0), "the step is not waited for");
  return nlohmann::json{{"pipeline", pipeline.name}, {"accepted", accepted}};
}

std::vector<std::string> Operations::Settle(const std::string& pipeline) const {
  const auto settled = parts_.runner.AwaitStep(pipeline, kSettleUs);
  if (settled) return {};
  return {settled.error().message()};
}

Result<nlohmann::json> Operations::Reset(const std::string& name,
                                         const nlohmann::json& arguments) const {
  const bool is_dry = arguments.value("is_dry", false);
  ST_TRY(const auto pipeline, Pipeline(name));
  ST_TRY(const auto plan, is_dry ? stream::PlanReset(StreamParts(), pipeline)
                                 : stream::Reset(StreamParts(), pipeline));
  return nlohmann::json{{"pipeline", pipeline.name},
                        {"table", "default." + pipeline.name},
                        {"rows", plan.rows},
                        {"dead_letters", plan.dead_letters},
                        {"partitions", Partitions(plan.partitions)},
                        {"removed", Removed(plan.removed)},
                        {"warnings", is_dry ? std::vector<std::string>() : Settle(pipeline.name)}};
}

Result<SnapshotId> Operations::SnapshotOf(const lake::TableName& table,
                                          const nlohmann::json& arguments) const {
  const auto to = arguments.find("to");
  const auto as_of = arguments.find("as_of");
  const bool is_right = to != arguments.end() ? as_of == arguments.end() && to->is_number_integer()
                                              : as_of != arguments.end() && as_of->is_string();
  if (!is_right) {
    return Fail(ErrorCode::kInvalidArgument,
                "a snapshot is named by its number (\"to\") or by a time (\"as_of\", such as "
                "2026-11-30T05:40:00Z)");
  }
  ST_TRY(const auto view, parts_.stores.lake().LoadForCommit(table));
  ST_TRY(const auto metadata, iceberg::ParseTableMetadata(view->metadata_json));
  if (to != arguments.end()) {
    const auto id = to->get<std::int64_t>();
    for (const auto& snapshot : metadata.snapshots) {
      if (snapshot.id == id) return SnapshotId(id);
    }
    return Fail(ErrorCode::kNotFound,
                "table {}.{} has no snapshot {}; `steelthread table history {}.{}` lists them",
                table.schema, table.name, id, table.schema, table.name);
  }
  const auto text = as_of->get<std::string>();
  const auto time_us = event::ParseTimestamp(text);
  if (!time_us) {
    return Fail(ErrorCode::kInvalidArgument, "\"{}\" is no time such as 2026-11-30T05:40:00Z{}{}",
                text, time_us.error().empty() ? "" : ": ", time_us.error());
  }
  std::optional<SnapshotId> last;
  for (const auto& snapshot : metadata.snapshots) {
    if (snapshot.timestamp_ms * 1000 <= *time_us) last = SnapshotId(snapshot.id);
  }
  if (last) return *last;
  return Fail(
      ErrorCode::kNotFound,
      "table {}.{} has no snapshot at or before {}; `steelthread table history {}.{}` lists "
      "them",
      table.schema, table.name, text, table.schema, table.name);
}

Result<nlohmann::json> Operations::RollBack(const std::string& name,
                                            const nlohmann::json& arguments) const {
  ST_TRY(const auto table, lake::FindTable(parts_.stores.lake().Tables(), name));
  ST_TRY(const auto snapshot, SnapshotOf(table, arguments));
  const auto reason = fmt::format("{}, rolled back to snapshot {}", Now(), snapshot);
  ST_TRY(const auto done, stream::RollBack(StreamParts(), {table, snapshot, reason}));
  return nlohmann::json{{"table", table.schema + "." + table.name},
                        {"pipeline", parts_.runner.Find(table.name) ? table.name : ""},
                        {"from", done.from ? nlohmann::json(done.from->value()) : nullptr},
                        {"to", snapshot.value()},
                        {"rows_before", done.rows_before},
                        {"rows", done.rows_after},
                        {"dead_letters", done.dead_letters},
                        {"partitions", Partitions(done.partitions)},
                        {"paused", reason},
                        {"warnings", Settle(table.name)}};
}

Result<nlohmann::json> Operations::Compact(const std::string& name) const {
  auto& clock = parts_.stores.env().clock;
  const auto began_us = clock.MonotonicUs();
  ST_TRY(const auto table, lake::FindTable(parts_.stores.lake().Tables(), name));
  ST_TRY(const auto done, parts_.upkeep.Compact(table));
  return nlohmann::json{
      {"table", lake::FullName(table)},    {"files_before", done.files_before},
      {"bytes_before", done.bytes_before}, {"files_after", done.files_after},
      {"bytes_after", done.bytes_after},   {"elapsed_us", clock.MonotonicUs() - began_us}};
}

Result<nlohmann::json> Operations::Expire(const std::string& name,
                                          const nlohmann::json& arguments) const {
  const auto number = [&](const char* key) {
    const auto found = arguments.find(key);
    return found != arguments.end() && found->is_number_integer() ? found->get<std::int64_t>() : -1;
  };
  const auto dry = arguments.value("is_dry", nlohmann::json(false));
  if (number("age_us") < 0 || number("keep") < 1 || !dry.is_boolean()) {
    return Fail(ErrorCode::kInvalidArgument,
                "expire takes age_us, a number from 0, keep, a number from 1, and is_dry, true or "
                "false");
  }
  auto& lake = parts_.stores.lake();
  ST_TRY(const auto table, lake::FindTable(lake.Tables(), name));
  const auto before_us = parts_.stores.env().clock.NowUs() - number("age_us");
  ST_TRY(const auto gone, lake.Expire({.table = table,
                                       .older_than_ms = before_us / 1000,
                                       .keep = number("keep"),
                                       .is_dry = dry.get<bool>()}));
  ST_TRY(const auto view, lake.Load(table));
  const auto left = view->snapshot_count - (dry.get<bool>() ? std::ssize(gone) : 0);
  auto holds = nlohmann::json::array();
  for (const auto& hold : LivingHolds(*view, parts_.stores.env().clock.NowUs())) {
    holds.push_back(hold.name);
  }
  return nlohmann::json{{"table", lake::FullName(table)},
                        {"snapshots", gone},
                        {"left", left},
                        {"holds", std::move(holds)}};
}

Result<nlohmann::json> Operations::Hold(const std::string& name,
                                        const nlohmann::json& arguments) const {
  auto& lake = parts_.stores.lake();
  ST_TRY(const auto table, lake::FindTable(lake.Tables(), name));
  std::optional<SnapshotId> first;
  if (arguments.contains("to") || arguments.contains("as_of")) {
    ST_TRY(first, SnapshotOf(table, arguments));
  }
  return SetTableHold(lake, table, first, arguments);
}

Result<nlohmann::json> Operations::Release(const std::string& name,
                                           const nlohmann::json& arguments) const {
  auto& lake = parts_.stores.lake();
  ST_TRY(const auto table, lake::FindTable(lake.Tables(), name));
  return ReleaseTableHold(lake, table, arguments);
}

std::optional<std::int64_t> Operations::NextOrphansUs(const lake::TableName& table) const {
  if (!parts_.is_upkeep_on) return std::nullopt;
  auto& clock = parts_.stores.env().clock;
  for (const auto& kept : parts_.upkeep.Status()) {
    if (kept.table != table || kept.next_orphans_us == 0) continue;
    return clock.NowUs() + std::max<std::int64_t>(kept.next_orphans_us - clock.MonotonicUs(), 0);
  }
  return clock.NowUs() + upkeep::kFirstOrphansUs;  // it has not looked at the table yet
}

Result<nlohmann::json> Operations::Orphans(const std::string& name,
                                           const nlohmann::json& arguments) const {
  const bool is_dry = arguments.value("is_dry", true);
  auto& lake = parts_.stores.lake();
  ST_TRY(const auto table, lake::FindTable(lake.Tables(), name));
  ST_TRY(const auto found, lake.FindOrphans(table));
  std::set<std::string> leaving;
  if (!is_dry) {
    ST_TRY(auto gone, lake.RemoveOrphans(table, false));
    leaving.insert(std::make_move_iterator(gone.begin()), std::make_move_iterator(gone.end()));
  }
  auto orphans = nlohmann::json::array();
  for (const auto& one : found) {
    orphans.push_back({{"file", one.location},
                       {"bytes", one.bytes},
                       {"modified_us", one.modified_us},
                       {"removable_us", one.removable_us},
                       {"is_leaving", leaving.contains(one.location)}});
  }
  const auto next_us = NextOrphansUs(table);
  return nlohmann::json{{"table", lake::FullName(table)},
                        {"now_us", parts_.stores.env().clock.NowUs()},
                        {"orphans", std::move(orphans)},
                        {"next_look_us", next_us ? nlohmann::json(*next_us) : nullptr},
                        {"look_every_us", upkeep::kOrphansUs},
                        {"leaves_after_us", lake::kKeepUnnamedUs}};
}

}  // namespace st::app
