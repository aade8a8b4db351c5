#include "cli/topic_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "api/kafka/topic_settings.h"
#include "base/key_partition.h"
#include "base/text.h"
#include "cli/control_client.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/server_locator.h"
#include "cli/topic_change_command.h"
#include "cli/topic_finder.h"
#include "client/kafka_producer.h"

namespace st::cli {
namespace {

using client::KafkaClient;
using client::KafkaTopic;
using client::KafkaUse;

// Size of a run of lines without key for one partition.
constexpr std::size_t kChunkBytes = 256 << 10;

// Sends lines of stdin. A line's key chooses its partition; lines without a key go to the
// partitions in turn, one chunk each.
class LineProducer {
 public:
  LineProducer(KafkaClient& client, const KafkaTopic& topic, const ProduceOptions& options)
      : producer_(client, topic), partitions_(topic.partitions), options_(options) {}

  Status Run() {
    // In step with stdio, each byte is read under the lock of stdin.
    std::ios_base::sync_with_stdio(false);
    std::string line;
    while (std::getline(std::cin, line)) {
      if (!Add(line)) break;  // Flush returns the error
    }
    return producer_.Flush();
  }
  std::int64_t durable() const { return producer_.durable(); }

 private:
  Status Add(std::string_view line) {
    const auto& separator = options_.key_separator;
    const auto at = separator.empty() ? line.npos : line.find(separator);
    if (at == line.npos) return producer_.Add(PartitionWithoutKey(line), std::nullopt, line);
    const auto key = line.substr(0, at);
    const auto partition =
        options_.partition >= 0 ? options_.partition : PartitionOfKey(key, partitions_).value();
    return producer_.Add(partition, key, line.substr(at + separator.size()));
  }

  std::int32_t PartitionWithoutKey(std::string_view line) {
    if (options_.partition >= 0) return options_.partition;
    if (chunk_bytes_ >= kChunkBytes) {
      chunk_bytes_ = 0;
      next_ = (next_ + 1) % partitions_;
    }
    chunk_bytes_ += line.size() + 1;
    return next_;
  }

  client::KafkaProducer producer_;
  const std::int32_t partitions_;
  const ProduceOptions& options_;
  std::int32_t next_ = 0;
  std::size_t chunk_bytes_ = 0;
};

// The error with the server's reason, which Kafka's protocol hides from its clients: where the
// server takes no records now.
Error WithReason(const app::Config& config, const Error& error) {
  if (error.code() != ErrorCode::kUnavailable) return error;
  const auto status = AskStatus(config);
  if (!status || status->value("accepts_events", true)) return error;
  return Error(error.code(), fmt::format("{}: {}", error.message(), status->value("reason", "")));
}

// Names the nearest key; the answer of Kafka's protocol has the wrong one alone.
Status CheckKeys(const NamedSettings& settings) {
  std::vector<std::string> known;
  for (const auto& setting : api::DescribeSettings(nullptr)) known.push_back(setting.name);
  for (const auto& [key, value] : settings) {
    if (std::ranges::find(known, key) != known.end()) continue;
    const auto nearest = NearestName(key, known);
    return Fail(ErrorCode::kInvalidArgument, "a topic has no setting \"{}\"{}", key,
                nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "");
  }
  return {};
}

}  // namespace

int CreateTopic(const app::Config& config, const NewTopicOptions& options) {
  if (options.partitions < 1) {
    return RefuseUsage(
        Error(ErrorCode::kInvalidArgument,
              fmt::format("--partitions: a topic has 1 or more, not {}", options.partitions)));
  }
  const auto settings = ParseTopicSettings(options.settings);
  if (!settings) return RefuseUsage(settings.error());
  if (const auto known = CheckKeys(*settings); !known) return ExitFor(known.error());
  auto client = ConnectKafka(config, KafkaUse::kReading);
  if (!client) return ExitForServer(client.error());
  const auto made = client->CreateTopic({.name = options.name,
                                         .partitions = options.partitions,
                                         .replication = options.replication,
                                         .settings = *settings});
  if (made) {
    std::printf("Created topic \"%s\".\n", options.name.c_str());
    return 0;
  }
  if (made.error().code() == ErrorCode::kAlreadyExists && options.if_not_exists) return 0;
  return ExitFor(made.error());
}

int ListTopics(const app::Config& config) {
  auto client = ConnectKafka(config, KafkaUse::kReading);
  if (!client) return ExitForServer(client.error());
  const auto topics = client->Topics();
  if (!topics) return ExitFor(topics.error());
  for (const auto& topic : *topics) std::printf("%s\n", topic.name.c_str());
  return 0;
}

int ProduceLines(const app::Config& config, const ProduceOptions& options) {
  auto client = ConnectKafka(config, KafkaUse::kWriting);
  if (!client) return ExitForServer(client.error());
  const auto topic = FindTopic(config, *client, options.topic);
  if (!topic) return ExitFor(topic.error());
  if (auto known = CheckPartition(*topic, options.partition); !known) return ExitFor(known.error());
  LineProducer producer(*client, *topic, options);
  const auto done = producer.Run();
  if (!done && producer.durable() == 0) return ExitFor(WithReason(config, done.error()));
  std::fprintf(stderr, "%s %s durable in \"%s\"\n", Counted(producer.durable(), "record").c_str(),
               producer.durable() == 1 ? "is" : "are", options.topic.c_str());
  return done ? 0 : ExitFor(WithReason(config, done.error()));
}

}  // namespace st::cli
