#include "cli/topic_records_command.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/server_locator.h"
#include "cli/topic_finder.h"

namespace st::cli {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kActTimeoutUs = 60'000'000;

struct Place {
  std::string topic;
  std::optional<std::int64_t> partition;  // nullopt: all
};

// Reads TOPIC or TOPIC:PARTITION, since no topic's name has a colon, and the partition beside it.
Result<Place> ParsePlace(const DeleteRecordsOptions& options) {
  const std::string& text = options.place;
  const auto colon = text.find(':');
  if (colon == std::string::npos) {
    Place place{.topic = text, .partition = {}};
    if (options.partition >= 0) place.partition = options.partition;
    return place;
  }
  const auto partition = ParseInt64(std::string_view(text).substr(colon + 1));
  if (colon == 0 || !partition || *partition < 0) {
    return Fail(ErrorCode::kInvalidArgument, "\"{}\" is no TOPIC or TOPIC:PARTITION", text);
  }
  if (options.partition >= 0 && options.partition != *partition) {
    return Fail(ErrorCode::kInvalidArgument, "\"{}\" and --partition {} name two partitions", text,
                options.partition);
  }
  return Place{.topic = text.substr(0, colon), .partition = partition};
}

// The server takes an offset as a number, and a time or "end" as a text.
Json ArgumentsOf(const Place& place, const DeleteRecordsOptions& options) {
  Json arguments{{"is_dry", true}, {"before", options.before}, {"force", options.force}};
  if (const auto offset = ParseInt64(options.before)) arguments["before"] = *offset;
  if (place.partition) arguments["partition"] = *place.partition;
  return arguments;
}

void PrintMoves(const std::string& topic, const Json& deleted, bool is_done) {
  for (const auto& one : deleted.value("partitions", Json::array())) {
    const auto from = one.value("from", std::int64_t{0});
    const auto to = one.value("to", std::int64_t{0});
    const auto text =
        fmt::format("{}/{}: {} {}, the start {} from {} to {}", topic, one.value("partition", 0),
                    Counted(to - from, "record"), is_done ? "deleted" : "would be deleted",
                    is_done ? "went" : "would go", from, to);
    std::printf("%s\n", text.c_str());
  }
  for (const auto& broken : deleted.value("breaks", std::vector<std::string>())) {
    std::printf("  %s\n", broken.c_str());
  }
  std::fflush(stdout);
}

}  // namespace

int DeleteRecords(const app::Config& config, const DeleteRecordsOptions& options) {
  const auto place = ParsePlace(options);
  if (!place) return RefuseUsage(place.error());
  auto client = ConnectKafka(config, client::KafkaUse::kReading);
  if (!client) return ExitForServer(client.error());
  if (const auto known = FindTopic(config, *client, place->topic); !known) {
    return ExitFor(known.error());
  }
  const auto act = [&](const Json& arguments) {
    return ActOnTopic(config,
                      {.verb = "delete-records", .name = place->topic, .arguments = arguments},
                      kActTimeoutUs);
  };
  const auto planned = act(ArgumentsOf(*place, options));
  if (!planned) return ExitForServer(planned.error());
  if (!options.is_sure) {
    PrintMoves(place->topic, *planned, /*is_done=*/false);
    return RefuseUsage(
        Error(ErrorCode::kInvalidArgument, "nothing was changed: `--yes` says that you are sure"));
  }
  // One after the other, so that a person sees how far it has come.
  for (const auto& one : planned->value("partitions", Json::array())) {
    const auto deleted = act({{"partition", one.value("partition", 0)},
                              {"before", one.value("to", std::int64_t{0})},
                              {"force", options.force}});
    if (!deleted) return ExitForServer(deleted.error());
    PrintMoves(place->topic, *deleted, /*is_done=*/true);
  }
  return 0;
}

}  // namespace st::cli
