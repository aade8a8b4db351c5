#include "cli/group_command.h"

#include <fmt/format.h>

#include <cstdio>
#include <initializer_list>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/table_format.h"
#include "group/messages.h"

namespace st::cli {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kActTimeoutUs = 60'000'000;

// A column's name on the terminal, its key in the server's answer, and its type in SQL.
struct Field {
  const char* name;
  const char* key;
  const char* type;
};

int PrintRows(const Json& objects, std::initializer_list<Field> fields, const std::string& format) {
  RowPrinter printer(*ParseRowFormat(format), [](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  });
  std::vector<statement::Column> columns;
  for (const auto& field : fields) columns.push_back({field.name, field.type, ""});
  printer.SetColumns(columns);
  auto rows = Json::array();
  for (const auto& object : objects) {
    auto row = Json::array();
    for (const auto& field : fields) row.push_back(object.value(field.key, Json()));
    rows.push_back(std::move(row));
  }
  const auto added = printer.AddRows(rows.dump(-1, ' ', false, Json::error_handler_t::replace));
  printer.End();
  return added ? 0 : ExitFor(added.error());
}

// "shop: Stable, protocol range, 2 members"
std::string HeadOf(const Json& group) {
  const auto protocol = group.value("protocol", "");
  const bool is_classic = group.value("group_type", "") == group::kClassicGroup;
  return fmt::format("{}: {}, {}{}{}", group.value("group", ""), group.value("state", ""),
                     is_classic ? "" : "consumer group, ",
                     protocol.empty() ? "" : fmt::format("protocol {}, ", protocol),
                     Counted(std::ssize(group.value("members", Json::array())), "member"));
}

// The partitions of a group with their members, then the members without a partition.
Json RowsOf(const Json& group) {
  auto rows = group.value("partitions", Json::array());
  std::map<std::string, Json> members;
  auto idle = Json::array();
  for (const auto& member : group.value("members", Json::array())) {
    const auto id = member.value("id", "");
    const Json who{
        {"member", id}, {"client", member.value("client", "")}, {"host", member.value("host", "")}};
    if (member.value("partitions", Json::array()).empty()) idle.push_back(who);
    members.emplace(id, who);
  }
  for (auto& row : rows) {
    const auto& id = row["member"];
    const auto member = id.is_null() ? members.end() : members.find(id.get<std::string>());
    if (member != members.end()) row.update(member->second);
  }
  rows.insert(rows.end(), idle.begin(), idle.end());
  return rows;
}

// How many of the ways to say where to are given.
int WaysOf(const ResetOffsetsOptions& options) {
  return int{options.to_earliest} + int{options.to_latest} + int{options.to_offset.has_value()} +
         int{options.shift_by.has_value()} + int{!options.to_datetime.empty()};
}

Json ArgumentsOf(const ResetOffsetsOptions& options) {
  Json arguments{{"is_dry", !options.is_sure}};
  if (!options.topic.empty()) arguments["topic"] = options.topic;
  if (options.to_earliest) arguments["to"] = "earliest";
  if (options.to_latest) arguments["to"] = "latest";
  if (options.to_offset) arguments.update({{"to", "offset"}, {"by", *options.to_offset}});
  if (options.shift_by) arguments.update({{"to", "shift"}, {"by", *options.shift_by}});
  if (!options.to_datetime.empty()) {
    arguments.update({{"to", "datetime"}, {"at", options.to_datetime}});
  }
  return arguments;
}

// Why an offset is not the one that was asked for: ", its end: 99 is beyond it".
std::string BoundText(const Json& move, const ResetOffsetsOptions& options) {
  const auto bound = move.value("bound", "");
  if (bound.empty()) return "";
  const auto wanted = move.value("wanted", Json());
  if (wanted.is_null()) {
    return fmt::format(", its {}: no record is of {} or later", bound, options.to_datetime);
  }
  return fmt::format(", its {}: {} is {} it", bound, wanted.dump(),
                     bound == "end" ? "beyond" : "before");
}

// "events/0 moved from 2 to 5, its end: 99 is beyond it"
std::string MoveText(const Json& move, const ResetOffsetsOptions& options) {
  const auto from = move.value("from", Json());
  return fmt::format("{}/{} {} {} to {}{}", move.value("topic", ""), move.value("partition", 0),
                     options.is_sure ? "moved from" : "would move from",
                     from.is_null() ? "no offset" : from.dump(), move.value("to", std::int64_t{0}),
                     BoundText(move, options));
}

}  // namespace

int ListGroups(const app::Config& config, const GroupOptions& options) {
  const auto status = AskStatus(config);
  if (!status) return ExitForServer(status.error());
  return PrintRows(status->value("groups", Json::array()),
                   {{"group", "name", "varchar"},
                    {"state", "state", "varchar"},
                    {"group type", "group_type", "varchar"},
                    {"type", "protocol", "varchar"},
                    {"lag", "lag", "bigint"},
                    {"lag seconds", "lag_seconds", "bigint"}},
                   options.format);
}

int DescribeGroup(const app::Config& config, const GroupOptions& options) {
  const auto group = ActOnGroup(config, {.verb = "describe", .name = options.name}, kActTimeoutUs);
  if (!group) return ExitForServer(group.error());
  const auto left_out = group->value("left_out", std::int64_t{0});
  if (left_out > 0) {
    PrintWarning(fmt::format("{} more than are shown", Counted(left_out, "assigned partition")));
  }
  if (options.format == "json") {
    const auto text = group->dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : kExitFailed;
  }
  std::fprintf(stderr, "%s\n", HeadOf(*group).c_str());
  return PrintRows(RowsOf(*group),
                   {{"topic", "topic", "varchar"},
                    {"partition", "partition", "bigint"},
                    {"offset", "offset", "bigint"},
                    {"end", "end", "bigint"},
                    {"lag", "lag", "bigint"},
                    {"lag seconds", "lag_seconds", "bigint"},
                    {"member", "member", "varchar"},
                    {"client", "client", "varchar"},
                    {"host", "host", "varchar"}},
                   options.format);
}

int ResetOffsets(const app::Config& config, const ResetOffsetsOptions& options) {
  if (WaysOf(options) != 1) {
    return RefuseUsage(Error(ErrorCode::kInvalidArgument,
                             "say where to, by one of --to-earliest, --to-latest, --to-offset, "
                             "--to-datetime and --shift-by"));
  }
  const auto moved =
      ActOnGroup(config, {.verb = "reset", .name = options.name, .arguments = ArgumentsOf(options)},
                 kActTimeoutUs);
  if (!moved) return ExitForServer(moved.error());
  if (moved->value("is_new", false)) {
    std::printf("%s: %s\n", options.name.c_str(),
                options.is_sure ? "a new group" : "would be a new group");
  }
  for (const auto& one : moved->value("partitions", Json::array())) {
    std::printf("%s: %s\n", options.name.c_str(), MoveText(one, options).c_str());
  }
  if (options.is_sure) return 0;
  std::fflush(stdout);
  return RefuseUsage(
      Error(ErrorCode::kInvalidArgument, "nothing was changed: `--yes` says that you are sure"));
}

int DeleteGroup(const app::Config& config, const DeleteGroupOptions& options) {
  const auto gone = ActOnGroup(config, {.verb = "delete", .name = options.name}, kActTimeoutUs);
  if (!gone) return ExitForServer(gone.error());
  std::printf("%s: deleted, with %s\n", options.name.c_str(),
              Counted(gone->value("offsets", std::int64_t{0}), "offset").c_str());
  return 0;
}

}  // namespace st::cli
