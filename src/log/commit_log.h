// The embedded log: one commit thread, one active segment, group commit. See log.h for the
// contract.
//
// Threads: as Log. `queue_` hands work to the commit thread, which alone owns state_ and writer_;
//          topics are read through a copy under `topics_`.
#pragma once

#include <atomic>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/mutex.h"
#include "log/append_waiters.h"
#include "log/index.h"
#include "log/limits.h"
#include "log/local_log.h"
#include "log/recovery.h"
#include "log/segment_writer.h"
#include "log/state.h"
#include "os/thread.h"

namespace st::log {

class CommitLog final : public LocalLog {
 public:
  CommitLog(os::FileSystem& fs, os::Clock& clock, os::Random& random, LogOptions options);
  ~CommitLog() override;
  Status Start();

  Uuid id() const override { return id_; }
  Result<TopicInfo> CreateTopic(const std::string& name, std::int32_t partitions) override;
  void CreateTopicAsync(const std::string& name, std::int32_t partitions, Origin origin,
                        std::function<void(Result<TopicInfo>)> done) override;
  std::vector<TopicInfo> Topics() const override;
  std::size_t TopicCount() const override;
  std::optional<TopicInfo> FindTopic(const std::string& name) const override;
  std::optional<TopicInfo> FindTopic(TopicId id) const override;
  void Append(TopicPartition tp, std::string batch, Origin origin, AppendCallback done) override;
  Result<std::unique_ptr<QueueRoom>> ReserveQueue(std::uint64_t bytes) override;
  void AppendInto(std::unique_ptr<QueueRoom> room, TopicPartition tp, std::string batch,
                  AppendCallback done) override;
  ProducerId NewProducerId() override;
  Result<ReadResult> Read(TopicPartition tp, Offset from, std::uint64_t max_bytes) const override;
  Lsn end_lsn() const override {
    return published_.With([](const Published& end) { return end.lsn; });
  }
  Result<OrderedExtents> ExtentsInOrder(const OffsetRanges& ranges,
                                        const ExtentLimits& limits) const override;
  Status SetHold(const Hold& hold) override;
  std::vector<Hold> Holds() const override;
  Result<std::uint32_t> EntryCrc(TopicPartition tp, Offset at) const override;
  Offset StartOffset(TopicPartition tp) const override;
  Offset EndOffset(TopicPartition tp) const override;
  std::optional<std::pair<Offset, std::int64_t>> OffsetForTime(TopicPartition tp,
                                                               std::int64_t time_ms) const override;
  std::uint64_t WaitForAppend(std::vector<TopicPartition> tps,
                              std::function<void()> wake) override {
    return waiters_.Add(std::move(tps), std::move(wake));
  }
  void CancelWait(std::uint64_t handle) override { waiters_.Cancel(handle); }
  void Stop() override;
  std::optional<CutTail> cut_tail() const override { return cut_tail_; }
  std::optional<Error> damage() const override;
  Status CheckBatches(TopicPartition tp, Offset from, Offset to) const override;
  Status health() const override;
  EndMark durable_end() const override {
    return durable_end_.With([](const EndMark& end) { return end; });
  }

 private:
  // How far readers see the log.
  struct Published {
    Lsn lsn;
    EndMark place;
  };
  struct AppendRequest {
    TopicPartition tp;
    record::BatchHeader header;
    std::string batch;
    Origin origin;
    AppendCallback done;
    std::uint64_t bytes() const { return batch.size(); }
  };
  struct TopicRequest {
    std::string name;
    std::int32_t partitions = 0;
    Origin origin;
    std::function<void(Result<TopicInfo>)> done;
    std::uint64_t bytes() const { return name.size(); }
  };
  struct HoldRequest {
    Hold hold;
    std::string payload;
    std::function<void(Status)> done;
    std::uint64_t bytes() const { return payload.size(); }
  };
  // What reading met first.
  struct Damage {
    Error error;
    std::string missing;  // path of the segment that is not there; "" if it is
    // The place that the disk refused to read; segment 0: none, position 0: it does not open.
    std::uint64_t segment = 0;
    std::uint64_t position = 0;
  };
  using Request = std::variant<AppendRequest, TopicRequest, HoldRequest>;
  struct Group;  // the requests of one group commit, with their results
  class Room;
  struct TopicTable {
    std::map<std::string, TopicInfo, std::less<>> by_name;
    std::map<TopicId, TopicInfo> by_id;
  };

  // The queue's side.
  void Append(AppendRequest request, Room* room);
  void Enqueue(Request request, Room* room = nullptr);
  // Counts `bytes` more and `less` fewer as queued; kUnavailable where the sum is over the limit.
  Status Admit(std::uint64_t bytes, std::uint64_t less) ST_REQUIRES(mu_);
  // Bytes of its payload in the log, which it has in the queue.
  static std::uint64_t BytesOf(const Request& request);
  static void Refuse(Request& request, const Error& error);
  Status CheckPartition(TopicPartition tp) const;

  // The commit thread's side.
  void RunCommits();
  // Waits for requests. None: the log stops (`is_end`), or it is time for RetryRoom.
  std::vector<Request> TakeQueue(bool& is_end);
  void Commit(std::vector<Request> requests);
  void Plan(Group& group, Request& request);
  void PlanOne(Group& group, AppendRequest& request);
  void PlanOne(Group& group, TopicRequest& request);
  void PlanOne(Group& group, HoldRequest& request);
  Status CheckHold(const Hold& hold) const;
  void PlanEntry(Group& group, EntryHeader header, std::string payload);
  Status WriteGroup(Group& group);
  // Requires: every byte that the writer wrote is durable.
  void NoteEnd();
  // Begins a new segment where needed and reserves disk, so that an append of `bytes` only writes.
  Status MakeRoom(std::uint64_t bytes);
  // Retries the reservation that was refused last.
  void RetryRoom();
  // Remembers why the log refuses appends; any code but kUnavailable holds until it is reopened.
  void NoteTrouble(const Error& error);
  Status RollSegment();
  // The state as encoded entries from next_lsn_ on, and the number of entries.
  std::pair<std::string, std::int32_t> CheckpointEntries() const;
  Status UpgradeOldLog();
  Status WriteEpoch();
  void Publish(Group& group);
  // Shows the recovered state to readers.
  void PublishRecovered();
  OffsetRange RangeOf(TopicPartition tp) const;
  // Requires: readers see all topics and batches that are durable.
  void NotePublished();
  Result<std::shared_ptr<os::File>> SegmentFile(std::uint64_t sequence) const;
  // Reads who a batch is from its entry. kCorruption, which damage() shows.
  Result<BatchIdentity> ReadIdentity(const IndexEntry& entry) const;
  // Appends the batches of the first entries, at least one, with one read; returns how many.
  Result<std::size_t> ReadSpan(std::span<const IndexEntry> entries, std::string& bytes,
                               ReadResult& out) const;
  bool IsOwn(std::uint8_t flags, Lsn lsn) const;
  // kCorruption, which damage() shows if it is the first.
  Error Damaged(std::uint64_t segment, std::uint64_t position, const std::string& why) const;
  // The same of a segment that is missing, or has something else in its place: `what`. damage()
  // shows it until the segment is back.
  Error Missing(std::uint64_t segment, const std::string& what) const;
  // kIo of a place that the disk refused to read, which damage() shows until it is read again.
  Error Unreadable(std::uint64_t segment, std::uint64_t position, const Error& error) const;
  void NoteRead(std::uint64_t segment, std::uint64_t position) const;

  os::FileSystem& fs_;
  os::Clock& clock_;
  os::Random& random_;
  const LogOptions options_;
  Uuid id_;
  std::optional<CutTail> cut_tail_;  // constant after Start

  // Owned by the commit thread; before it runs, by the thread that opens the log.
  LogState state_;
  SegmentWriter writer_;
  Lsn next_lsn_{1};
  std::uint64_t epoch_ = 0;
  bool poisoned_ = false;
  std::uint64_t refused_bytes_ = 0;  // the reservation that was refused last; 0: none
  bool is_marked_ = true;            // the end mark is written, or Start did not run

  // Synchronise themselves.
  Index index_;
  Guarded<TopicTable> topics_;
  // The durable ranges of the partitions that have one. A batch is in the index before its offsets
  // are in here.
  Guarded<std::map<TopicPartition, OffsetRange>> ranges_;
  Guarded<std::vector<Hold>> holds_;
  Guarded<std::optional<Error>> trouble_;
  Guarded<EndMark> durable_end_;
  Guarded<Published> published_;
  mutable Guarded<std::map<std::uint64_t, std::shared_ptr<os::File>>> files_;  // open for reading
  mutable Guarded<std::optional<Damage>> damage_;
  mutable std::atomic<bool> is_unreadable_ = false;  // damage_ is of a place
  AppendWaiters waiters_;
  // LogState::marked_since() for readers; the largest number: not set.
  std::atomic<std::uint64_t> marked_since_{std::numeric_limits<std::uint64_t>::max()};

  Mutex mu_;
  CondVar wake_;
  std::vector<Request> queue_ ST_GUARDED_BY(mu_);
  std::uint64_t queued_bytes_ ST_GUARDED_BY(mu_) = 0;
  bool stopping_ ST_GUARDED_BY(mu_) = false;
  os::Thread thread_;

  Metric* syncs_ = nullptr;
  Metric* appended_bytes_ = nullptr;
  Metric* appended_records_ = nullptr;
};

}  // namespace st::log
