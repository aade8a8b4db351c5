// Reads partitions of one topic of a Kafka cluster, each from an offset on.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/kafka_client.h"

struct rd_kafka_message_s;  // NOLINT(readability-identifier-naming): librdkafka names it so

namespace st::client {

// A record that was read. Valid during the call that hands it over, as are its texts.
class KafkaRecord {
 public:
  explicit KafkaRecord(const rd_kafka_message_s& message) : message_(message) {}
  std::int32_t partition() const;
  std::int64_t offset() const;
  std::int64_t timestamp_ms() const;  // -1: it has none
  std::optional<std::string_view> key() const;
  std::optional<std::string_view> value() const;
  // The value of the first header of that name; "" without one.
  std::string_view Header(const char* name) const;
  // Names and values of all headers, in order; nullopt: a value is null.
  std::vector<std::pair<std::string_view, std::optional<std::string_view>>> Headers() const;

 private:
  const rd_kafka_message_s& message_;
};

// Threads: owned by one thread; blocks.
// Owner:   `client` must outlive it.
// Limits:  as KafkaClient; a poll hands over at most kKafkaPollRecords.
// Errors:  kInvalidArgument the offset lies outside the log; kUnavailable the connection is lost;
//          kDeadline. After an error it is of no more use.
class KafkaConsumer {
 public:
  // Takes a record; false: no more are wanted.
  using Take = std::function<bool(const KafkaRecord&)>;
  struct Range {
    std::int32_t partition = 0;
    std::int64_t from = 0;
    std::int64_t to = 0;  // behind the last one
  };

  // Requires: `client` was made for reading or following.
  KafkaConsumer(KafkaClient& client, std::string topic);
  KafkaConsumer(const KafkaConsumer&) = delete;
  KafkaConsumer& operator=(const KafkaConsumer&) = delete;
  ~KafkaConsumer();

  // Hands over the records of a range in order, up to where the partition ends.
  // Requires: the partition is not started.
  Status ReadRange(const Range& range, const Take& take);

  // Begins to read the partition at the offset.
  Status Start(std::int32_t partition, std::int64_t offset);
  // Waits at most `wait_ms` for records of the partitions that were started.
  Status Poll(std::int32_t wait_ms, const Take& take);

 private:
  struct Handles;
  // How far the reading of a partition has come.
  struct Position {
    std::int64_t next = 0;
    bool is_at_end = false;
  };
  void Stop(std::int32_t partition);
  // Waits at most `wait_ms` for a message; null: none came.
  Result<rd_kafka_message_s*> AwaitMessage(std::int32_t wait_ms);
  void WakeFetcher();
  // False: `take` wants no more.
  Result<bool> OnMessage(const rd_kafka_message_s& message, const Take& take);

  KafkaClient& client_;
  const std::string topic_;
  const std::unique_ptr<Handles> handles_;
  std::map<std::int32_t, Position> started_;
};

}  // namespace st::client
