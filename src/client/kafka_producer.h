// Appends records to one topic of a Kafka cluster and counts those that are durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "client/kafka_client.h"

struct rd_kafka_topic_s;
struct rd_kafka_message_s;  // NOLINT(readability-identifier-naming): librdkafka names it so

namespace st::client {

// Threads: owned by one thread; Flush blocks.
// Owner:   `client` must outlive it.
// Limits:  as KafkaClient. A record that is not durable after kKafkaWaitMs is given up: it may be
//          stored all the same.
// Errors:  kInvalidArgument the server refuses a record; kUnavailable, kDeadline as KafkaClient.
class KafkaProducer {
 public:
  // Requires: `client` was made for KafkaUse::kWriting.
  KafkaProducer(KafkaClient& client, KafkaTopic topic);
  KafkaProducer(const KafkaProducer&) = delete;
  KafkaProducer& operator=(const KafkaProducer&) = delete;
  ~KafkaProducer();

  // Copies the record and queues it; it is sent soon. Waits while the queue is full.
  // Errors: the first one of an earlier record too; then no more are taken.
  Status Add(std::int32_t partition, std::optional<std::string_view> key, std::string_view value);
  // Waits until each record that was added is durable, or is given up. After an error it drops
  // those that were not sent yet.
  // Errors: the first one of a record; the others may be durable.
  Status Flush();
  // Records that are durable.
  std::int64_t durable() const { return durable_; }

  // The client calls it for each record that is settled.
  static void OnDelivery(rd_kafka_s* handle, const rd_kafka_message_s* message, void* opaque);

 private:
  KafkaClient& client_;
  const KafkaTopic topic_;
  rd_kafka_topic_s* const handle_;
  std::int64_t added_ = 0;
  std::int64_t durable_ = 0;
  std::optional<Error> failure_;
};

}  // namespace st::client
