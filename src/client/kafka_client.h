// A client of a Kafka cluster, by librdkafka: its topics and their offsets.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

struct rd_kafka_s;

namespace st::client {

struct KafkaTopic {
  std::string name;
  std::int32_t partitions = 0;
};

struct NewKafkaTopic {
  std::string name;
  std::int32_t partitions = 1;
  std::int16_t replication = 1;
  std::vector<std::pair<std::string, std::string>> settings = {};  // those of Kafka's topics
};

// A client reads or writes records, by KafkaConsumer or KafkaProducer; each use can ask for topics.
enum class KafkaUse {
  kReading,    // to the end of partitions, one after the other
  kFollowing,  // and on, as records come
  kWriting,
};

// Nothing reaches stderr: librdkafka's log lines are dropped, since each failure comes as the error
// of the call that it concerns.
//
// Threads: owned by one thread; blocks. librdkafka's own threads, in which all signals are blocked,
//          serve the sockets.
// Limits:  each wait ends after kKafkaWaitMs (limits.h).
// Errors:  kUnavailable no server answers; kDeadline none answered in time.
class KafkaClient {
 public:
  // To the one server at "host:port". Every address that it advertises leads there too, so that the
  // client also works where nobody but other machines can reach the advertised one.
  // Errors: as net::Connect.
  static Result<KafkaClient> Connect(const std::string& address, KafkaUse use);
  // To the cluster that is found through `brokers`, "host:port,host:port"; does not wait for it.
  // Errors: kInvalidArgument.
  static Result<KafkaClient> Open(const std::string& brokers, KafkaUse use);
  KafkaClient(KafkaClient&& other) noexcept;
  KafkaClient& operator=(KafkaClient&& other) noexcept;
  ~KafkaClient();

  // All topics, in the server's order.
  Result<std::vector<KafkaTopic>> Topics();
  // The offset of the first record, by partition; where there is none, the end.
  Result<std::vector<std::int64_t>> StartOffsets(const KafkaTopic& topic);
  // The offset behind the last record, by partition.
  Result<std::vector<std::int64_t>> EndOffsets(const KafkaTopic& topic);
  // The offset of the first record at or after a time, by partition; -1: there is none.
  // Requires: `time_ms` is not negative.
  Result<std::vector<std::int64_t>> OffsetsAtTime(const KafkaTopic& topic, std::int64_t time_ms);
  // Errors: kAlreadyExists; kInvalidArgument the server refuses it, in the server's words.
  Status CreateTopic(const NewKafkaTopic& topic);

  // kUnavailable once the connection is lost.
  Status CheckConnection();
  // For KafkaConsumer and KafkaProducer.
  rd_kafka_s* handle();

 private:
  struct State;
  explicit KafkaClient(std::unique_ptr<State> state);
  static Result<KafkaClient> Make(std::unique_ptr<State> state, const std::string& brokers,
                                  KafkaUse use);
  Result<std::vector<std::int64_t>> AskOffsets(const KafkaTopic& topic, std::int64_t time_ms);

  std::unique_ptr<State> state_;
};

}  // namespace st::client
