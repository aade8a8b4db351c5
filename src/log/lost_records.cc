#include "log/lost_records.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"

namespace st::log {

std::string EncodeLostEntry(const LostEntry& lost) {
  std::string out;
  AppendLittle(out, static_cast<std::uint32_t>(lost.topics.size()));
  for (const auto& topic : lost.topics) {
    AppendUuid(out, topic.id);
    AppendLittle(out, topic.partitions);
    AppendLittle(out, static_cast<std::uint32_t>(topic.state.size()));
    out += topic.state;
  }
  AppendLittle(out, static_cast<std::uint32_t>(lost.ranges.size()));
  for (const auto& range : lost.ranges) {
    AppendUuid(out, range.tp.topic);
    AppendLittle(out, range.tp.partition.value());
    AppendLittle(out, range.from);
    AppendLittle(out, range.to);
  }
  return out;
}

Result<LostEntry> DecodeLostEntry(std::string_view payload) {
  LostEntry lost;
  if (payload.empty()) return lost;
  ByteReader in(payload);
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    LostEntry::Topic topic;
    topic.id = TopicId(in.Id());
    topic.partitions = in.Little<std::int32_t>();
    topic.state = in.Bytes(in.Little<std::uint32_t>());
    if (in.ok()) lost.topics.push_back(std::move(topic));
  }
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    LostEntry::Range range;
    range.tp.topic = TopicId(in.Id());
    range.tp.partition = PartitionId(in.Little<std::int32_t>());
    range.from = in.Little<std::int64_t>();
    range.to = in.Little<std::int64_t>();
    if (in.ok()) lost.ranges.push_back(range);
  }
  const bool has_zeros_behind = std::ranges::all_of(in.left(), [](char c) { return c == '\0'; });
  if (in.ok() && has_zeros_behind) return lost;
  return Fail(ErrorCode::kCorruption, "lost records of {} bytes do not decode", payload.size());
}

std::string DescribeLost(std::string_view topic, std::int32_t partition, std::int64_t from,
                         std::int64_t to) {
  if (to - from == 1) return fmt::format("{}/{} offset {} (1 record)", topic, partition, from);
  return fmt::format("{}/{} offsets {} to {} ({} records)", topic, partition, from, to - 1,
                     to - from);
}

Result<std::vector<LostRecords>> LostOf(const EntryHeader& entry, std::string_view payload,
                                        std::uint64_t segment) {
  ST_TRY(const auto lost, DecodeLostEntry(payload));
  std::vector<LostRecords> records;
  for (const auto& range : lost.ranges) {
    records.push_back({.tp = range.tp,
                       .from = range.from,
                       .to = range.to,
                       .lsn = entry.lsn,
                       .repaired_us = entry.append_time_us,
                       .segment = segment});
  }
  return records;
}

}  // namespace st::log
