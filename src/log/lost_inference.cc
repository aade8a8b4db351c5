#include "log/lost_inference.h"

#include <algorithm>
#include <map>
#include <set>

#include "format/record/record_batch.h"
#include "log/topics.h"

namespace st::log {
namespace {

TopicPartition PartitionOf(const EntryHeader& entry) {
  return {entry.topic, PartitionId(entry.partition)};
}

std::int64_t EndIn(const LogState& state, TopicPartition tp) {
  const auto* range = state.topics().Range(tp);
  return range == nullptr ? 0 : range->end;
}

// What the entries up to the next damage need of the state before them.
class Needs {
 public:
  void Read(SegmentWalk walk) {
    while (const auto step = walk.Next()) {
      if (step->damage) {
        meets_damage_ = true;
        return;
      }
      Add(*step);
    }
    end_ = walk.next_lsn();
  }
  // Whether the entries go on to the end of the segment.
  bool ReachTo(Lsn segment_end) const { return !meets_damage_ && end_ == segment_end; }
  // Adds what the next segment's state has beyond those entries.
  void AddStateBehind(const LogState& behind, const LogState& before) {
    for (const auto& [id, topic] : behind.topics().all()) {
      for (std::int32_t p = 0; p < topic.info.partitions; ++p) {
        const TopicPartition tp{id, PartitionId(p)};
        const std::int64_t end = topic.ranges[static_cast<std::size_t>(p)].end;
        if (firsts_.contains(tp) || end <= EndIn(before, tp)) continue;
        Need(id, p);
        firsts_[tp] = end;
      }
    }
  }

  const std::map<TopicId, std::int32_t>& partitions() const { return partitions_; }
  std::optional<std::int64_t> FirstOf(TopicPartition tp) const {
    const auto first = firsts_.find(tp);
    return first == firsts_.end() ? std::nullopt : std::optional(first->second);
  }
  // Where the records of each partition must end.
  std::map<TopicPartition, std::int64_t> Ends() const {
    auto ends = starts_;
    for (const auto& [tp, first] : firsts_) ends[tp] = first;
    return ends;
  }

 private:
  void Add(const SegmentWalk::Step& step) {
    const EntryHeader& entry = step.header;
    if (entry.type == EntryType::kTopic || entry.type == EntryType::kTopicState) {
      made_.insert(entry.topic);
    } else if (entry.type == EntryType::kBatch) {
      Need(entry.topic, entry.partition);
      firsts_.try_emplace(PartitionOf(entry), entry.base_offset);
    } else if (entry.type == EntryType::kStart) {
      Need(entry.topic, entry.partition);
      auto& start = starts_[PartitionOf(entry)];
      if (!firsts_.contains(PartitionOf(entry))) start = std::max(start, entry.base_offset);
    } else if (entry.type == EntryType::kLost) {
      AddLost(step.payload);
    }
  }
  // Of an earlier repair.
  void AddLost(std::string_view payload) {
    const auto lost = DecodeLostEntry(payload);
    if (!lost) return;  // the state refuses it later
    for (const auto& topic : lost->topics) made_.insert(topic.id);
    for (const auto& range : lost->ranges) {
      Need(range.tp.topic, range.tp.partition.value());
      firsts_.try_emplace(range.tp, range.from);
    }
  }
  void Need(TopicId topic, std::int32_t partition) {
    if (made_.contains(topic)) return;
    auto& count = partitions_[topic];
    count = std::max(count, partition + 1);
  }

  std::set<TopicId> made_;  // by the entries themselves
  std::map<TopicId, std::int32_t> partitions_;
  std::map<TopicPartition, std::int64_t> firsts_;  // base offset of the first batch
  std::map<TopicPartition, std::int64_t> starts_;
  bool meets_damage_ = false;
  Lsn end_;
};

// Whether the batch in a claimed entry agrees with the entry's header to where its records end.
bool IsWitness(const DamagedBytes::Claim& claim) {
  const auto batch = record::ParseHeader(claim.payload);
  return batch && batch->base_offset == claim.header.base_offset &&
         batch->last_offset_delta == claim.header.records - 1;
}

constexpr std::string_view kNoCheckpoint =
    "no checkpoint follows that has the state of topics, groups and holds";

}  // namespace

Result<LostEntry> InferFromCheckpoint(const Stretch& stretch) {
  Needs needs;
  needs.Read(stretch.behind);
  if (needs.ReachTo(stretch.segment_end)) {
    needs.AddStateBehind(*stretch.checkpoint, stretch.before);
  }
  LostEntry lost;
  for (const auto& [id, partitions] : needs.partitions()) {
    const auto* known = stretch.before.topics().Find(id);
    if (known != nullptr && known->info.partitions >= partitions) continue;
    const auto* topic = stretch.checkpoint->topics().Find(id);
    if (topic == nullptr) {
      return Fail(ErrorCode::kUnsupported,
                  "the entries behind it belong to topic {}, which the destroyed ones made or "
                  "enlarged and which was deleted later",
                  id.ToString());
    }
    const auto& info = topic->info;
    lost.topics.push_back(
        {.id = id,
         .partitions = info.partitions,
         .state = EncodeTopicState(info.name, info.settings ? *info.settings : TopicSettings())});
  }
  for (const auto& [tp, end] : needs.Ends()) {
    const std::int64_t from = EndIn(stretch.before, tp);
    if (end > from) lost.ranges.push_back({.tp = tp, .from = from, .to = end});
  }
  return lost;
}

Result<LostEntry> InferFromClaims(const Stretch& stretch, const DamagedBytes& damage) {
  if (damage.claims.empty()) {
    return Fail(ErrorCode::kUnsupported, "it does not show what was destroyed, and {}",
                kNoCheckpoint);
  }
  SegmentWalk behind = stretch.behind;
  const auto next = behind.Next();
  std::map<TopicPartition, LostEntry::Range> ranges;
  std::map<TopicPartition, const DamagedBytes::Claim*> last;
  for (const auto& claim : damage.claims) {
    const EntryHeader& entry = claim.header;
    const bool is_opening = entry.type == EntryType::kEpoch && next && !next->damage &&
                            next->header.epoch >= entry.epoch;
    if (is_opening) continue;
    const auto tp = PartitionOf(entry);
    const auto* range = stretch.before.topics().Range(tp);
    if (entry.type != EntryType::kBatch || range == nullptr || entry.records < 1) {
      return Fail(ErrorCode::kUnsupported,
                  "an entry of type {} was destroyed, which is no batch of records, and {}",
                  static_cast<int>(entry.type), kNoCheckpoint);
    }
    if (record::CheckBatch(claim.payload)) {
      return Fail(ErrorCode::kUnsupported,
                  "the header of a batch was damaged and its records were not, so its partition is "
                  "not certain, and {}",
                  kNoCheckpoint);
    }
    const auto [at, is_first] =
        ranges.try_emplace(tp, LostEntry::Range{.tp = tp, .from = range->end, .to = range->end});
    if (entry.base_offset != at->second.to) {
      return Fail(ErrorCode::kUnsupported,
                  "the offset of a destroyed batch is not certain: {}, want {}", entry.base_offset,
                  at->second.to);
    }
    at->second.to += entry.records;
    last[tp] = &claim;
  }
  Needs needs;
  needs.Read(stretch.behind);
  LostEntry lost;
  for (const auto& [tp, range] : ranges) {
    const auto first = needs.FirstOf(tp);
    if (first ? *first != range.to : !IsWitness(*last.at(tp))) {
      return Fail(ErrorCode::kUnsupported,
                  "the number of records of a destroyed batch is not certain, and {}",
                  kNoCheckpoint);
    }
    lost.ranges.push_back(range);
  }
  return lost;
}

}  // namespace st::log
