// MOVER: the starts of partitions follow the retention of their topics, and segments without
// records leave the disk.
//
// Threads: Step on one thread; the rest from any.
// Owner:   main; the log must outlive it.
// Limits:  kMaxStartsAtOnce, kMaxSegmentsAtOnce a step (limits.h).
// Metrics: steelthread_log_removed_segments_total, steelthread_log_removed_bytes_total.
// Errors:  of Step: as the log; try again later, nothing is lost.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "base/metrics.h"
#include "base/mutex.h"
#include "base/result.h"
#include "log/local_log.h"
#include "log/record_removal.h"

namespace st::log {

struct RetentionPolicy {
  std::optional<std::int64_t> max_age_ms;  // of records, by the largest time of their batch
  std::optional<std::uint64_t> max_bytes;  // of the batches of a partition

  bool keeps_all() const { return !max_age_ms && !max_bytes; }
};

// What a hold keeps that the retention of a topic would let go.
struct HeldBack {
  std::string hold;
  std::uint64_t bytes = 0;

  friend bool operator==(const HeldBack&, const HeldBack&) = default;
};

class Retention {
 public:
  using PolicyOf = std::function<RetentionPolicy(const TopicInfo&)>;
  Retention(LocalLog& log, PolicyOf policy_of, MetricRegistry* metrics);

  struct StepReport {
    std::uint64_t moved = 0;  // partitions
    RemovedFiles removed;
    bool has_more = false;  // a limit ended the step
  };
  // Moves starts and removes segments. `now_ms` is the time by which records are old.
  Result<StepReport> Step(std::int64_t now_ms);

  // What holds kept at the last look at all topics, by topic; the one with the most bytes of each.
  std::map<std::string, HeldBack> held() const;
  RemovedFiles removed() const;  // since the start

 private:
  // Moves what is due of one topic. Whether a limit ended it.
  Result<bool> MoveTopic(const TopicInfo& topic, const RetentionPolicy& policy, std::int64_t now_ms,
                         StepReport& report);
  void NoteHeld(const TopicInfo& topic, const std::map<std::string, std::uint64_t>& bytes);
  // Has the log name the hold that keeps most, where the disk is full.
  void TellHolder();

  LocalLog& log_;
  RecordRemoval& removal_;
  const PolicyOf policy_of_;
  Metric* segments_ = nullptr;
  Metric* bytes_ = nullptr;
  std::string next_topic_;  // where the next step goes on, by name; "": from the first
  Guarded<std::map<std::string, HeldBack>> held_;
  Guarded<RemovedFiles> removed_;
};

}  // namespace st::log
