// What a person has a running server do to a pipeline, a table, a consumer group or a topic, by
// verb: the hooks of the control socket.
//
// Threads: safe from any thread; a call blocks until its work is done.
// Owner:   Server; everything that Parts names must outlive it.
// Errors:  kNotFound the verb or the name does not exist, and the message names those that do;
//          kInvalidArgument an argument is unknown or wrong; else those of the work.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>

#include "app/group_operations.h"
#include "app/record_operations.h"
#include "app/serving.h"
#include "app/stores.h"
#include "app/table_operations.h"
#include "app/topic_operations.h"
#include "base/result.h"
#include "stream/runner.h"
#include "upkeep/upkeep.h"

namespace st::app {

class Operations {
 public:
  struct Parts {
    Stores& stores;
    const Serving& serving;
    stream::Runner& runner;
    upkeep::Upkeep& upkeep;
    RecordKeeping& record_keeping;
    bool is_upkeep_on = true;  // false: upkeep does what it is asked for alone
  };
  explicit Operations(const Parts& parts);

  Result<nlohmann::json> ActOnPipeline(const std::string& verb, const std::string& name,
                                       const nlohmann::json& arguments) const {
    return Act("pipelines", pipeline_verbs_, verb, name, arguments);
  }
  Result<nlohmann::json> ActOnTable(const std::string& verb, const std::string& name,
                                    const nlohmann::json& arguments) const {
    return Act("tables", table_verbs_, verb, name, arguments);
  }
  Result<nlohmann::json> ActOnGroup(const std::string& verb, const std::string& name,
                                    const nlohmann::json& arguments) const {
    return Act("groups", group_verbs_, verb, name, arguments);
  }
  Result<nlohmann::json> ActOnTopic(const std::string& verb, const std::string& name,
                                    const nlohmann::json& arguments) const {
    return Act("topics", topic_verbs_, verb, name, arguments);
  }
  // The verbs that may last long.
  static std::set<std::string> LongVerbs() { return {"run", "compact", "orphans", "preview"}; }

 private:
  struct Verb {
    std::set<std::string> arguments;  // the keys that it takes
    std::function<Result<nlohmann::json>(const std::string& name, const nlohmann::json& arguments)>
        act;
  };
  using Verbs = std::map<std::string, Verb, std::less<>>;

  static Result<nlohmann::json> Act(std::string_view kind, const Verbs& verbs,
                                    const std::string& verb, const std::string& name,
                                    const nlohmann::json& arguments);
  // The pipeline of the name; kNotFound also names the table of an event of that name.
  Result<dialect::spark::Definition> Pipeline(const std::string& name) const;
  Result<SnapshotId> SnapshotOf(const lake::TableName& table,
                                const nlohmann::json& arguments) const;
  // Waits for a step of the pipeline, which sees what was done to its table. The warnings of that.
  std::vector<std::string> Settle(const std::string& pipeline) const;
  stream::Dependencies StreamParts() const;
  // "2026-11-30T05:40:00Z"
  std::string Now() const;

  Result<nlohmann::json> Run(const std::string& name) const;
  Result<nlohmann::json> Preview(const std::string& name, const nlohmann::json& arguments) const;
  Result<nlohmann::json> Pause(const std::string& name) const;
  Result<nlohmann::json> Resume(const std::string& name) const;
  // The records of its topics that the log lost: the pipeline goes on behind them.
  Result<nlohmann::json> Accept(const std::string& name) const;
  // With the argument "is_dry" it says what it would do.
  Result<nlohmann::json> Reset(const std::string& name, const nlohmann::json& arguments) const;
  // To the snapshot "to", or to the last one at or before the time "as_of".
  Result<nlohmann::json> RollBack(const std::string& name, const nlohmann::json& arguments) const;
  Result<nlohmann::json> Compact(const std::string& name) const;
  Result<nlohmann::json> Expire(const std::string& name, const nlohmann::json& arguments) const;
  // Lists the files that nothing names. With "is_dry": false those that are old enough
  // leave the disk in an hour.
  Result<nlohmann::json> Orphans(const std::string& name, const nlohmann::json& arguments) const;
  // When upkeep looks for orphans of the table next, in microseconds since the epoch; nullopt: it
  // does not.
  std::optional<std::int64_t> NextOrphansUs(const lake::TableName& table) const;
  // From the snapshot "to", or that of the time "as_of", or the current one.
  Result<nlohmann::json> Hold(const std::string& name, const nlohmann::json& arguments) const;
  Result<nlohmann::json> Release(const std::string& name, const nlohmann::json& arguments) const;

  const Parts parts_;
  const TableOperations tables_;
  const GroupOperations groups_;
  const TopicOperations topics_;
  const RecordOperations records_;
  Verbs pipeline_verbs_;
  Verbs table_verbs_;
  Verbs group_verbs_;
  Verbs topic_verbs_;
};

}  // namespace st::app
