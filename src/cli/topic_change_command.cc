#include "cli/topic_change_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/server_locator.h"
#include "cli/topic_finder.h"

namespace st::cli {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kActTimeoutUs = 60'000'000;

// What the server answers when it does `act` to a topic that it has.
Result<Json> ActOn(const app::Config& config, client::KafkaClient& client, const ServerAct& act) {
  ST_TRY_STATUS(FindTopic(config, client, act.name));
  return ActOnTopic(config, act, kActTimeoutUs);
}

Result<Json> ArgumentsOf(const AlterTopicOptions& options) {
  Json arguments{{"is_dry", options.is_dry}};
  if (options.partitions) arguments["partitions"] = *options.partitions;
  ST_TRY(const auto set, ParseTopicSettings(options.set));
  for (const auto& [key, value] : set) {
    if (std::ranges::count(options.unset, key) > 0) {
      return Fail(ErrorCode::kInvalidArgument, "{} is to be set and to be unset", key);
    }
    arguments["set"][key] = value;
  }
  const std::set<std::string> unset(options.unset.begin(), options.unset.end());
  if (!unset.empty()) arguments["unset"] = unset;
  if (options.partitions || !set.empty() || !unset.empty()) return arguments;
  return Fail(ErrorCode::kInvalidArgument, "say what to alter, by --partitions, --set and --unset");
}

// ", with 10 records in 2 partitions, and the offsets of 1 group"
std::string ContentsText(const Json& topic) {
  const auto groups = topic.value("groups", std::int64_t{0});
  return fmt::format(", with {} in {}{}",
                     Counted(topic.value("records", std::int64_t{0}), "record"),
                     Counted(topic.value("partitions", std::int64_t{0}), "partition"),
                     groups == 0 ? "" : ", and the offsets of " + Counted(groups, "group"));
}

void PrintDeletion(const Json& topic, bool is_done) {
  const auto name = topic.value("topic", "");
  std::printf("%s: %s%s\n", name.c_str(), is_done ? "deleted" : "would be deleted",
              ContentsText(topic).c_str());
  for (const auto& broken : topic.value("breaks", std::vector<std::string>())) {
    std::printf("%s: %s\n", name.c_str(), broken.c_str());
  }
}

}  // namespace

Result<NamedSettings> ParseTopicSettings(const std::vector<std::string>& settings) {
  NamedSettings parsed;
  std::set<std::string> keys;
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Fail(ErrorCode::kInvalidArgument,
                  "--set takes a topic's setting, key=value, not \"{}\"", setting);
    }
    const auto& [key, value] =
        parsed.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
    if (!keys.insert(key).second) {
      return Fail(ErrorCode::kInvalidArgument, "--set names {} more than once", key);
    }
  }
  return parsed;
}

int AlterTopic(const app::Config& config, const AlterTopicOptions& options) {
  const auto arguments = ArgumentsOf(options);
  if (!arguments) return RefuseUsage(arguments.error());
  auto client = ConnectKafka(config, client::KafkaUse::kReading);
  if (!client) return ExitForServer(client.error());
  const auto altered =
      ActOn(config, *client, {.verb = "alter", .name = options.name, .arguments = *arguments});
  if (!altered) return ExitForServer(altered.error());
  const char* const verb = options.is_dry ? "would go" : "went";
  if (options.partitions) {
    const auto moved = altered->value("partitions", Json::object());
    std::printf("%s: partitions %s from %lld to %lld\n", options.name.c_str(), verb,
                static_cast<long long>(moved.value("from", std::int64_t{0})),
                static_cast<long long>(moved.value("to", std::int64_t{0})));
  }
  for (const auto& setting : altered->value("settings", Json::array())) {
    std::printf("%s: %s %s from %s to %s%s\n", options.name.c_str(),
                setting.value("name", "").c_str(), verb, setting.value("from", "").c_str(),
                setting.value("to", "").c_str(),
                setting.value("is_set", false) ? "" : ", the default");
  }
  return 0;
}

int DeleteTopics(const app::Config& config, const DeleteTopicsOptions& options) {
  auto client = ConnectKafka(config, client::KafkaUse::kReading);
  if (!client) return ExitForServer(client.error());
  const auto act = [&](const std::string& name, bool is_dry) {
    return ActOn(config, *client,
                 {.verb = "delete",
                  .name = name,
                  .arguments = Json{{"force", options.force}, {"is_dry", is_dry}}});
  };
  const std::set<std::string> names(options.names.begin(), options.names.end());
  for (const auto& name : names) {
    const auto planned = act(name, /*is_dry=*/true);
    if (!planned) return ExitForServer(planned.error());
    if (!options.is_sure) PrintDeletion(*planned, /*is_done=*/false);
  }
  if (!options.is_sure) {
    std::fflush(stdout);
    return RefuseUsage(
        Error(ErrorCode::kInvalidArgument, "nothing was changed: `--yes` says that you are sure"));
  }
  for (const auto& name : names) {
    const auto gone = act(name, /*is_dry=*/false);
    if (!gone) return ExitForServer(gone.error());
    PrintDeletion(*gone, /*is_done=*/true);
  }
  return 0;
}

}  // namespace st::cli
