#include "log/damage_map.h"

#include <algorithm>
#include <utility>

#include "log/reader/segment.h"
#include "log/topics.h"

namespace st::log {
namespace {

std::uint64_t SequenceOf(const std::string& file) {
  return ParseSegmentName(file.substr(file.rfind('/') + 1)).value_or(0);
}

}  // namespace

void DamageMap::NotePlace(const std::string& file, std::uint64_t position,
                          const EntryHeader& entry) {
  if (file != file_) {
    const auto sequence = SequenceOf(file);
    const bool follows = sequence == sequence_ + 1;
    if (!follows) lsn_.reset();
    if (lsn_ && position == kSegmentHeaderBytes && entry.lsn != *lsn_) {
      damage_.push_back({.file = file_,
                         .from = position_,
                         .to = {},
                         .first = lsn_,
                         .next = entry.lsn,
                         .records = {}});
    }
    file_ = file;
    sequence_ = sequence;
    position_ = kSegmentHeaderBytes;
  }
  if (position != position_) {
    damage_.push_back({.file = file,
                       .from = position_,
                       .to = position,
                       .first = lsn_,
                       .next = entry.lsn,
                       .records = {}});
  }
  position_ = position + entry.padded_length();
  lsn_ = Lsn(entry.lsn.value() + 1);
}

void DamageMap::Note(const std::string& file, std::uint64_t position, const EntryHeader& entry,
                     std::string_view topic, std::string_view payload) {
  NotePlace(file, position, entry);
  const TopicPartition tp{entry.topic, PartitionId(entry.partition)};
  if (entry.type == EntryType::kCheckpoint) NoteCheckpoint(entry, payload);
  if (!topic.empty()) names_[entry.topic] = topic;
  if (entry.type == EntryType::kTopic || entry.type == EntryType::kTopicState) {
    for (std::int32_t p = 0; p < entry.partition; ++p) {
      ends_.try_emplace({entry.topic, PartitionId(p)}, 0);
    }
  }
  if (entry.type == EntryType::kBatch) {
    NoteRecords(tp, std::string(topic), entry.base_offset, entry.base_offset + entry.records);
  }
  if (entry.type != EntryType::kLost) return;
  const auto lost = DecodeLostEntry(payload);
  if (!lost) return;
  for (const auto& made : lost->topics) names_[made.id] = NameOfTopicState(made.state);
  for (const auto& range : lost->ranges) {
    const auto known = names_.find(range.tp.topic);
    const auto name = known == names_.end() ? range.tp.topic.ToString() : known->second;
    NoteRecords(range.tp, name, range.from, range.to);
    recorded_.push_back({name, range.tp.partition.value(), range.from, range.to});
  }
}

void DamageMap::NoteCheckpoint(const EntryHeader& entry, std::string_view payload) {
  if (!checkpoint_.Apply(entry, payload)) {
    checkpoint_ = LogState();
    if (!checkpoint_.Apply(entry, payload)) return;
  }
  if (entry.partition + 1 < entry.records) return;
  for (const auto& [id, topic] : checkpoint_.topics().all()) {
    names_[id] = topic.info.name;
    for (std::int32_t p = 0; p < topic.info.partitions; ++p) {
      const auto& range = topic.ranges[static_cast<std::size_t>(p)];
      NoteRecords({id, PartitionId(p)}, topic.info.name, range.end, range.end);
    }
  }
}

void DamageMap::NoteRecords(TopicPartition tp, const std::string& topic, std::int64_t from,
                            std::int64_t to) {
  const auto [end, is_first] = ends_.try_emplace(tp, from);
  if (!is_first && from > end->second && !damage_.empty()) {
    damage_.back().records.push_back({topic, tp.partition.value(), end->second, from});
  }
  end->second = to;
}

const DamageMap::Damage* DamageMap::Find(const Finding& finding) const {
  const auto found = std::ranges::find_if(damage_, [&](const Damage& one) {
    return one.file == finding.file && one.from == finding.position;
  });
  return found == damage_.end() ? nullptr : &*found;
}

std::vector<DamageMap::Damage> DamageMap::Further(const std::vector<Finding>& findings) const {
  std::vector<Damage> further;
  for (const auto& one : damage_) {
    const bool is_named = std::ranges::any_of(findings, [&](const Finding& finding) {
      return finding.is_damage && Find(finding) == &one;
    });
    if (!is_named) further.push_back(one);
  }
  return further;
}

}  // namespace st::log
