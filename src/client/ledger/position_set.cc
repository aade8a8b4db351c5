#include "client/ledger/position_set.h"

#include <algorithm>
#include <cstddef>

namespace st::client::ledger {
namespace {

constexpr std::int64_t kPerByte = 4;

}  // namespace

void PositionSet::Add(std::int64_t offset) {
  if (first_ < 0) first_ = offset - offset % kPerByte;
  if (offset < first_) {  // rows come in order but for the first few
    const auto from = offset - offset % kPerByte;
    bits_.insert(bits_.begin(), static_cast<std::size_t>((first_ - from) / kPerByte), 0);
    first_ = from;
  }
  const auto index = static_cast<std::size_t>((offset - first_) / kPerByte);
  if (index >= bits_.size()) bits_.resize(index + 1);
  const int shift = static_cast<int>(offset % kPerByte) * 2;
  const int count = std::min((bits_[index] >> shift & 3) + 1, 2);
  bits_[index] = static_cast<std::uint8_t>((bits_[index] & ~(3 << shift)) | count << shift);
}

int PositionSet::Count(std::int64_t offset) const {
  if (first_ < 0 || offset < first_) return 0;
  const auto index = static_cast<std::size_t>((offset - first_) / kPerByte);
  if (index >= bits_.size()) return 0;
  return bits_[index] >> (static_cast<int>(offset % kPerByte) * 2) & 3;
}

}  // namespace st::client::ledger
