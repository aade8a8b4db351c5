// Consumer groups as a person sees them: their lag, and what the command line has the server do to
// one.
//
// Threads: safe from any thread; a call blocks until its work is durable.
// Owner:   Server; the stores must outlive it.
// Errors:  kNotFound: no such group, topic or partition; kConflict: the group has members;
//          kInvalidArgument; kUnavailable: the change could not be stored.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/stores.h"
#include "base/ids.h"
#include "base/metrics.h"
#include "base/result.h"

namespace st::app {

// [{"name", "state", "protocol", "lag", "lag_seconds"}], by name. `lag` counts the records behind
// the committed offsets; `lag_seconds` is the age of the oldest of them.
nlohmann::json GroupsStatus(Stores& stores);
// Registers gauges of the lag of each group and topic. `stores` must outlive the last time that
// they are read.
void CollectGroups(Stores& stores, MetricRegistry& metrics);

class GroupOperations {
 public:
  explicit GroupOperations(Stores& stores) : stores_(stores) {}

  // As DescriptionJson (group_description.h).
  Result<nlohmann::json> Describe(const std::string& name) const;
  // Moves the offsets of a group without members to "to": "earliest", "latest", "offset" or
  // "shift" with the number "by", or "datetime" with the text "at"; those of the topic "topic", or
  // without it of all topics of the group. With "is_dry" it says what it would do. A group that
  // does not exist is created.
  // {"group", "is_new", "partitions": [{"topic", "partition", "from", "to"}]}; "from" is null where
  // there is no offset. Beside an offset that the partition's range decided are "bound", "start" or
  // "end", and "wanted", the offset that was asked for; null where no record has the time.
  Result<nlohmann::json> Reset(const std::string& name, const nlohmann::json& arguments) const;
  Result<nlohmann::json> Delete(const std::string& name) const;

 private:
  Result<std::vector<TopicPartition>> PartitionsOf(const std::string& group,
                                                   const std::string& topic) const;
  // Where one offset goes.
  struct Target {
    Offset to;
    std::string bound;  // "start", "end": the partition's range decided; "": it did not
    std::optional<std::int64_t> wanted;
  };
  Result<Target> TargetOf(TopicPartition tp, std::int64_t committed,
                          const nlohmann::json& arguments) const;
  // The offset within the partition's range that is nearest to the wanted one.
  Target Within(TopicPartition tp, std::int64_t wanted) const;
  std::string NameOf(TopicId topic) const;

  Stores& stores_;
};

}  // namespace st::app
