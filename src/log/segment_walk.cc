#include "log/segment_walk.h"

#include <algorithm>

#include "base/coding.h"

namespace st::log {

SegmentWalk::SegmentWalk(std::string_view bytes, std::uint64_t position, Lsn lsn)
    : bytes_(bytes),
      written_(bytes.find_last_not_of('\0') + 1),  // npos + 1 is 0
      position_(position),
      lsn_(lsn) {}

std::optional<EntryHeader> SegmentWalk::IntactAt(std::uint64_t position, std::string_view& payload,
                                                 std::string* reason) const {
  if (position >= bytes_.size()) return std::nullopt;
  const auto entry = DecodeEntry(bytes_.substr(position), payload);
  if (entry) return *entry;
  if (reason != nullptr) *reason = entry.error().message();
  return std::nullopt;
}

std::optional<SegmentWalk::Step> SegmentWalk::Next() {
  if (position_ >= written_) return std::nullopt;
  std::string reason;
  Step step{.position = position_, .header = {}, .payload = {}, .damage = {}};
  if (const auto entry = IntactAt(position_, step.payload, &reason)) {
    if (entry->lsn == lsn_) {
      step.header = *entry;
      position_ += entry->padded_length();
      lsn_ = Lsn(lsn_.value() + 1);
      return step;
    }
    reason = fmt::format("lsn {}, want {}", entry->lsn, lsn_);
  }
  DamagedBytes damage{.from = position_,
                      .to = written_,
                      .first = lsn_,
                      .next = {},
                      .reason = std::move(reason),
                      .claims = {}};
  auto found = FollowClaims(damage.claims);
  if (!found) {
    damage.claims.clear();
    found = Search();
  }
  position_ = found ? found->position : bytes_.size();
  if (found) {
    damage.to = found->position;
    damage.next = lsn_ = found->lsn;
  }
  step.damage = std::move(damage);
  return step;
}

std::optional<SegmentWalk::Found> SegmentWalk::FollowClaims(
    std::vector<DamagedBytes::Claim>& claims) const {
  std::uint64_t at = position_;
  Lsn lsn = lsn_;
  std::string_view payload;
  while (at < bytes_.size()) {
    if (!claims.empty()) {
      const auto entry = IntactAt(at, payload, nullptr);
      if (entry && entry->lsn == lsn) return Found{at, lsn};
    }
    const auto header = DecodeEntryHeader(bytes_.substr(at));
    if (!header || header->lsn != lsn || header->length > bytes_.size() - at) break;
    claims.push_back(
        {*header, bytes_.substr(at + kEntryHeaderBytes, header->length - kEntryHeaderBytes)});
    at += header->padded_length();
    lsn = Lsn(lsn.value() + 1);
  }
  return std::nullopt;
}

std::optional<SegmentWalk::Found> SegmentWalk::Search() const {
  char magic[sizeof(kEntryMagic)];
  StoreLittle(magic, kEntryMagic);
  std::uint64_t at = position_ + kEntryAlignment;
  while (true) {
    at = bytes_.find(std::string_view(magic, sizeof(magic)), at);
    if (at == std::string_view::npos) return std::nullopt;
    std::string_view payload;
    const auto entry = at % kEntryAlignment == 0 ? IntactAt(at, payload, nullptr) : std::nullopt;
    const std::uint64_t most = (at - position_) / kEntryHeaderBytes;
    if (entry && entry->lsn > lsn_ && entry->lsn.value() - lsn_.value() <= most) {
      return Found{at, entry->lsn};
    }
    ++at;
  }
}

}  // namespace st::log
