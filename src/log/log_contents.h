// The topics of a log and how far each partition goes: of an open log (log.h), or of one's files
// (log_files.h).
//
// Threads: as the log's.
// Units:   offsets count records.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"

namespace st::log {

// Kafka's names of settings, with the values that were set; bytes of the adapter, opaque here.
using TopicSettings = std::map<std::string, std::string, std::less<>>;

struct TopicInfo {
  TopicId id;
  std::string name;
  std::int32_t partitions = 0;
  std::shared_ptr<const TopicSettings> settings = {};  // nullptr: none is set
};

class LogContents {
 public:
  virtual ~LogContents() = default;

  // Random id of this log, generated once; the progress of pipelines refers to it.
  virtual Uuid id() const = 0;
  virtual std::vector<TopicInfo> Topics() const = 0;  // by name
  virtual std::optional<TopicInfo> FindTopic(const std::string& name) const = 0;
  virtual std::optional<TopicInfo> FindTopic(TopicId id) const = 0;
  virtual Offset StartOffset(TopicPartition tp) const = 0;
  virtual Offset EndOffset(TopicPartition tp) const = 0;  // durable end (high watermark)
};

}  // namespace st::log
