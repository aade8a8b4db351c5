#include "cli/topic_records_command.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

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

// Reads TOPIC or TOPIC:PARTITION; no topic's name has a colon.
Result<Place> ParsePlace(const std::string& text) {
  const auto colon = text.find(':');
  if (colon == std::string::npos) return Place{.topic = text, .partition = {}};
  const auto partition = ParseInt64(std::string_view(text).substr(colon + 1));
  if (colon > 0 && partition && *partition >= 0) {
    return Place{.topic = text.substr(0, colon), .partition = partition};
  }
  return Fail(ErrorCode::kInvalidArgument, "\"{}\" is no TOPIC or TOPIC:PARTITION", text);
}

// The server takes an offset as a number, and a time or "end" as a text.
Json ArgumentsOf(const Place& place, const std::string& before, bool is_dry) {
  Json arguments{{"is_dry", is_dry}, {"before", before}};
  if (const auto offset = ParseInt64(before)) arguments["before"] = *offset;
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
}

}  // namespace

int DeleteRecords(const app::Config& config, const DeleteRecordsOptions& options) {
  const auto place = ParsePlace(options.place);
  if (!place) return RefuseUsage(place.error());
  auto client = ConnectKafka(config, client::KafkaUse::kReading);
  if (!client) return ExitForServer(client.error());
  if (const auto known = FindTopic(config, *client, place->topic); !known) {
    return ExitFor(known.error());
  }
  const auto deleted =
      ActOnTopic(config,
                 {.verb = "delete-records",
                  .name = place->topic,
                  .arguments = ArgumentsOf(*place, options.before, !options.is_sure)},
                 kActTimeoutUs);
  if (!deleted) return ExitForServer(deleted.error());
  PrintMoves(place->topic, *deleted, options.is_sure);
  if (options.is_sure) return 0;
  std::fflush(stdout);
  return RefuseUsage(
      Error(ErrorCode::kInvalidArgument, "nothing was changed: `--yes` says that you are sure"));
}

}  // namespace st::cli
