#include "log/removed_segments.h"

#include <iterator>

#include "base/coding.h"

namespace st::log {

std::string EncodeRemovedSegments(const std::vector<std::uint64_t>& segments) {
  std::string out;
  AppendLittle(out, static_cast<std::uint32_t>(segments.size()));
  for (const auto segment : segments) AppendLittle(out, segment);
  return out;
}

bool RemovedSegments::Contains(std::uint64_t segment) const {
  if (segment < first_) return true;
  const auto behind = ranges_.upper_bound(segment);
  return behind != ranges_.begin() && std::prev(behind)->second >= segment;
}

void RemovedSegments::Add(std::uint64_t segment) {
  if (Contains(segment)) return;
  std::uint64_t begin = segment;
  std::uint64_t last = segment;
  if (const auto next = ranges_.find(segment + 1); next != ranges_.end()) {
    last = next->second;
    ranges_.erase(next);
  }
  const auto behind = ranges_.upper_bound(segment);
  if (behind != ranges_.begin() && std::prev(behind)->second + 1 == segment) {
    begin = std::prev(behind)->first;
    ranges_.erase(std::prev(behind));
  }
  if (begin == first_) {
    first_ = last + 1;
  } else {
    ranges_[begin] = last;
  }
}

Status RemovedSegments::Apply(const EntryHeader& /*entry*/, std::string_view payload) {
  ByteReader in(payload);
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    const auto segment = in.Little<std::uint64_t>();
    if (in.ok()) Add(segment);
  }
  if (in.is_at_end()) return {};
  return Fail(ErrorCode::kCorruption, "removed segments of {} bytes do not decode", payload.size());
}

std::size_t RemovedSegments::encoded_bytes() const {
  return sizeof(std::uint32_t) + ranges_.size() * 2 * sizeof(std::uint64_t);
}

void RemovedSegments::Encode(std::string& out) const {
  AppendLittle(out, static_cast<std::uint32_t>(ranges_.size()));
  for (const auto& [begin, last] : ranges_) {
    AppendLittle(out, begin);
    AppendLittle(out, last);
  }
}

Status RemovedSegments::Decode(ByteReader& in, std::uint32_t /*version*/) {
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    const auto begin = in.Little<std::uint64_t>();
    const auto last = in.Little<std::uint64_t>();
    if (!in.ok()) break;
    if (begin > last || begin <= first_ || Contains(begin) || Contains(last)) {
      return Fail(ErrorCode::kCorruption, "removed segments {} to {} in a checkpoint", begin, last);
    }
    ranges_[begin] = last;
  }
  return {};
}

}  // namespace st::log
