#include "cli/topic_command.h"

#include <algorithm>
#include <cstdio>
#include <iostream>
#include <optional>

#include "app/project.h"
#include "base/text.h"
#include "cli/counted.h"
#include "cli/exit_code.h"
#include "cli/key_partition.h"
#include "cli/server_locator.h"
#include "format/record/record_batch.h"
#include "os/clock.h"

namespace st::cli {
namespace {

constexpr std::size_t kBatchBytes = 256 << 10;
constexpr std::uint64_t kMostDecodedBytes = 1ULL << 30;
constexpr std::int32_t kFollowWaitMs = 500;

// Whether an event of the project is on the topic.
bool IsDeclared(const app::Config& config, const std::string& topic) {
  const auto fs = os::MakePosixFileSystem();
  const auto project = app::LoadProject(*fs, config.project);
  if (!project) return false;
  const auto& events = project->events;
  return std::ranges::find(events, topic, &event::Declaration::topic) != events.end();
}

// kNotFound names the nearest one.
Result<ListedTopic> NamedTopic(const app::Config& config, const std::vector<ListedTopic>& topics,
                               const std::string& name) {
  const auto found = std::ranges::find(topics, name, &ListedTopic::name);
  if (found != topics.end()) return *found;
  if (IsDeclared(config, name)) {
    return Fail(ErrorCode::kNotFound,
                "no topic \"{}\" yet: the first of its events creates it, as does `steelthread "
                "topic create {}`",
                name, name);
  }
  std::vector<std::string> names;
  for (const auto& topic : topics) names.push_back(topic.name);
  const auto nearest = NearestName(name, names);
  return Fail(ErrorCode::kNotFound, "no topic \"{}\"{}", name,
              nearest ? fmt::format("; did you mean \"{}\"?", *nearest)
                      : fmt::format("; `steelthread topic create {}` creates it", name));
}

Result<ListedTopic> FindTopic(const app::Config& config, KafkaClient& client,
                              const std::string& name) {
  ST_TRY(const auto topics, client.Topics());
  return NamedTopic(config, topics, name);
}

Status CheckPartition(const ListedTopic& topic, std::int32_t partition) {
  if (partition < static_cast<std::int32_t>(topic.ends.size())) return {};
  return Fail(ErrorCode::kInvalidArgument, "topic \"{}\" has partitions 0 to {}, not {}",
              topic.name, topic.ends.size() - 1, partition);
}

// Lines of stdin as batches of about kBatchBytes. A line's key chooses its partition; lines without
// one take the partitions in turn, a batch each.
class LineProducer {
 public:
  LineProducer(KafkaClient& client, const ListedTopic& topic, const ProduceOptions& options)
      : client_(client),
        topic_(topic),
        options_(options),
        next_(std::max(options.partition, 0)),
        lines_(topic.ends.size()) {}

  Status Run() {
    std::string line;
    while (std::getline(std::cin, line)) {
      bytes_ += line.size();
      lines_[static_cast<std::size_t>(PartitionOf(line))].push_back(std::move(line));
      if (bytes_ >= kBatchBytes) ST_TRY_STATUS(Flush());
    }
    return Flush();
  }
  std::int64_t durable() const { return durable_; }

 private:
  std::int32_t partitions() const { return static_cast<std::int32_t>(topic_.ends.size()); }

  std::int32_t PartitionOf(std::string_view line) const {
    if (options_.partition >= 0) return options_.partition;
    const auto key = Split(line).key;
    return key ? PartitionOfKey(*key, partitions()) : next_;
  }

  Status Flush() {
    for (std::int32_t p = 0; p < partitions(); ++p) {
      auto& lines = lines_[static_cast<std::size_t>(p)];
      if (lines.empty()) continue;
      std::vector<record::NewRecord> records;
      for (const auto& line : lines) records.push_back(Split(line));
      ST_TRY_STATUS(client_.Produce(topic_.name, p, record::BuildBatch(records)));
      durable_ += static_cast<std::int64_t>(lines.size());
      lines.clear();
    }
    if (options_.partition < 0) next_ = (next_ + 1) % partitions();
    bytes_ = 0;
    return {};
  }

  record::NewRecord Split(std::string_view line) const {
    record::NewRecord record{.key = {}, .value = line, .timestamp_ms = now_ms_, .headers = {}};
    const auto at =
        options_.key_separator.empty() ? std::string_view::npos : line.find(options_.key_separator);
    if (at != std::string_view::npos) {
      record.key = line.substr(0, at);
      record.value = line.substr(at + options_.key_separator.size());
    }
    return record;
  }

  KafkaClient& client_;
  const ListedTopic& topic_;
  const ProduceOptions& options_;
  const std::int64_t now_ms_ = os::MakeSystemClock()->NowUs() / 1000;
  std::int32_t next_;
  std::size_t bytes_ = 0;
  std::vector<std::vector<std::string>> lines_;  // by partition
  std::int64_t durable_ = 0;
};

// The offset that a --from means; nullopt: the end.
Result<std::optional<std::int64_t>> ParseFrom(const std::string& from) {
  if (from == "beginning") return 0;
  if (from == "end") return std::nullopt;
  if (const auto offset = ParseInt64(from); offset && *offset >= 0) return *offset;
  return Fail(ErrorCode::kInvalidArgument,
              "--from takes \"beginning\", \"end\" or an offset, not \"{}\"", from);
}

class Consumer {
 public:
  Consumer(KafkaClient& client, const ListedTopic& topic, const ConsumeOptions& options)
      : client_(client), topic_(topic), options_(options) {}

  Status Run() {
    for (std::size_t p = 0; p < topic_.ends.size(); ++p) {
      ST_TRY(const auto start, StartOf(topic_.ends[p]));
      if (start > topic_.ends[p] && Wants(p)) {
        std::fprintf(stderr, "--from %lld is beyond the end of partition %zu, which is %lld\n",
                     static_cast<long long>(start), p, static_cast<long long>(topic_.ends[p]));
      }
      next_.push_back(start);
    }
    for (std::size_t p = 0; p < topic_.ends.size(); ++p) {
      while (Wants(p) && next_[p] < topic_.ends[p]) {
        const std::int64_t before = next_[p];
        ST_TRY_STATUS(Read(p, topic_.ends[p], 0));
        if (next_[p] == before) break;  // retention took what was there
      }
    }
    while (options_.follow && !done_) {
      for (std::size_t p = 0; p < topic_.ends.size(); ++p) {
        if (!Wants(p)) continue;
        const auto share = static_cast<std::int32_t>(topic_.ends.size());
        ST_TRY_STATUS(Read(p, INT64_MAX, kFollowWaitMs / share));
      }
    }
    return {};
  }

 private:
  bool Wants(std::size_t p) const {
    return !done_ && (options_.partition < 0 || static_cast<std::size_t>(options_.partition) == p);
  }

  Result<std::int64_t> StartOf(std::int64_t end) const {
    ST_TRY(const auto from, ParseFrom(options_.from));
    return from.value_or(end);
  }

  Status Read(std::size_t p, std::int64_t end, std::int32_t wait_ms) {
    ST_TRY(const auto fetched,
           client_.Fetch(topic_.name, static_cast<std::int32_t>(p), next_[p], wait_ms));
    std::string_view rest = fetched.records;
    while (rest.size() >= record::kBatchHeaderBytes && !done_) {
      ST_TRY(const auto header, record::ParseHeader(rest));
      if (header.total_bytes() > rest.size()) break;
      std::string scratch;
      std::vector<record::Record> records;
      ST_TRY_STATUS(record::DecodeRecords(rest.substr(0, header.total_bytes()), kMostDecodedBytes,
                                          scratch, records));
      for (const auto& record : records) Print(p, record, end);
      rest.remove_prefix(header.total_bytes());
    }
    std::fflush(stdout);
    return {};
  }

  void Print(std::size_t p, const record::Record& record, std::int64_t end) {
    if (record.offset < next_[p] || record.offset >= end || done_) return;
    next_[p] = record.offset + 1;
    std::string line;
    if (options_.with_position) {
      line = fmt::format("{}\t{}\t{}\t{}\t", p, record.offset, record.timestamp_ms,
                         record.key.value_or(""));
    }
    line += record.value.value_or("");
    line += '\n';
    std::fwrite(line.data(), 1, line.size(), stdout);
    if (++printed_ == options_.max_records) done_ = true;
  }

  KafkaClient& client_;
  const ListedTopic& topic_;
  const ConsumeOptions& options_;
  std::vector<std::int64_t> next_;
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
  auto client = ConnectKafka(config);
  if (!client) return ExitForServer(client.error());
  const auto made = client->CreateTopic(options.name, options.partitions, options.replication);
  if (made) {
    std::printf("Created topic \"%s\".\n", options.name.c_str());
    return 0;
  }
  if (made.error().code() == ErrorCode::kAlreadyExists && options.if_not_exists) return 0;
  return ExitFor(made.error());
}

int ListTopics(const app::Config& config, const std::string& name) {
  auto client = ConnectKafka(config);
  if (!client) return ExitForServer(client.error());
  const auto topics = client->Topics();
  if (!topics) return ExitFor(topics.error());
  if (!name.empty()) {
    const auto known = NamedTopic(config, *topics, name);
    if (!known) return ExitFor(known.error());
  }
  for (const auto& topic : *topics) {
    if (name.empty()) {
      std::printf("%s\n", topic.name.c_str());
      continue;
    }
    if (topic.name != name) continue;
    std::printf("Topic: %s\tPartitionCount: %zu\tReplicationFactor: 1\n", name.c_str(),
                topic.ends.size());
    for (std::size_t p = 0; p < topic.ends.size(); ++p) {
      std::printf("\tPartition: %zu\tEndOffset: %lld\n", p, static_cast<long long>(topic.ends[p]));
    }
  }
  return 0;
}

int ProduceLines(const app::Config& config, const ProduceOptions& options) {
  auto client = ConnectKafka(config);
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
  auto client = ConnectKafka(config);
  if (!client) return ExitForServer(client.error());
  const auto topic = FindTopic(config, *client, options.topic);
  if (!topic) return ExitFor(topic.error());
  if (auto known = CheckPartition(*topic, options.partition); !known) return ExitFor(known.error());
  if (options.max_records == 0) return 0;
  const auto done = Consumer(*client, *topic, options).Run();
  return done ? 0 : ExitFor(done.error());
}

}  // namespace st::cli
