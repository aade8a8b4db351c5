#include "stream/rewinds.h"

#include <algorithm>
#include <utility>

#include "stream/limits.h"
#include "stream/standing.h"

namespace st::stream {
namespace {

// The lesser offset of each partition that both have.
FlowProgress Least(const FlowProgress& a, const FlowProgress& b) {
  FlowProgress least{.topics = {}, .crcs = {}, .failing = {}, .made_by = {}};
  for (const auto& [id, offsets] : a.topics) {
    for (const auto& [partition, next] : offsets) {
      const auto other = NextOf(b, {.topic = id, .partition = PartitionId(partition)}, 0);
      if (std::min(next, other) > 0) least.topics[id][partition] = std::min(next, other);
    }
  }
  least.timeline = std::max(a.timeline, b.timeline);
  return least;
}

// The property is a Progress whose flows are named by their timelines.
std::string NameOf(const FlowProgress& rewind) { return fmt::format("{:012}", rewind.timeline); }

}  // namespace

bool IsAtOrBehind(const FlowProgress& a, const FlowProgress& b) {
  for (const auto& [id, offsets] : b.topics) {
    for (const auto& [partition, next] : offsets) {
      if (NextOf(a, {.topic = id, .partition = PartitionId(partition)}, 0) < next) return false;
    }
  }
  return true;
}

Result<Rewinds> Rewinds::Of(const lake::View& table) {
  Rewinds rewinds;
  const auto property = table.properties.find(kRewindsProperty);
  if (property == table.properties.end()) return rewinds;
  auto progress = DecodeProgress(property->second);
  if (!progress) {
    return Fail(ErrorCode::kCorruption, "table {}.{}: property {} is damaged", table.name.schema,
                table.name.name, kRewindsProperty);
  }
  for (auto& [name, flow] : progress->flows) rewinds.all_.push_back(std::move(flow));
  return rewinds;
}

void Rewinds::Add(const FlowProgress& to) {
  std::erase_if(all_, [&](const FlowProgress& one) { return IsAtOrBehind(one, to); });
  FlowProgress rewind{.topics = to.topics, .crcs = {}, .failing = {}, .made_by = {}};
  rewind.timeline = to.timeline;
  all_.push_back(std::move(rewind));
  while (all_.size() > kMaxRewinds) {
    all_[1] = Least(all_[0], all_[1]);
    all_.erase(all_.begin());
  }
}

FlowProgress Rewinds::Kept(const FlowProgress& at) const {
  FlowProgress kept = at;
  for (const auto& rewind : all_) {
    if (rewind.timeline > at.timeline && !IsAtOrBehind(rewind, kept)) kept = Least(kept, rewind);
  }
  kept.timeline = at.timeline;
  return kept;
}

std::string Rewinds::Encode() const {
  Progress progress{.log_id = {}, .flows = {}};
  for (const auto& rewind : all_) progress.flows[NameOf(rewind)] = rewind;
  return EncodeProgress(progress);
}

}  // namespace st::stream
