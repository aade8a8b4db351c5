// Creates topics for clients, by their first use or by request. The records of a topic stay in the
// log's segments, also when it is deleted, so creation has a rate.
//
// Threads: safe from any; `done` runs on the caller's thread or on the log's commit thread.
// Owner:   the adapter; `log` and `clock` must outlive it.
// Limits:  kTopicBurst, kTopicsPerMinute (limits.h); the log's, of topics and of partitions in all.
// Metrics: steelthread_kafka_topics_refused_total by reason.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "api/kafka/limits.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "format/kafka/create_topics.h"
#include "format/kafka/error_code.h"
#include "log/log.h"
#include "os/clock.h"

namespace st::api {

class TopicCreator {
 public:
  struct Options {
    std::int32_t num_partitions = 1;
    bool auto_create = true;
    // As KafkaOptions::may_create_topic.
    std::function<Status(const std::string& name)> may_create;
    MetricRegistry* metrics = nullptr;
  };
  struct Refusal {
    kafka::ErrorCode error = kafka::ErrorCode::kNone;
    std::string message;
  };
  using Created = std::expected<log::TopicInfo, Refusal>;
  using Done = std::function<void(const Created&)>;

  TopicCreator(log::Log& log, os::Clock& clock, Options options);
  // Creates an unknown topic that a client names; one that another connection creates meanwhile is
  // accepted too.
  void CreateOnFirstUse(const std::string& client, std::string_view name, Done done);
  // Creates a topic by request; -1 partitions are the default. With `only_check` nothing is
  // created.
  void Create(const std::string& client, const kafka::NewTopic& topic, bool only_check, Done done);

 private:
  // The topics that one client address may still create.
  struct Allowance {
    double topics = 0;
    std::int64_t at_us = 0;
  };
  enum Reason : std::uint8_t { kOff, kRate, kRoom, kPolicy };
  Refusal Refuse(Reason reason, kafka::ErrorCode error, std::string message);
  // nullopt: a topic of this name may be created now, as far as its name and the log's room go.
  std::optional<Refusal> CheckMayCreate(std::string_view name);
  std::optional<Refusal> CheckRate(const std::string& client);
  bool SpendAllowance(const std::string& client);

  log::Log& log_;
  os::Clock& clock_;
  const Options options_;
  struct Allowances {
    std::map<std::string, Allowance> of_clients;
    Allowance of_server;  // of all addresses together
  };
  Guarded<Allowances> allowances_;
  std::array<Metric*, 4> refused_{};
};

}  // namespace st::api
