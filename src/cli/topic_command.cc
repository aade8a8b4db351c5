#include "cli/topic_command.h"

#include <cstdio>
#include <iostream>
#include <iterator>
#include <optional>

#include "base/key_partition.h"
#include "base/text.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/server_locator.h"
#include "cli/topic_change_command.h"
#include "cli/topic_finder.h"
#include "client/kafka_consumer.h"
#include "client/kafka_producer.h"

namespace st::cli {
namespace {

using client::KafkaClient;
using client::KafkaTopic;
using client::KafkaUse;

// Size of a run of lines without key for one partition.
constexpr std::size_t kChunkBytes = 256 << 10;
constexpr std::int32_t kFollowWaitMs = 500;
constexpr std::size_t kLinesBytes = 64 << 10;  // of lines for one write to stdout

Status CheckPartition(const KafkaTopic& topic, std::int32_t partition) {
  if (partition < topic.partitions) return {};
  return Fail(ErrorCode::kInvalidArgument, "topic \"{}\" has partitions 0 to {}, not {}",
              topic.name, topic.partitions - 1, partition);
}

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

// Reads the offset of --from; nullopt means the end.
Result<std::optional<std::int64_t>> ParseFrom(const std::string& from) {
  if (from == "beginning") return 0;
  if (from == "end") return std::nullopt;
  if (const auto offset = ParseInt64(from); offset && *offset >= 0) return *offset;
  return Fail(ErrorCode::kInvalidArgument,
              "--from takes \"beginning\", \"end\" or an offset, not \"{}\"", from);
}

class Consumer {
 public:
  Consumer(KafkaClient& client, const KafkaTopic& topic, const ConsumeOptions& options)
      : client_(client), topic_(topic), options_(options), consumer_(client, topic.name) {}

  Status Run() {
    ST_TRY(const auto ends, client_.EndOffsets(topic_));
    for (std::int32_t p = 0; p < topic_.partitions; ++p) {
      const auto end = ends[static_cast<std::size_t>(p)];
      ST_TRY(const auto start, StartOf(end));
      if (start > end && Wants(p)) {
        std::fprintf(stderr, "--from %lld is beyond the end of partition %d, which is %lld\n",
                     static_cast<long long>(start), p, static_cast<long long>(end));
      }
      next_.push_back(start);
    }
    const auto print = [this](const client::KafkaRecord& record) { return Print(record); };
    for (std::int32_t p = 0; p < topic_.partitions; ++p) {
      const auto next = next_[static_cast<std::size_t>(p)];
      const auto end = ends[static_cast<std::size_t>(p)];
      if (!Wants(p) || next >= end) continue;
      const auto read = consumer_.ReadRange({.partition = p, .from = next, .to = end}, print);
      FlushLines();
      ST_TRY_STATUS(read);
    }
    if (!options_.follow || done_) return {};
    for (std::int32_t p = 0; p < topic_.partitions; ++p) {
      if (Wants(p)) ST_TRY_STATUS(consumer_.Start(p, next_[static_cast<std::size_t>(p)]));
    }
    while (!done_) {
      const auto polled = consumer_.Poll(kFollowWaitMs, print);
      FlushLines();
      ST_TRY_STATUS(polled);
    }
    return {};
  }

 private:
  bool Wants(std::int32_t p) const {
    return !done_ && (options_.partition < 0 || options_.partition == p);
  }

  Result<std::int64_t> StartOf(std::int64_t end) const {
    ST_TRY(const auto from, ParseFrom(options_.from));
    return from.value_or(end);
  }

  // Returns false if no more records are wanted.
  bool Print(const client::KafkaRecord& record) {
    next_[static_cast<std::size_t>(record.partition())] = record.offset() + 1;
    if (options_.with_position) {
      fmt::format_to(std::back_inserter(lines_), "{}\t{}\t{}\t{}\t", record.partition(),
                     record.offset(), record.timestamp_ms(), record.key().value_or(""));
    }
    lines_ += record.value().value_or("");
    lines_ += '\n';
    if (lines_.size() >= kLinesBytes) WriteLines();
    done_ = ++printed_ == options_.max_records;
    return !done_;
  }

  void WriteLines() {
    std::fwrite(lines_.data(), 1, lines_.size(), stdout);
    lines_.clear();
  }

  void FlushLines() {
    WriteLines();
    std::fflush(stdout);
  }

  KafkaClient& client_;
  const KafkaTopic& topic_;
  const ConsumeOptions& options_;
  client::KafkaConsumer consumer_;
  std::vector<std::int64_t> next_;  // next offset of each partition
  std::string lines_;               // that stdout does not have yet
  std::int64_t printed_ = 0;
  bool done_ = false;
};

}  // namespace

int CreateTopic(const app::Config& config, const NewTopicOptions& options) {
  if (options.partitions < 1) {
    return RefuseUsage(
        Error(ErrorCode::kInvalidArgument,
              fmt::format("--partitions: a topic has 1 or more, not {}", options.partitions)));
  }
  const auto settings = ParseTopicSettings(options.settings);
  if (!settings) return RefuseUsage(settings.error());
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
  if (!done && producer.durable() == 0) return ExitFor(done.error());
  std::fprintf(stderr, "%s %s durable in \"%s\"\n", Counted(producer.durable(), "record").c_str(),
               producer.durable() == 1 ? "is" : "are", options.topic.c_str());
  return done ? 0 : ExitFor(done.error());
}

int ConsumeTopic(const app::Config& config, const ConsumeOptions& options) {
  if (const auto from = ParseFrom(options.from); !from) return RefuseUsage(from.error());
  auto client = ConnectKafka(config, options.follow ? KafkaUse::kFollowing : KafkaUse::kReading);
  if (!client) return ExitForServer(client.error());
  const auto topic = FindTopic(config, *client, options.topic);
  if (!topic) return ExitFor(topic.error());
  if (auto known = CheckPartition(*topic, options.partition); !known) return ExitFor(known.error());
  if (options.max_records == 0) return 0;
  const auto done = Consumer(*client, *topic, options).Run();
  return done ? 0 : ExitFor(done.error());
}

}  // namespace st::cli
