#include "stream/planned_range.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace st::stream {

PlannedRange::PlannedRange(log::OrderedExtents extents, OffsetRanges offsets,
                           const std::vector<log::TopicInfo>& topics)
    : extents_(std::move(extents)), offsets_(std::move(offsets)) {
  for (const auto& topic : topics) topics_.push_back({.id = topic.id, .name = topic.name});
  NumberExtents();
}

void PlannedRange::NumberExtents() {
  std::int64_t number = 0;
  numbers_.clear();
  numbers_.reserve(extents_.extents.size() + 1);
  for (const auto& extent : extents_.extents) {
    numbers_.push_back(number);
    const OffsetRange in = OffsetsIn(extent);
    number += in.to - in.from;
  }
  numbers_.push_back(number);
}

OffsetRange PlannedRange::OffsetsIn(const log::Extent& extent) const {
  const OffsetRange& range = offsets_.at(extent.tp);
  return {.from = std::max(range.from, extent.base_offset),
          .to = std::min(range.to, extent.base_offset + extent.records)};
}

std::size_t PlannedRange::ExtentOf(std::int64_t number) const {
  ST_CHECK(number >= 0 && number < size());
  const auto behind = std::ranges::upper_bound(numbers_, number);
  return static_cast<std::size_t>(behind - numbers_.begin()) - 1;
}

void PlannedRange::CutTo(std::int64_t size) {
  for (const auto& [tp, range] : OffsetsBetween(size, this->size())) {
    offsets_[tp].to = range.from;
  }
  const std::size_t kept = size == 0 ? 0 : ExtentOf(size - 1) + 1;
  extents_.extents.resize(kept);
  numbers_.resize(kept + 1);
  numbers_.back() = size;
}

void PlannedRange::DropFirst(std::int64_t count) {
  for (const auto& [tp, range] : OffsetsBetween(count, size())) offsets_[tp].from = range.from;
  const auto begin = extents_.extents.begin();
  extents_.extents.erase(begin, begin + static_cast<std::ptrdiff_t>(ExtentOf(count)));
  NumberExtents();
}

jobs::RecordId PlannedRange::RecordAt(std::int64_t number) const {
  const std::size_t index = ExtentOf(number);
  const log::Extent& extent = extents_.extents[index];
  return {.tp = extent.tp, .offset = OffsetsIn(extent).from + (number - numbers_[index])};
}

std::optional<std::int64_t> PlannedRange::NumberOf(const jobs::RecordId& id) const {
  for (std::size_t i = 0; i < extents_.extents.size(); ++i) {
    if (extents_.extents[i].tp != id.tp) continue;
    const OffsetRange in = OffsetsIn(extents_.extents[i]);
    if (id.offset >= in.from && id.offset < in.to) return numbers_[i] + (id.offset - in.from);
  }
  return std::nullopt;
}

OffsetRanges PlannedRange::OffsetsBetween(std::int64_t from, std::int64_t to) const {
  OffsetRanges offsets;
  if (from >= to) return offsets;
  for (std::size_t i = ExtentOf(from); i < extents_.extents.size() && numbers_[i] < to; ++i) {
    const log::Extent& extent = extents_.extents[i];
    OffsetRange in = OffsetsIn(extent);
    const Offset first = in.from;
    in.from = std::max(first, first + (from - numbers_[i]));
    in.to = std::min(in.to, first + (to - numbers_[i]));
    const auto [at, is_first] = offsets.try_emplace(extent.tp, in);
    if (!is_first) at->second.to = in.to;
  }
  return offsets;
}

jobs::Source PlannedRange::Between(std::int64_t from, std::int64_t to) const {
  jobs::LogSegments source{.range = {.lsns = extents_.lsns, .offsets = OffsetsBetween(from, to)},
                           .topics = topics_,
                           .files = extents_.files,
                           .extents = {}};
  if (from >= to) return source;
  for (std::size_t i = ExtentOf(from); i < extents_.extents.size() && numbers_[i] < to; ++i) {
    const log::Extent& extent = extents_.extents[i];
    source.extents.push_back(
        {.file = extent.file, .position = extent.position, .length = extent.length});
  }
  return source;
}

std::string PlannedRange::NameOf(const jobs::RecordId& id) const {
  const auto topic = std::ranges::find(topics_, id.tp.topic, &jobs::SourceTopic::id);
  return fmt::format("{}/{} offset {}",
                     topic == topics_.end() ? id.tp.topic.ToString() : topic->name, id.tp.partition,
                     id.offset);
}

}  // namespace st::stream
