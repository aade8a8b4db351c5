// Decides the requests of one group after the other, makes each group durable with one sync, and
// shows it to readers.
//
// Threads: Start and Stop on the owner's thread; health() from any thread; the rest runs on the
//          commit thread, which alone owns state_ and writer_ between them.
// Owner:   CommitLog; `queue`, `view` and `waiters` outlive it.
// Errors:  as LocalLog::Open.
// Format:  docs/formats/commit_log.md
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "log/append_waiters.h"
#include "log/commit_queue.h"
#include "log/durable_view.h"
#include "log/local_log.h"
#include "log/segment_writer.h"
#include "log/state.h"
#include "os/thread.h"

namespace st::log {

class Committer {
 public:
  Committer(const os::Env& env, const LogOptions& options, CommitQueue& queue, DurableView& view,
            AppendWaiters& waiters);
  ~Committer() { Stop(); }

  // Recovers the log's folder, begins an epoch and starts the commit thread.
  Status Start();
  // Commits what waits in the queue and ends the thread. The queue is closed.
  void Stop();

  // Constant after Start.
  Uuid id() const { return id_; }
  const std::optional<CutTail>& cut_tail() const { return cut_tail_; }

  // Why appends are refused.
  Status health() const;
  // As RecordRemoval::NoteHeldBack; from any thread.
  void NoteHeldBack(const std::string& text) { writer_.NoteHeldBack(text); }

 private:
  struct Group;  // the requests of one group commit, with their results

  void Run();
  void Commit(std::vector<CommitRequest> requests);
  // Answers the requests that change nothing, and removes them.
  void AnswerReads(std::vector<CommitRequest>& requests) const;
  void PlanOne(Group& group, AppendRequest& request);
  void PlanOne(Group& group, TopicRequest& request);
  void PlanOne(Group& group, TopicChangeRequest& request);
  void PlanOne(Group& group, TopicEndRequest& request);
  void PlanOne(Group& group, HoldRequest& request);
  void PlanOne(Group& group, GroupRequest& request);
  void PlanOne(Group& group, StartMoveRequest& request);
  void PlanOne(Group& group, RemoveSegmentsRequest& request);
  // kUnavailable: the last segment is of an older format, in which an older program would take such
  // an entry for a torn tail.
  Status CheckFormat(std::string_view what) const;
  // Makes the topic, or changes it.
  void PlanTopic(Group& group, const TopicInfo& topic, const TopicSettings& settings);
  void PlanEntry(Group& group, EntryHeader header, std::string payload);
  Status WriteGroup(Group& group);
  void Publish(Group& group);
  // Requires: readers see all topics and batches that are durable.
  void ShowEnd();
  // Requires: every byte that the writer wrote is durable.
  void NoteDurable();
  // Begins a new segment where needed and reserves disk, so that an append of `bytes` only writes.
  Status MakeRoom(std::uint64_t bytes);
  // Makes room for the requests, or refuses those for which there is none. False: some found none,
  // or the disk's reserve was used.
  bool MakeRoomOrRefuse(std::vector<CommitRequest>& requests);
  // Retries the reservation that was refused last.
  void RetryRoom();
  // Remembers why the log refuses appends; any code but kUnavailable holds until it is reopened.
  void NoteTrouble(const Error& error);
  Status RollSegment();
  Status UpgradeOldLog();
  Status WriteEpoch();

  os::FileSystem& fs_;
  os::Clock& clock_;
  os::Random& random_;
  const LogOptions& options_;
  CommitQueue& queue_;
  DurableView& view_;
  AppendWaiters& waiters_;
  Uuid id_;
  std::optional<CutTail> cut_tail_;

  LogState state_;
  SegmentWriter writer_;
  Lsn next_lsn_{1};
  std::uint64_t epoch_ = 0;
  bool poisoned_ = false;
  std::uint64_t refused_bytes_ = 0;  // the reservation that was refused last; 0: none
  bool is_marked_ = true;            // the end mark is written, or Start did not run

  Guarded<std::optional<Error>> trouble_;
  os::Thread thread_;

  Metric* syncs_ = nullptr;
  Metric* appended_bytes_ = nullptr;
  Metric* appended_records_ = nullptr;
};

}  // namespace st::log
