// What the command line has the server do to the records of a topic.
//
// Threads: safe from any thread; a call blocks until its work is durable.
// Owner:   Server; the stores and the record keeping must outlive it.
// Errors:  kNotFound: no such topic or partition; kInvalidArgument: an argument is wrong, or an
//          offset lies behind the end of a partition; kConflict: holds keep records that are to
//          go, and the message names the holds; else those of RecordKeeping::Delete.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/record_keeping.h"
#include "app/stores.h"
#include "base/result.h"
#include "log/record_removal.h"

namespace st::app {

class RecordOperations {
 public:
  RecordOperations(Stores& stores, RecordKeeping& record_keeping)
      : stores_(stores), record_keeping_(record_keeping) {}

  // Deletes the records before "before" of the partition "partition", or without it of all
  // partitions: a number is an offset, the text "end" the end, and any other text a time, before
  // the first record at or after which the records go. Where one partition is refused nothing is
  // deleted. With "is_dry" it says what it would do. With "force" records go that a hold keeps, but
  // for those of the server's own topics; the log records the gap (log/gaps.h).
  // {"topic", "partitions": [{"partition", "from", "to"}], "breaks"}: the starts as they were and
  // are; they are equal where there was nothing to delete. "breaks" says for each hold that was
  // overridden what comes of it.
  Result<nlohmann::json> Delete(const std::string& name, const nlohmann::json& arguments) const;

 private:
  Result<std::vector<TopicPartition>> Find(const std::string& name,
                                           const nlohmann::json& arguments) const;
  // What holds keep of the records that `moves` would delete.
  struct Kept {
    std::string hold;
    TopicPartition tp;
    std::int64_t from = 0;
    std::int64_t records = 0;
  };
  std::vector<Kept> KeptOf(const std::vector<log::StartMove>& moves) const;
  // Ok, or kConflict: they may not go.
  static Status CheckMayGo(const std::string& topic, const std::vector<Kept>& kept, bool force);
  static std::vector<std::string> Broken(const std::string& topic, const std::vector<Kept>& kept);
  // Moves each, or checks it: [{"partition", "from", "to"}].
  Result<nlohmann::json> MoveAll(const std::string& topic,
                                 const std::vector<log::StartMove>& moves) const;
  // The first record of the partition that stays.
  Result<Offset> FirstKept(TopicPartition tp, const nlohmann::json& before) const;

  Stores& stores_;
  RecordKeeping& record_keeping_;
};

}  // namespace st::app
