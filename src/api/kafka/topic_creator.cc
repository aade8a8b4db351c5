#include "api/kafka/topic_creator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/kafka/errors.h"
#include "api/kafka/request.h"
#include "api/kafka/topic_settings.h"
#include "base/topic_name.h"
#include "format/kafka/limits.h"
#include "format/kafka/metadata.h"
#include "log/limits.h"
#include "log/topics.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

static_assert(kafka::kMaxTopicNameBytes == kMaxTopicNameBytes);

constexpr std::array<std::string_view, 4> kReasons = {"switched_off", "rate", "no_room", "policy"};

TopicCreator::Refusal RefusalOf(const Error& error) {
  const bool is_name =
      error.code() == st::ErrorCode::kInvalidArgument && error.detail() == ErrorDetail::kNone;
  return {is_name ? ErrorCode::kInvalidTopic : KafkaErrorFor(error), error.message()};
}

using Checked = std::expected<log::NewTopic, TopicCreator::Refusal>;

// The partitions that the request assigns to nodes, or nothing where it assigns none.
std::expected<std::optional<std::int32_t>, TopicCreator::Refusal> AssignedPartitions(
    const kafka::NewTopic& topic) {
  const auto refuse = [](ErrorCode error, std::string message) {
    return std::unexpected(TopicCreator::Refusal{error, std::move(message)});
  };
  if (topic.assignments.empty()) return std::nullopt;
  if (topic.replication != -1 || topic.partitions != -1) {
    return refuse(ErrorCode::kInvalidRequest,
                  "replica assignment: the numbers of partitions and replicas have to be -1");
  }
  std::vector<bool> assigned(topic.assignments.size());
  for (const auto& [partition, nodes] : topic.assignments) {
    if (nodes != std::vector<std::int32_t>{kafka::kNodeId}) {
      return refuse(ErrorCode::kInvalidReplicaAssignment,
                    fmt::format("replica assignment: each partition is on node {} alone: there is "
                                "no other",
                                kafka::kNodeId));
    }
    const auto at = static_cast<std::size_t>(partition);
    if (partition < 0 || at >= assigned.size() || assigned[at]) {
      return refuse(ErrorCode::kInvalidReplicaAssignment,
                    "replica assignment: partitions are 0, 1, 2, …, each once");
    }
    assigned[at] = true;
  }
  return static_cast<std::int32_t>(assigned.size());
}

// The settings that the request gives the topic.
std::expected<log::TopicSettings, TopicCreator::Refusal> SettingsOf(const kafka::NewTopic& topic) {
  log::TopicSettings settings;
  for (const auto& [name, value] : topic.settings) {
    if (!value) {
      return std::unexpected(TopicCreator::Refusal{
          ErrorCode::kInvalidConfig, fmt::format("Null value not supported for topic configs: {}",
                                                 name.substr(0, kafka::kMaxTopicNameBytes))});
    }
    auto checked = CheckSetting(name, *value);
    if (!checked) {
      return std::unexpected(
          TopicCreator::Refusal{checked.error().error, std::move(checked.error().message)});
    }
    settings[std::string(name)] = *std::move(checked);
  }
  return settings;
}

// The topic that a request asks for; or what is wrong with it, but for its name and its repeats.
Checked CheckTopic(const kafka::NewTopic& topic, std::int32_t default_partitions) {
  const auto refuse = [](ErrorCode error, std::string message) {
    return std::unexpected(TopicCreator::Refusal{error, std::move(message)});
  };
  log::NewTopic made{.name = std::string(topic.name), .partitions = topic.partitions};
  auto settings = SettingsOf(topic);
  if (!settings) return std::unexpected(std::move(settings.error()));
  made.settings = *std::move(settings);
  const auto assigned = AssignedPartitions(topic);
  if (!assigned) return std::unexpected(assigned.error());
  if (topic.replication != 1 && topic.replication != -1) {
    return refuse(ErrorCode::kInvalidReplicationFactor,
                  fmt::format("replication factor {}: there is one node; give 1 or leave it out",
                              topic.replication));
  }
  if (topic.partitions == -1) made.partitions = assigned->value_or(default_partitions);
  if (made.partitions < 1) {
    return refuse(ErrorCode::kInvalidPartitions,
                  fmt::format("{} partitions; a topic has 1 or more", topic.partitions));
  }
  if (made.partitions > log::kMaxPartitions) {
    return refuse(ErrorCode::kPolicyViolation, fmt::format("{} partitions; a topic has at most {}",
                                                           made.partitions, log::kMaxPartitions));
  }
  return made;
}

}  // namespace

TopicCreator::TopicCreator(log::Log& log, os::Clock& clock, Options options)
    : log_(log),
      clock_(clock),
      options_(std::move(options)),
      allowances_(
          Allowances{.of_clients = {},
                     .of_server = {.topics = kServerTopicBurst, .at_us = clock.MonotonicUs()}}) {
  if (options_.metrics == nullptr) return;
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    refused_[i] = &options_.metrics->Counter("steelthread_kafka_topics_refused_total",
                                             "Topics that Kafka clients may not make.",
                                             fmt::format("reason=\"{}\"", kReasons[i]));
  }
}

TopicCreator::Refusal TopicCreator::Refuse(Reason reason, ErrorCode error, std::string message) {
  if (refused_[reason] != nullptr) refused_[reason]->Add();
  return {error, std::move(message)};
}

// Each address may make some at once, and then one now and then.
bool TopicCreator::SpendAllowance(const std::string& client) {
  const std::int64_t now_us = clock_.MonotonicUs();
  const auto left = [now_us](const Allowance& allowance, double burst, double per_minute) {
    const auto since = static_cast<double>(now_us - allowance.at_us);
    return std::min(burst, allowance.topics + since * per_minute / 60e6);
  };
  const auto of_client = [&](const Allowance& allowance) {
    return left(allowance, kTopicBurst, kTopicsPerMinute);
  };
  return allowances_.With([&](Allowances& all) {
    auto& [of_clients, server] = all;
    if (!of_clients.contains(client) && of_clients.size() >= kMaxAllowances) {
      std::erase_if(of_clients,
                    [&](const auto& entry) { return of_client(entry.second) >= kTopicBurst; });
      if (of_clients.size() >= kMaxAllowances) return false;
    }
    const Allowance full{.topics = kTopicBurst, .at_us = now_us};
    auto& allowance = of_clients.try_emplace(client, full).first->second;
    allowance = {.topics = of_client(allowance), .at_us = now_us};
    server = {.topics = left(server, kServerTopicBurst, kServerTopicsPerMinute), .at_us = now_us};
    if (allowance.topics < 1 || server.topics < 1) return false;
    allowance.topics -= 1;
    server.topics -= 1;
    return true;
  });
}

std::optional<TopicCreator::Refusal> TopicCreator::CheckMayCreate(std::string_view name) {
  if (name.size() > kafka::kMaxTopicNameBytes) {
    return Refuse(kPolicy, ErrorCode::kInvalidTopic,
                  fmt::format("a topic's name of {} bytes; at most {} are allowed", name.size(),
                              kafka::kMaxTopicNameBytes));
  }
  const Status may = options_.may_create ? options_.may_create(std::string(name)) : Status{};
  if (!may) return Refuse(kPolicy, ErrorCode::kPolicyViolation, may.error().message());
  const auto count = log_.TopicCount();
  if (count < log::kMaxTopics - log::kOwnTopics) return std::nullopt;
  return Refuse(kRoom, ErrorCode::kPolicyViolation,
                fmt::format("there are {} topics; clients can make no more", count));
}

std::optional<TopicCreator::Refusal> TopicCreator::CheckRate(const std::string& client) {
  if (SpendAllowance(client)) return std::nullopt;
  return Refuse(kRate, ErrorCode::kThrottlingQuotaExceeded,
                fmt::format("one address may make {} topics at once and then {} a minute; try "
                            "again later",
                            kTopicBurst, kTopicsPerMinute));
}

void TopicCreator::CreateOnFirstUse(const std::string& client, std::string_view name, Done done) {
  if (!options_.auto_create) {
    return done(
        std::unexpected(Refuse(kOff, ErrorCode::kUnknownTopicOrPartition, "no such topic")));
  }
  if (auto refusal = CheckMayCreate(name)) {
    refusal->error =
        ErrorCode::kInvalidTopic;  // clients take the name for what it is: not for them
    return done(std::unexpected(std::move(*refusal)));
  }
  if (auto refusal = CheckRate(client)) {
    refusal->error = ErrorCode::kLeaderNotAvailable;  // clients ask again later
    return done(std::unexpected(std::move(*refusal)));
  }
  log_.CreateTopicAsync(
      {.name = std::string(name), .partitions = options_.num_partitions}, OriginOf(client),
      [this, done = std::move(done), name = std::string(name)](Result<log::TopicInfo> made) {
        if (made) return done(*made);
        if (const auto there = log_.FindTopic(name)) return done(*there);
        done(std::unexpected(RefusalOf(made.error())));
      });
}

void TopicCreator::Create(const std::string& client, const kafka::NewTopic& topic, bool only_check,
                          Done done) {
  // In Kafka's order: of several mistakes the same one is told.
  if (topic.is_repeated) {
    return done(std::unexpected(
        Refusal{ErrorCode::kInvalidRequest, "the request names this topic more than once"}));
  }
  if (topic.name.size() <= kafka::kMaxTopicNameBytes) {
    if (const auto legal = log::CheckTopicName(topic.name); !legal) {
      return done(std::unexpected(Refusal{ErrorCode::kInvalidTopic, legal.error().message()}));
    }
  }
  if (auto refusal = CheckMayCreate(topic.name)) return done(std::unexpected(std::move(*refusal)));
  if (log_.FindTopic(std::string(topic.name))) {
    return done(std::unexpected(Refusal{ErrorCode::kTopicAlreadyExists,
                                        fmt::format("topic \"{}\" already exists", topic.name)}));
  }
  auto checked = CheckTopic(topic, options_.num_partitions);
  if (!checked) return done(std::unexpected(std::move(checked.error())));
  if (only_check) {
    // As it would be, but for its id.
    return done(log::TopicInfo{
        .id = {},
        .name = std::move(checked->name),
        .partitions = checked->partitions,
        .settings = std::make_shared<const log::TopicSettings>(std::move(checked->settings))});
  }
  if (auto refusal = CheckRate(client)) return done(std::unexpected(std::move(*refusal)));
  log_.CreateTopicAsync(*std::move(checked), OriginOf(client),
                        [done = std::move(done)](Result<log::TopicInfo> made) {
                          if (made) return done(*made);
                          done(std::unexpected(RefusalOf(made.error())));
                        });
}

}  // namespace st::api
