#include "cli/topic_describe_command.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstdio>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/control_client.h"
#include "cli/exit_code.h"
#include "cli/server_locator.h"
#include "cli/topic_finder.h"

namespace st::cli {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kActTimeoutUs = 60'000'000;

std::int64_t NumberAt(const Json& json, const char* key) {
  return json.value(key, std::int64_t{0});
}

// A text; "none" for null.
std::string TextAt(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "none";
}

std::string TableOf(const Json& topic) {
  const auto partitions = topic.value("partitions", Json::array());
  auto text = fmt::format("Topic: {}\tTopicId: {}\tPartitionCount: {}\tReplicationFactor: 1\n",
                          topic.value("topic", ""), topic.value("id", ""), partitions.size());
  const auto add = std::back_inserter(text);
  for (const auto& one : partitions) {
    fmt::format_to(add,
                   "\tPartition: {}\tStartOffset: {}\tEndOffset: {}\tRecords: {}\tBytes: {}"
                   "\tOldest: {}\tNewest: {}\n",
                   NumberAt(one, "partition"), NumberAt(one, "start_offset"),
                   NumberAt(one, "end_offset"), NumberAt(one, "records"), NumberAt(one, "bytes"),
                   TextAt(one, "oldest_time"), TextAt(one, "newest_time"));
    for (const auto& hold : one.value("holds", Json::array())) {
      fmt::format_to(add, "\t\tHold: {}\tFrom: {}\tRecords: {}\n", hold.value("name", ""),
                     NumberAt(hold, "from"), NumberAt(hold, "records"));
    }
  }
  for (const auto& setting : topic.value("settings", Json::array())) {
    fmt::format_to(add, "\tSetting: {}\tValue: {}\tSource: {}\n", setting.value("name", ""),
                   setting.value("value", ""), setting.value("is_set", false) ? "set" : "default");
  }
  return text;
}

}  // namespace

int DescribeTopic(const app::Config& config, const DescribeTopicOptions& options) {
  auto client = ConnectKafka(config, client::KafkaUse::kReading);
  if (!client) return ExitForServer(client.error());
  if (const auto known = FindTopic(config, *client, options.name); !known) {
    return ExitFor(known.error());
  }
  const auto topic = ActOnTopic(config, {.verb = "describe", .name = options.name}, kActTimeoutUs);
  if (!topic) return ExitForServer(topic.error());
  const auto text = options.format == "json"
                        ? topic->dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                        : TableOf(*topic);
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : kExitFailed;
}

}  // namespace st::cli
