#include "log/hold.h"

#include <utility>

#include "base/coding.h"
#include "log/limits.h"

namespace st::log {
namespace {

constexpr std::size_t kMaxNameBytes = 249;
constexpr std::size_t kPlaceBytes = 16 + 4 + 8;

using Places = std::map<TopicPartition, Offset>;

void Append(std::string& out, std::string_view name, const Places& from) {
  AppendLittle(out, static_cast<std::uint32_t>(name.size()));
  out += name;
  AppendLittle(out, static_cast<std::uint32_t>(from.size()));
  for (const auto& [tp, offset] : from) {
    AppendUuid(out, tp.topic);
    AppendLittle(out, tp.partition.value());
    AppendLittle(out, offset.value());
  }
}

Hold Take(ByteReader& in) {
  Hold hold;
  hold.name = in.Bytes(in.Little<std::uint32_t>());
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    const TopicId topic(in.Id());
    const TopicPartition tp{topic, PartitionId(in.Little<std::int32_t>())};
    hold.from[tp] = Offset(in.Little<std::int64_t>());
  }
  return hold;
}

}  // namespace

std::string EncodeHold(const Hold& hold) {
  std::string out;
  Append(out, hold.name, hold.from);
  return out;
}

std::vector<Hold> Holds::All() const {
  std::vector<Hold> all;
  for (const auto& [name, from] : holds_) all.push_back({name, from});
  return all;
}

Status Holds::Check(const Hold& hold) const {
  if (hold.name.empty() || hold.name.size() > kMaxNameBytes) {
    return Fail(ErrorCode::kInvalidArgument, "the name of a hold has 1 to {} bytes, not {}",
                kMaxNameBytes, hold.name.size());
  }
  const auto old = holds_.find(hold.name);
  const bool is_new = old == holds_.end() && !hold.from.empty();
  if (is_new && holds_.size() >= kMaxHolds) {
    return Fail(ErrorCode::kUnsupported, "hold \"{}\": there are {} holds, {} are allowed",
                hold.name, holds_.size(), kMaxHolds);
  }
  const std::size_t others = partitions_ - (old == holds_.end() ? 0 : old->second.size());
  if (others + hold.from.size() > kMaxHeldPartitions) {
    return Fail(ErrorCode::kUnsupported,
                "hold \"{}\": {} partitions more than the {} of the other holds; {} are allowed",
                hold.name, hold.from.size(), others, kMaxHeldPartitions);
  }
  return {};
}

void Holds::Put(Hold hold) {
  if (const auto old = holds_.find(hold.name); old != holds_.end()) {
    partitions_ -= old->second.size();
    holds_.erase(old);
  }
  if (hold.from.empty()) return;
  partitions_ += hold.from.size();
  holds_.emplace(std::move(hold.name), std::move(hold.from));
}

void Holds::ReleaseTopic(TopicId topic) {
  for (auto& [name, from] : holds_) {
    partitions_ -=
        std::erase_if(from, [&](const auto& place) { return place.first.topic == topic; });
  }
  std::erase_if(holds_, [](const auto& item) { return item.second.empty(); });
}

Status Holds::Apply(const EntryHeader& entry, std::string_view payload) {
  if (entry.type == EntryType::kTopicEnd) {
    ReleaseTopic(entry.topic);
    return {};
  }
  ByteReader in(payload);
  Hold hold = Take(in);
  if (!in.is_at_end()) {
    return Fail(ErrorCode::kCorruption, "hold of {} bytes does not decode", payload.size());
  }
  Put(std::move(hold));
  return {};
}

std::size_t Holds::encoded_bytes() const {
  return sizeof(std::uint32_t) + holds_.size() * (2 * sizeof(std::uint32_t) + kMaxNameBytes) +
         partitions_ * kPlaceBytes;
}

void Holds::Encode(std::string& out) const {
  AppendLittle(out, static_cast<std::uint32_t>(holds_.size()));
  for (const auto& [name, from] : holds_) Append(out, name, from);
}

Status Holds::Decode(ByteReader& in, std::uint32_t) {
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) Put(Take(in));
  return {};
}

}  // namespace st::log
