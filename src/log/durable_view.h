// What of the log is durable, as its readers see it: topics, ranges of offsets, places of batches,
// holds, gaps, and how far that reaches.
//
// Threads: the commit thread shows, any thread looks.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "base/result.h"
#include "log/end_mark.h"
#include "log/gaps.h"
#include "log/groups.h"
#include "log/hold.h"
#include "log/index.h"
#include "log/log.h"
#include "log/lost_records.h"
#include "log/state.h"

namespace st::log {

class DurableView {
 public:
  // How far readers see the log.
  struct End {
    Lsn lsn;
    EndMark place;
  };

  Index& index() { return index_; }
  const Index& index() const { return index_; }

  // The commit thread's side.
  // Shows the topics, ranges and holds of a state that was recovered.
  void ShowRecovered(const LogState& state);
  void ShowTopics(const std::vector<TopicInfo>& topics);
  // Hides the topics, with all that the index has of them.
  void HideTopics(const std::set<TopicId>& topics);
  // Requires: the index has the batches of these ranges. Takes them from `state`; a partition that
  // it does not have is left out.
  void ShowRanges(const std::set<TopicPartition>& partitions, const LogState& state);
  // The same where the start moved: the index forgets what lies below it.
  void ShowStarts(const std::set<TopicPartition>& partitions, const LogState& state);
  // The holds and the gaps.
  void ShowHolds(const LogState& state);
  void ShowLost(std::vector<LostRecords> lost);
  // Requires: readers see all topics and batches that are durable.
  void ShowEnd(const End& end);
  // Entries of lower numbers say that they are the server's by being there, see IsOwn.
  void ShowMarkedSince(Lsn since) { marked_since_ = since.value(); }
  // Every byte before `end` is durable, if not yet shown.
  void NoteDurable(const EndMark& end);

  // The readers' side.
  std::vector<TopicInfo> Topics() const;  // by name
  std::size_t TopicCount() const;
  std::optional<TopicInfo> FindTopic(const std::string& name) const;
  std::optional<TopicInfo> FindTopic(TopicId id) const;
  // kNotFound: no such topic or partition.
  Status CheckPartition(TopicPartition tp) const;
  OffsetRange RangeOf(TopicPartition tp) const;
  std::vector<Hold> Holds() const;
  std::vector<Gap> Gaps() const;
  // Without what is below the start of its partition.
  std::vector<LostRecords> Lost() const;
  // Whether the segment has batches, or lost records that it alone names.
  bool HasRecords(std::uint64_t segment) const {
    return index_.HasSegment(segment) || HasLost(segment);
  }
  // Whether it has some of one segment.
  bool HasLost(std::uint64_t segment) const;
  // Those of the state that was recovered; the first call takes them.
  StoredGroups TakeGroups();
  End end() const;
  EndMark durable_end() const;
  // Whether an entry with these flags and number is one that the server wrote itself.
  bool IsOwn(std::uint8_t flags, Lsn lsn) const;

 private:
  struct TopicTable {
    std::map<std::string, TopicInfo, std::less<>> by_name;
    std::map<TopicId, TopicInfo> by_id;
  };

  // Each synchronises itself.
  Index index_;
  Guarded<TopicTable> topics_;
  // The durable ranges of the partitions that have one. A batch is in the index before its offsets
  // are in here.
  Guarded<std::map<TopicPartition, OffsetRange>> ranges_;
  Guarded<std::vector<Hold>> holds_;
  Guarded<std::vector<Gap>> gaps_;
  Guarded<std::vector<LostRecords>> lost_;
  Guarded<StoredGroups> recovered_groups_;
  Guarded<EndMark> durable_end_;
  Guarded<End> end_;
  // LogState::marked_since(); the largest number: not set.
  std::atomic<std::uint64_t> marked_since_{std::numeric_limits<std::uint64_t>::max()};
};

}  // namespace st::log
