// What the adapter's handlers share: a request under way and how to name a partition.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/ids.h"
#include "format/kafka/messages.h"
#include "log/log.h"
#include "net/frames.h"

namespace st::api {

using Responder = std::shared_ptr<net::FrameResponder>;

// A request whose frame outlives its handling: decoded views point into it.
struct Request {
  std::string frame;
  kafka::RequestHeader header;
};

// nullopt where the topic or its partition is not there.
inline std::optional<TopicPartition> FindPartition(const log::Log& log, const std::string& topic,
                                                   std::int32_t partition) {
  const auto found = log.FindTopic(topic);
  if (!found || partition < 0 || partition >= found->partitions) return std::nullopt;
  return TopicPartition{found->id, PartitionId(partition)};
}

}  // namespace st::api
