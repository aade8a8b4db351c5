// The common parts of the adapter's handlers: a request in flight, the look-up of its partitions,
// and the joining of several results to one answer.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "format/kafka/asked_topic.h"
#include "format/kafka/error_code.h"
#include "format/kafka/limits.h"
#include "format/kafka/request_header.h"
#include "log/log.h"
#include "net/frame_server.h"

namespace st::api {

using Responder = std::shared_ptr<net::FrameResponder>;

// A request whose frame outlives its handling: decoded views point into it.
struct Request {
  std::string frame;
  kafka::RequestHeader header;
  std::string client;  // as net::ClientOf gives it
};

// The client's number in the log's limits.
inline log::Origin OriginOf(const std::string& client) {
  return {.client = std::hash<std::string>()(client) | 1};
}

// nullopt where there is no topic of that name, also where no topic can have it.
inline std::optional<log::TopicInfo> FindTopic(const log::Log& log, std::string_view name) {
  if (name.size() > kafka::kMaxTopicNameBytes) return std::nullopt;
  return log.FindTopic(std::string(name));
}

// A topic's name in a message: no longer than a topic's can be.
inline std::string_view ShownTopic(std::string_view name) {
  return name.substr(0, kafka::kMaxTopicNameBytes);
}

// Finds the partitions of one request; a topic that follows itself is looked up once.
class PartitionFinder {
 public:
  explicit PartitionFinder(const log::Log& log) : log_(log) {}
  // nullopt where the topic or its partition is not there.
  std::optional<TopicPartition> Find(const kafka::AskedTopic& topic, std::int32_t partition) {
    if (topic.name != asked_.name || topic.id != asked_.id || !is_looked_up_) LookUp(topic);
    if (!found_ || partition < 0 || partition >= found_->partitions) return std::nullopt;
    return TopicPartition{found_->id, PartitionId(partition)};
  }
  std::optional<TopicPartition> Find(std::string_view topic, std::int32_t partition) {
    return Find(kafka::AskedTopic{.name = topic}, partition);
  }
  // The topic that was looked up last; nullptr: it is not there.
  const log::TopicInfo* topic() const { return found_ ? &*found_ : nullptr; }
  // The error of a partition that was not found.
  kafka::ErrorCode error() const {
    return found_ || !asked_.id ? kafka::ErrorCode::kUnknownTopicOrPartition
                                : kafka::ErrorCode::kUnknownTopicId;
  }

 private:
  void LookUp(const kafka::AskedTopic& topic) {
    asked_ = topic;
    is_looked_up_ = true;
    found_ = topic.id ? log_.FindTopic(*topic.id) : FindTopic(log_, topic.name);
  }

  const log::Log& log_;
  kafka::AskedTopic asked_;
  bool is_looked_up_ = false;
  std::optional<log::TopicInfo> found_;
};

// Collects the results of several callbacks; the last one runs `done`.
template <typename Part>
struct Gather {
  std::vector<Part> parts;
  std::atomic<std::size_t> missing = 0;
  std::function<void(const std::vector<Part>&)> done;
  void Arrived() {
    if (missing.fetch_sub(1) == 1) done(parts);
  }
};

}  // namespace st::api
