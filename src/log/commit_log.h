// The embedded log: a queue, a committer with its thread, what readers see, and a reader of the
// segments, put together. See log.h for the contract.
//
// Threads: as Log.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "log/append_waiters.h"
#include "log/commit_queue.h"
#include "log/committer.h"
#include "log/durable_view.h"
#include "log/inspection.h"
#include "log/local_log.h"
#include "log/record_removal.h"
#include "log/segment_reader.h"

namespace st::log {

class CommitLog final : public LocalLog, public Inspection, public RecordRemoval {
 public:
  CommitLog(const os::Env& env, LogOptions options);
  ~CommitLog() override;
  Status Start();

  Uuid id() const override { return committer_.id(); }
  Result<TopicInfo> CreateTopic(const std::string& name, std::int32_t partitions) override;
  void CreateTopicAsync(NewTopic topic, Origin origin,
                        std::function<void(Result<TopicInfo>)> done) override;
  void DeleteTopic(TopicId topic, std::function<void(Status)> done) override {
    queue_.Add(TopicEndRequest{topic, std::move(done)});
  }
  void ChangeTopic(TopicId topic, TopicChange change, Origin origin,
                   std::function<void(Result<TopicInfo>)> done) override;
  std::vector<TopicInfo> Topics() const override { return view_.Topics(); }
  std::size_t TopicCount() const override { return view_.TopicCount(); }
  std::optional<TopicInfo> FindTopic(const std::string& name) const override {
    return view_.FindTopic(name);
  }
  std::optional<TopicInfo> FindTopic(TopicId id) const override { return view_.FindTopic(id); }
  void Append(TopicPartition tp, std::string batch, Origin origin, AppendCallback done) override;
  Result<std::unique_ptr<QueueRoom>> ReserveQueue(std::uint64_t bytes) override {
    return queue_.Reserve(bytes);
  }
  void AppendInto(std::unique_ptr<QueueRoom> room, TopicPartition tp, std::string batch,
                  AppendCallback done) override;
  void DescribeProducers(std::vector<TopicPartition> tps,
                         std::function<void(Result<DescribedProducers>)> done) override;
  ProducerId NewProducerId() override;
  Result<ReadResult> Read(TopicPartition tp, Offset from, std::uint64_t max_bytes) const override;
  Result<std::optional<ReadResult>> ReadCached(TopicPartition tp, Offset from,
                                               std::uint64_t max_bytes) const override;
  Lsn end_lsn() const override { return view_.end().lsn; }
  Result<OrderedExtents> ExtentsInOrder(const OffsetRanges& ranges,
                                        const ExtentLimits& limits) const override;
  Status SetHold(const Hold& hold) override;
  void ChangeGroup(const GroupChange& change, std::function<void(Status)> done) override;
  StoredGroups TakeRecoveredGroups() override { return view_.TakeGroups(); }
  std::vector<Hold> Holds() const override { return view_.Holds(); }
  std::optional<std::int64_t> BatchTimeMs(TopicPartition tp, Offset at) const override;
  Result<std::uint32_t> EntryCrc(TopicPartition tp, Offset at) const override;
  Offset StartOffset(TopicPartition tp) const override { return Offset(view_.RangeOf(tp).start); }
  Offset EndOffset(TopicPartition tp) const override { return Offset(view_.RangeOf(tp).end); }
  std::map<TopicPartition, std::uint64_t> StoredBytes() const override;
  void MoveStart(const StartMove& move, std::function<void(Result<Offset>)> done) override {
    queue_.Add(StartMoveRequest{move, std::move(done)});
  }
  Result<RemovedFiles> RemoveSegments() override;
  Offset BehindExpired(TopicPartition tp, const Expiry& rule) const override;
  void NoteHeldBack(const std::string& text) override { committer_.NoteHeldBack(text); }
  std::optional<LowestHold> HoldOn(TopicPartition tp) const override;
  std::uint64_t BytesBetween(TopicPartition tp, Offset from, Offset to) const override {
    return view_.index().BytesBetween(tp, from.value(), to.value());
  }
  std::optional<std::pair<Offset, std::int64_t>> OffsetForTime(TopicPartition tp,
                                                               std::int64_t time_ms) const override;
  std::optional<std::pair<Offset, std::int64_t>> OffsetOfLargestTime(
      TopicPartition tp) const override;
  std::uint64_t WaitForAppend(std::vector<TopicPartition> tps,
                              std::function<void()> wake) override {
    return waiters_.Add(std::move(tps), std::move(wake));
  }
  void CancelWait(std::uint64_t handle) override { waiters_.Cancel(handle); }
  void Stop() override;
  std::optional<CutTail> cut_tail() const override { return committer_.cut_tail(); }
  std::optional<Error> damage() const override { return reader_.damage(); }
  Status CheckBatches(TopicPartition tp, Offset from, Offset to) const override;
  Status health() const override { return committer_.health(); }
  EndMark durable_end() const override { return view_.durable_end(); }
  std::vector<LostRecords> Lost() const { return view_.Lost(); }
  std::vector<Gap> Gaps() const { return view_.Gaps(); }

 private:
  void Append(AppendRequest request, QueueRoom* room);

  // nullopt, with DiskWait::kNever alone: the read would have to wait.
  Result<std::optional<ReadResult>> ReadBatches(TopicPartition tp, Offset from,
                                                std::uint64_t max_bytes, DiskWait wait) const;
  // kInvalidArgument: it is below the start, which may have moved since it was looked at.
  Status CheckNotBelowStart(TopicPartition tp, Offset from) const;
  Result<OrderedExtents> FindExtents(const OffsetRanges& ranges, const ExtentLimits& limits) const;

  os::FileSystem& fs_;
  os::Random& random_;
  const LogOptions options_;
  DurableView view_;
  AppendWaiters waiters_;
  CommitQueue queue_;
  mutable SegmentReader reader_;
  Committer committer_;  // the last: its thread uses the others
};

}  // namespace st::log
