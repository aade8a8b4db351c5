#include "app/partition_description.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/record_range.h"
#include "event/timestamp.h"
#include "log/record_removal.h"

namespace st::app {
namespace {

using Json = nlohmann::json;

// The time of a record that LocalLog found.
Json TimeOf(const std::optional<std::pair<Offset, std::int64_t>>& record) {
  constexpr std::int64_t kUsPerMs = 1000;
  if (!record || record->second < 0 || record->second > event::kMaxTimestampUs / kUsPerMs) {
    return nullptr;
  }
  return event::TimestampText(record->second);
}

Json HoldsOn(const std::vector<log::Hold>& holds, TopicPartition tp, const OffsetRange& range) {
  auto kept = Json::array();
  for (const auto& hold : holds) {
    const auto from = hold.from.find(tp);
    if (from == hold.from.end()) continue;
    const auto first = std::max(from->second, range.from);
    kept.push_back({{"name", hold.name},
                    {"from", first.value()},
                    {"records", std::max<std::int64_t>(range.to - first, 0)}});
  }
  return kept;
}

}  // namespace

Json DescribePartitions(log::LocalLog& log, const log::TopicInfo& topic,
                        const std::vector<log::Hold>& holds) {
  auto partitions = Json::array();
  for (std::int32_t p = 0; p < topic.partitions; ++p) {
    const TopicPartition tp{topic.id, PartitionId(p)};
    const OffsetRange range{.from = log.StartOffset(tp), .to = log.EndOffset(tp)};
    const auto first = log.OffsetForTime(tp, std::numeric_limits<std::int64_t>::min());
    partitions.push_back({{"partition", p},
                          {"start_offset", range.from.value()},
                          {"end_offset", range.to.value()},
                          {"records", range.to - range.from},
                          {"bytes", log::RemovalOf(log).BytesBetween(tp, range.from, range.to)},
                          {"oldest_time", TimeOf(first)},
                          {"newest_time", TimeOf(log.OffsetOfLargestTime(tp))},
                          {"holds", HoldsOn(holds, tp, range)}});
  }
  return partitions;
}

}  // namespace st::app
