// Requests that wait for the commit thread, counted in bytes.
//
// Threads: safe from any thread; one thread takes.
// Limits:  `max_bytes` of requests and reserved room together.
// Errors:  kUnavailable: the queue is full; kShutdown: it is closed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "format/record/record_batch.h"
#include "log/gaps.h"
#include "log/groups.h"
#include "log/hold.h"
#include "log/limits.h"
#include "log/local_log.h"
#include "log/producers.h"
#include "log/record_removal.h"

namespace st::log {

struct AppendRequest {
  TopicPartition tp;
  record::BatchHeader header;
  std::string batch;
  Origin origin;
  AppendCallback done;
  std::uint64_t bytes() const { return batch.size(); }
};
struct TopicRequest {
  NewTopic topic;
  Origin origin;
  std::function<void(Result<TopicInfo>)> done;
  std::uint64_t bytes() const {
    return topic.name.size() + (topic.settings.empty() ? 0 : kMaxTopicSettingsBytes);
  }
};
struct TopicChangeRequest {
  TopicId topic;
  TopicChange change;
  Origin origin;
  std::function<void(Result<TopicInfo>)> done;
  std::uint64_t bytes() const { return kMaxTopicStateBytes; }
};
struct TopicEndRequest {
  TopicId topic;
  std::function<void(Status)> done;
  std::uint64_t bytes() const { return 0; }
};
struct HoldRequest {
  Hold hold;
  std::string payload;  // EncodeHold
  std::function<void(Status)> done;
  std::uint64_t bytes() const { return payload.size(); }
};
struct StartMoveRequest {
  StartMove move;
  std::function<void(Result<Offset>)> done;
  std::uint64_t bytes() const { return move.is_forced ? kMaxForcedStartBytes : 0; }
};
struct RemoveSegmentsRequest {
  std::function<void(Result<std::vector<std::uint64_t>>)> done;
  std::uint64_t bytes() const {
    return sizeof(std::uint32_t) + kMaxSegmentsAtOnce * sizeof(std::uint64_t);
  }
};
struct GroupRequest {
  std::string payload;       // EncodeGroupChange
  std::uint64_t growth = 0;  // bytes that the change may add, as StoredOffsetBytes counts
  std::function<void(Status)> done;
  std::uint64_t bytes() const { return payload.size(); }
};
// Changes nothing: it is answered from the durable state, also on a full disk.
struct ProducersRequest {
  std::vector<TopicPartition> tps;
  std::function<void(Result<std::vector<std::vector<Producers::Remembered>>>)> done;
  std::uint64_t bytes() const { return tps.size() * sizeof(TopicPartition); }
};
using CommitRequest =
    std::variant<AppendRequest, TopicRequest, TopicChangeRequest, TopicEndRequest, HoldRequest,
                 GroupRequest, StartMoveRequest, RemoveSegmentsRequest, ProducersRequest>;

// Bytes that it has in the queue: of its payload in the log or more, where it changes something.
std::uint64_t BytesOf(const CommitRequest& request);
// Whether the request lets disk be freed: it is carried out on a full disk too.
bool FreesDisk(const CommitRequest& request);
// Answers the request with an error.
void Refuse(CommitRequest& request, const Error& error);

class CommitQueue {
 public:
  explicit CommitQueue(std::uint64_t max_bytes) : max_bytes_(max_bytes) {}

  // Reserves room for a request of this size. The queue must outlive it.
  Result<std::unique_ptr<QueueRoom>> Reserve(std::uint64_t bytes);
  // Adds the request, into `room` where it is not null: that room is Reserve's. A request for which
  // there is no place is refused, on this thread.
  void Add(CommitRequest request, QueueRoom* room = nullptr);

  // Waits for requests and takes at most kMaxCommitBytes of them, at least one. Empty: `wait_us`
  // passed, if it is set. nullopt: the queue is closed and empty.
  std::optional<std::vector<CommitRequest>> Take(std::optional<std::int64_t> wait_us);
  // What is added from now on is refused; what waits can be taken.
  void Close();

 private:
  class Room;
  // Counts `bytes` more and `less` fewer as queued.
  Status Admit(std::uint64_t bytes, std::uint64_t less) ST_REQUIRES(mu_);

  const std::uint64_t max_bytes_;
  Mutex mu_;
  CondVar wake_;
  std::vector<CommitRequest> queue_ ST_GUARDED_BY(mu_);
  std::uint64_t queued_bytes_ ST_GUARDED_BY(mu_) = 0;
  bool is_closed_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace st::log
