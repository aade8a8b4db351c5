// What the command line has the server do to a topic.
//
// Threads: safe from any thread; a call blocks until its work is durable.
// Owner:   Server; the stores, the served project and the record keeping must outlive it.
// Errors:  kNotFound: no such topic; kInvalidArgument: an argument is wrong, or the topic is in
//          use; else those of log::Log::ChangeTopic.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "app/record_keeping.h"
#include "app/serving.h"
#include "app/stores.h"
#include "base/result.h"

namespace st::app {

class TopicOperations {
 public:
  TopicOperations(Stores& stores, const Serving& serving, const RecordKeeping& record_keeping)
      : stores_(stores), serving_(serving), record_keeping_(record_keeping) {}

  // {"topic", "id", "partitions", "settings": [{"name", "value", "is_set"}]}, the
  // settings by name and the partitions as DescribePartitions (partition_description.h).
  Result<nlohmann::json> Describe(const std::string& name) const;
  // Gives the topic "partitions" in all, sets "set" (an object of texts) and returns the keys of
  // the list "unset" to their defaults; all of it or nothing. With "is_dry" it says what it would
  // do.
  // {"topic", "partitions": {"from", "to"}, "settings": [{"name", "from", "to", "is_set"}]}, of the
  // keys that are named.
  Result<nlohmann::json> Alter(const std::string& name, const nlohmann::json& arguments) const;
  // Where something needs the topic it is deleted only by "force". With "is_dry" it says what it
  // would do. {"topic", "partitions", "records", "groups", "breaks"}: how many groups have offsets
  // in it, and BrokenByDeletion (topic_uses.h).
  Result<nlohmann::json> Delete(const std::string& name, const nlohmann::json& arguments) const;

 private:
  Result<log::TopicInfo> Find(const std::string& name) const;

  Stores& stores_;
  const Serving& serving_;
  const RecordKeeping& record_keeping_;
};

}  // namespace st::app
