#include "game/stacks.h"

#include <algorithm>

namespace st::game {
namespace {

constexpr auto kByItem = [](const Stack& stack, std::uint32_t item) { return stack.item < item; };

}  // namespace

std::uint32_t Stacks::Count(std::uint32_t item) const {
  const auto stacks = all();
  const auto at = std::lower_bound(stacks.begin(), stacks.end(), item, kByItem);
  return at != stacks.end() && at->item == item ? at->count : 0;
}

std::uint64_t Stacks::Total() const {
  std::uint64_t total = 0;
  for (const Stack& stack : all()) total += stack.count;
  return total;
}

void Stacks::Set(std::uint32_t item, std::uint32_t count) {
  const auto stacks = all();
  const auto found = std::lower_bound(stacks.begin(), stacks.end(), item, kByItem);
  const auto at = static_cast<std::uint32_t>(found - stacks.begin());
  const auto size = static_cast<std::uint32_t>(stacks.size());
  if (found != stacks.end() && found->item == item) {
    if (count != 0) {
      block_[at + 1].count = count;
      return;
    }
    if (size == 1) return Clear();
    Stack* gone = block_.get() + 1 + at;
    std::copy(gone + 1, block_.get() + 1 + size, gone);
    block_[0].item = size - 1;
    return;
  }
  if (count == 0) return;
  if (block_ == nullptr || block_[0].count == size) Resize(size + std::max(1U, size / 4));
  Stack* place = block_.get() + 1 + at;
  Stack* end = block_.get() + 1 + size;
  std::copy_backward(place, end, end + 1);
  *place = {item, count};
  block_[0].item = size + 1;
}

void Stacks::Reserve(std::uint32_t stacks) {
  if (stacks != 0 && (block_ == nullptr || block_[0].count < stacks)) Resize(stacks);
}

void Stacks::Resize(std::uint32_t capacity) {
  capacity += capacity & 1;  // malloc rounds up to this size anyway
  auto block = std::make_unique<Stack[]>(std::size_t{capacity} + 1);
  const auto stacks = all();
  block[0] = {static_cast<std::uint32_t>(stacks.size()), capacity};
  std::ranges::copy(stacks, &block[1]);
  block_ = std::move(block);
}

}  // namespace st::game
