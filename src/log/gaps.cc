#include "log/gaps.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"

namespace st::log {
namespace {

constexpr std::size_t kGapBytes = 16 + 4 + 8 + 8 + 8 + 4;  // without its names
constexpr std::size_t kNameBytes = 4 + 8;                  // without its text

void AppendOverridden(std::string& out, const Overridden& overridden) {
  AppendLittle(out, static_cast<std::uint32_t>(overridden.size()));
  for (const auto& [name, from] : overridden) {
    AppendLittle(out, static_cast<std::uint32_t>(name.size()));
    out += name;
    AppendLittle(out, from.value());
  }
}

Overridden TakeOverridden(ByteReader& in) {
  Overridden overridden;
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    std::string name(in.Bytes(in.Little<std::uint32_t>()));
    const Offset from(in.Little<std::int64_t>());
    if (in.ok()) overridden.emplace(std::move(name), from);
  }
  return overridden;
}

}  // namespace

std::string EncodeOverridden(const Overridden& overridden) {
  std::string out;
  AppendOverridden(out, overridden);
  return out;
}

std::vector<Gap> Gaps::All() const {
  std::vector<Gap> all;
  for (const auto& [tp, gap] : gaps_) all.push_back(gap);
  return all;
}

std::size_t Gaps::names() const {
  std::size_t names = 0;
  for (const auto& [tp, gap] : gaps_) names += gap.from.size();
  return names;
}

Status Gaps::CheckRoom(std::size_t names) const {
  const auto there = this->names();
  if (there + names <= kMaxHeldPartitions) return {};
  return Fail(ErrorCode::kUnsupported,
              "the log records {} gaps, {} are allowed; `steelthread pipeline accept NAME` has a "
              "pipeline go on behind its own, which makes room",
              there, kMaxHeldPartitions);
}

Status Gaps::Apply(const EntryHeader& entry, std::string_view payload) {
  if (entry.type == EntryType::kTopicEnd) {
    std::erase_if(gaps_, [&](const auto& item) { return item.first.topic == entry.topic; });
    return {};
  }
  if (payload.empty()) return {};  // nobody was overridden
  ByteReader in(payload);
  Gap gap{.tp = {entry.topic, PartitionId(entry.partition)},
          .to = Offset(entry.base_offset),
          .from = TakeOverridden(in),
          .lsn = entry.lsn,
          .removed_us = entry.append_time_us};
  if (!in.is_at_end() || gap.from.empty()) {
    return Fail(ErrorCode::kCorruption, "forced start of {} bytes does not decode", payload.size());
  }
  Tidy();
  if (const auto before = gaps_.find(gap.tp); before != gaps_.end()) {
    for (const auto& [name, from] : before->second.from) {
      auto& first = gap.from.emplace(name, from).first->second;
      first = std::min(first, from);
    }
  }
  gaps_.insert_or_assign(gap.tp, std::move(gap));
  return {};
}

void Gaps::Tidy() {
  if (gaps_.empty()) return;
  std::map<std::string, Hold, std::less<>> holds;
  for (auto& hold : holds_.All()) holds.emplace(hold.name, hold);
  for (auto& [tp, gap] : gaps_) {
    std::erase_if(gap.from, [&](const auto& item) {
      const auto hold = holds.find(item.first);
      if (hold == holds.end()) return true;
      const auto at = hold->second.from.find(tp);
      return at == hold->second.from.end() || at->second > gap.to;
    });
  }
  std::erase_if(gaps_, [](const auto& item) { return item.second.from.empty(); });
}

std::size_t Gaps::encoded_bytes() const {
  std::size_t bytes = sizeof(std::uint32_t);
  for (const auto& [tp, gap] : gaps_) {
    bytes += kGapBytes;
    for (const auto& [name, from] : gap.from) bytes += kNameBytes + name.size();
  }
  return bytes;
}

void Gaps::Encode(std::string& out) const {
  AppendLittle(out, static_cast<std::uint32_t>(gaps_.size()));
  for (const auto& [tp, gap] : gaps_) {
    AppendUuid(out, tp.topic);
    AppendLittle(out, tp.partition.value());
    AppendLittle(out, gap.to.value());
    AppendLittle(out, gap.lsn.value());
    AppendLittle(out, gap.removed_us);
    AppendOverridden(out, gap.from);
  }
}

Status Gaps::Decode(ByteReader& in, std::uint32_t /*version*/) {
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    Gap gap;
    gap.tp.topic = TopicId(in.Id());
    gap.tp.partition = PartitionId(in.Little<std::int32_t>());
    gap.to = Offset(in.Little<std::int64_t>());
    gap.lsn = Lsn(in.Little<std::uint64_t>());
    gap.removed_us = in.Little<std::int64_t>();
    gap.from = TakeOverridden(in);
    if (in.ok()) gaps_.insert_or_assign(gap.tp, std::move(gap));
  }
  return {};
}

}  // namespace st::log
