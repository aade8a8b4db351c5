#include "api/kafka/topic_creator.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api/kafka/errors.h"
#include "api/kafka/request.h"
#include "format/kafka/limits.h"
#include "log/limits.h"
#include "log/topics.h"

namespace st::api {

using kafka::ErrorCode;

namespace {

constexpr std::array<std::string_view, 4> kReasons = {"switched_off", "rate", "no_room", "policy"};

TopicCreator::Refusal RefusalOf(const Error& error) {
  const bool is_name =
      error.code() == st::ErrorCode::kInvalidArgument && error.detail() == ErrorDetail::kNone;
  return {is_name ? ErrorCode::kInvalidTopic : KafkaErrorFor(error), error.message()};
}

// What is wrong with a topic that was asked for, but for its name and its repeats.
TopicCreator::Refusal CheckSettings(const kafka::NewTopic& topic) {
  if (topic.has_assignment) {
    return {ErrorCode::kInvalidReplicaAssignment,
            "replica assignment: there is one node; leave it out"};
  }
  if (topic.replication != 1 && topic.replication != -1) {
    return {ErrorCode::kInvalidReplicationFactor,
            fmt::format("replication factor {}: there is one node; give 1 or leave it out",
                        topic.replication)};
  }
  if (topic.partitions != -1 && topic.partitions < 1) {
    return {ErrorCode::kInvalidPartitions,
            fmt::format("{} partitions; a topic has 1 or more", topic.partitions)};
  }
  if (topic.partitions > log::kMaxPartitions) {
    return {ErrorCode::kPolicyViolation, fmt::format("{} partitions; a topic has at most {}",
                                                     topic.partitions, log::kMaxPartitions)};
  }
  if (!topic.config) return {};
  const auto name = topic.config->substr(0, kafka::kMaxTopicNameBytes);
  if (name.starts_with("retention.")) {
    return {ErrorCode::kInvalidConfig,
            fmt::format("{} is refused: this log keeps everything, nothing is deleted yet", name)};
  }
  return {ErrorCode::kInvalidConfig, fmt::format("{} is no setting of a topic here", name)};
}

}  // namespace

TopicCreator::TopicCreator(log::Log& log, os::Clock& clock, Options options)
    : log_(log),
      clock_(clock),
      options_(std::move(options)),
      server_{.topics = kServerTopicBurst, .at_us = clock.MonotonicUs()} {
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
  if (!allowances_.contains(client) && allowances_.size() >= kMaxAllowances) {
    std::erase_if(allowances_,
                  [&](const auto& entry) { return of_client(entry.second) >= kTopicBurst; });
    if (allowances_.size() >= kMaxAllowances) return false;
  }
  const Allowance full{.topics = kTopicBurst, .at_us = now_us};
  auto& allowance = allowances_.try_emplace(client, full).first->second;
  allowance = {.topics = of_client(allowance), .at_us = now_us};
  server_ = {.topics = left(server_, kServerTopicBurst, kServerTopicsPerMinute), .at_us = now_us};
  if (allowance.topics < 1 || server_.topics < 1) return false;
  allowance.topics -= 1;
  server_.topics -= 1;
  return true;
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
  if (auto wrong = CheckSettings(topic); wrong.error != ErrorCode::kNone) {
    return done(std::unexpected(std::move(wrong)));
  }
  if (only_check) return done(log::TopicInfo{});
  if (auto refusal = CheckRate(client)) return done(std::unexpected(std::move(*refusal)));
  const auto partitions = topic.partitions == -1 ? options_.num_partitions : topic.partitions;
  log_.CreateTopicAsync({.name = std::string(topic.name), .partitions = partitions},
                        OriginOf(client), [done = std::move(done)](Result<log::TopicInfo> made) {
                          if (made) return done(*made);
                          done(std::unexpected(RefusalOf(made.error())));
                        });
}

}  // namespace st::api
