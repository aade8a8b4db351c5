// The partitions that fetches are about, and what their client knows of each. A fetch without a
// session has one of its own; a session keeps it for the next fetch (KIP-227).
//
// Threads: not safe. Nobody changes it while a poll uses it: FetchSessions keeps that rule, so that
//          a poll reads it on several threads, one after the other, without a lock.
// Owner:   the poll that it is for; FetchSessions shares it where it is a session.
// Limits:  kafka::kMaxRequestPartitions, kMaxFetchSessionBytes (limits.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/ids.h"
#include "format/kafka/asked_topic.h"
#include "format/kafka/error_code.h"
#include "format/kafka/fetch.h"
#include "log/log.h"

namespace st::api {

class FetchSession {
 public:
  struct Topic {
    kafka::AskedTopic asked;         // its name is a view into the session
    std::string name = {};           // that the id had when it was found first; else ""
    std::optional<TopicId> id = {};  // of the topic that the log has
    std::int32_t partitions = 0;     // of that topic; one of an id that went: of its name's
    std::int32_t parts = 0;          // of the session
    // The partition's error where the log has none of its number, or nothing is read of it.
    kafka::ErrorCode ErrorOf(std::int32_t partition) const;
  };
  struct Part {
    Topic* topic;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;
    std::int32_t last_epoch = -1;
    std::int32_t max_bytes = 0;
    std::int64_t offset = 0;
    std::int64_t told_end = -1;  // as the client was told them last; -1: not yet, or an error
    std::int64_t told_start = -1;
    kafka::ErrorCode error() const { return topic->ErrorOf(partition); }
    // Requires: error() is kNone.
    TopicPartition tp() const { return {topic->id.value(), PartitionId(partition)}; }
  };

  // With `by_id` requests name topics by ids.
  explicit FetchSession(bool by_id) : by_id_(by_id) {}
  FetchSession(const FetchSession&) = delete;
  FetchSession& operator=(const FetchSession&) = delete;

  // One with the same partitions, of which the client knows the same.
  std::shared_ptr<FetchSession> Copy() const;
  // Takes what the request says of partitions: those that it has get the new values and keep their
  // place, others come behind them; of a partition that is named twice the last values count. What
  // is forgotten goes, also where the same request names it.
  void Update(const std::vector<kafka::FetchPartition>& asked,
              const std::vector<kafka::ForgottenPartition>& forgotten = {});
  // Looks all topics up.
  void FindTopics(const log::Log& log);
  // Notes what the client is told of each partition, `parts` having one for each in their order,
  // and moves those with records behind the others, so that each has its turn. With `only_news`
  // removes from `parts` what the client knows: no records, no error, the same offsets. Partitions
  // that are not there come last in `parts`, as with Kafka.
  void Tell(std::vector<kafka::FetchedPartition>& parts, bool only_news);

  bool by_id() const { return by_id_; }
  const std::vector<Part>& parts() const { return parts_; }
  // That it holds in memory, and with the longest names of the topics whose ids it has.
  std::size_t bytes() const;

 private:
  using Key = std::pair<TopicId, std::string>;  // nil where the name names it, else ""
  struct Change;

  Topic* FindTopic(const kafka::AskedTopic& asked, bool may_add);
  std::vector<Change> ChangesOf(const std::vector<kafka::FetchPartition>& asked,
                                const std::vector<kafka::ForgottenPartition>& forgotten);

  const bool by_id_;
  std::map<Key, Topic> topics_;  // those of the parts
  std::vector<Part> parts_;      // in the order in which they are read
};

}  // namespace st::api
