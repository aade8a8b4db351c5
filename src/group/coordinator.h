// STORE: consumer groups, their members and their committed offsets. Its truth is a part of the
// log's state: a generation, an assignment and an offset are answered after they are durable.
//
// Threads: safe from any thread; callbacks run on the caller's or the commit thread and must not
//          block.
// Owner:   main; `env` and `log` must outlive it, and the log is stopped before it goes.
// Durable: over a crash no offset is lost or moves back, no generation is given out twice, no epoch
//          moves back, and the members go on with their heartbeats.
// Limits:  limits.h, Settings.
// Metrics: steelthread_groups by state; those of Room.
// Source:  Kafka's group coordinator: classic groups, and consumer groups (KIP-848).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "group/effects.h"
#include "group/group.h"
#include "group/group_offsets.h"
#include "group/members.h"
#include "group/messages.h"
#include "group/outbox.h"
#include "group/room.h"
#include "group/settings.h"
#include "log/local_log.h"
#include "os/env.h"

namespace st::group {

class Coordinator final : private Effects {
 public:
  // Takes the groups that the log recovered. kCorruption; kUnsupported: a newer program's.
  static Result<std::unique_ptr<Coordinator>> Open(const os::Env& env, log::LocalLog& log,
                                                   const Settings& settings);

  // `done` runs when the group's join phase, or its leader's assignment, is over.
  void Join(const JoinRequest& request, JoinDone done);
  void Sync(const SyncRequest& request, SyncDone done);
  Outcome Heartbeat(const MemberRef& member);
  // The new protocol (KIP-848). `done` runs when what it tells is durable.
  void Heartbeat(const ConsumerHeartbeat& request, ConsumerHeartbeatDone done);
  LeaveAnswer Leave(const std::string& group, const std::vector<LeavingMember>& members);

  // Commits all offsets or none. kGroupIdNotFound: a member of a group that is not there.
  void Commit(const CommitRequest& request, CommitDone done);
  // kDone, or why the offsets of the group may not be read as this member of the new protocol:
  // kUnknownMember, kStaleEpoch.
  Outcome CheckFetch(const std::string& group, const std::optional<std::string>& member,
                     std::int32_t epoch);
  // Empty where there is no such group.
  Offsets OffsetsOf(const std::string& group);
  // Not an error where some are not there. Requires: MayRemoveOffsets said kDone for their topics.
  void RemoveOffsets(const std::string& group, const std::vector<TopicPartition>& offsets,
                     CommitDone done);
  // kDone, or why offsets of the group, or of this topic of it, may not be removed now:
  // kSubscribedToTopic, kNonEmptyGroup, kGroupIdNotFound.
  Outcome MayRemoveOffsets(const std::string& group, const std::optional<std::string>& topic);
  // With its offsets: kNonEmptyGroup, kGroupIdNotFound.
  void Delete(const std::string& group, CommitDone done);
  std::vector<ListedGroup> List();  // by id
  bool HasGroup(const std::string& group);
  // nullopt: no such group of the classic protocol; of the new one.
  std::optional<Description> Describe(const std::string& group);
  std::optional<ConsumerDescription> DescribeConsumers(const std::string& group);

  // Does what is due now: sessions, rebalances, retention.
  void Step();
  // From now on `alarm` is called with the time after which Step is to be called; empty: nobody
  // calls it.
  void SetAlarm(std::function<void(std::int64_t delay_us)> alarm);
  // Answers whoever waits with kNotAvailable, and refuses what comes. Idempotent.
  void Stop();

 private:
  using Stored = std::function<void(Group&, bool)>;

  Coordinator(const os::Env& env, log::LocalLog& log, const Settings& settings);
  Status Recover();
  void Measure(MetricRegistry& metrics);

  // Of Effects; called with the lock, which their callers do not see.
  std::int64_t NowUs() override { return env_.clock.MonotonicUs(); }
  std::int64_t NowMs() override { return env_.clock.NowUs() / 1'000; }
  std::string NewId() override;
  void Reply(std::function<void()> reply) override ST_NO_THREAD_SAFETY_ANALYSIS;
  void Store(Group& group, State as, Stored then) override ST_NO_THREAD_SAFETY_ANALYSIS;

  // The group or null.
  Group* Find(const std::string& id) ST_REQUIRES(mu_);
  // A new group; null: there is no room.
  Group* Create(const std::string& id, std::uint64_t client) ST_REQUIRES(mu_);
  // Hands the change to the log once the lock is released; then runs `then` under the lock.
  void Change(Group& group, log::GroupChange change, Stored then) ST_REQUIRES(mu_);
  void OnChanged(const std::string& id, const Status& status, const Stored& then);
  // Looks at the group when its next deadline comes.
  void Schedule(Group& group) ST_REQUIRES(mu_);
  // The same where no deadline but those of `member` came closer; does not look at the other
  // members.
  void Schedule(Group& group, const std::string& member) ST_REQUIRES(mu_);
  void WakeAt(Group& group, std::int64_t at_us) ST_REQUIRES(mu_);  // 0: not at all
  void SetAlarmFor(std::int64_t at_us) ST_REQUIRES(mu_);
  void SetAlarmForAll() ST_REQUIRES(mu_);
  void ExpireDue() ST_REQUIRES(mu_);
  void ExpireOffsets() ST_REQUIRES(mu_);
  void Forget(Group& group, const CommitDone& done) ST_REQUIRES(mu_);
  void ChangeOffsets(Group& group, NewOffsets committed, std::vector<TopicPartition> removed,
                     CommitDone done, Stored then) ST_REQUIRES(mu_);
  // The group of the request, a new one where there is none; or why it is refused.
  std::optional<Refusal> GroupFor(const ConsumerHeartbeat& request, Group*& group) ST_REQUIRES(mu_);
  Outcome CheckCommit(const CommitRequest& request, Group*& group) ST_REQUIRES(mu_);

  const os::Env env_;
  log::LocalLog& log_;
  const Settings settings_;

  Mutex mu_;
  Room room_ ST_GUARDED_BY(mu_);
  std::map<std::string, Group, std::less<>> groups_ ST_GUARDED_BY(mu_);
  Members members_ ST_GUARDED_BY(mu_);
  std::set<std::pair<std::int64_t, std::string>> wakes_ ST_GUARDED_BY(mu_);
  std::int64_t retention_at_us_ ST_GUARDED_BY(mu_) = 0;
  std::function<void(std::int64_t)> alarm_ ST_GUARDED_BY(mu_);
  std::int64_t alarm_at_us_ ST_GUARDED_BY(mu_) = 0;  // 0: none is set
  Outbox outbox_;                                    // what waits for the lock's release
  bool is_stopped_ ST_GUARDED_BY(mu_) = false;
};

}  // namespace st::group
