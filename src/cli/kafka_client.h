// The few Kafka requests that `steelthread topic` sends, blocking, over one connection.
//
// Errors: kUnavailable nothing listens; kInvalidArgument, kAlreadyExists from the server's answer.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/process.h"

namespace st::cli {

struct FetchedBatch {
  std::int64_t high_watermark = 0;
  std::string records;  // whole record batches, possibly a cut one at the end
};

struct ListedTopic {
  std::string name;
  std::vector<std::int64_t> ends;  // by partition
};

class KafkaClient {
 public:
  static Result<KafkaClient> Connect(const std::string& address);
  Status CreateTopic(const std::string& name, std::int32_t partitions, std::int16_t replication);
  // All topics by name, with their end offsets.
  Result<std::vector<ListedTopic>> Topics();
  // Appends one record batch and returns the offset of its first record once it is durable.
  Result<std::int64_t> Produce(const std::string& topic, std::int32_t partition,
                               const std::string& batch);
  // Waits up to `max_wait_ms` for a record at `offset`.
  Result<FetchedBatch> Fetch(const std::string& topic, std::int32_t partition, std::int64_t offset,
                             std::int32_t max_wait_ms);

 private:
  explicit KafkaClient(os::UniqueFd fd) : fd_(std::move(fd)) {}
  // Sends a request and returns the response behind its correlation id.
  Result<std::string> Call(std::int16_t key, std::int16_t version, const std::string& body);

  os::UniqueFd fd_;
};

}  // namespace st::cli
