// The items that a player has, or has in the cart: one stack an item. Eight bytes when empty.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace st::game {

struct Stack {
  std::uint32_t item = 0;   // number of its name
  std::uint32_t count = 0;  // never 0 in Stacks
  friend bool operator==(const Stack&, const Stack&) = default;
};

// Threads: one thread.
class Stacks {
 public:
  // By number of the item.
  std::span<const Stack> all() const {
    return block_ == nullptr ? std::span<const Stack>() : std::span(&block_[1], block_[0].item);
  }
  std::uint32_t Count(std::uint32_t item) const;
  // Of all stacks together.
  std::uint64_t Total() const;
  // 0 removes the stack.
  void Set(std::uint32_t item, std::uint32_t count);
  void Clear() { block_.reset(); }
  // Room for so many stacks, so that filling them takes one allocation.
  void Reserve(std::uint32_t stacks);

 private:
  void Resize(std::uint32_t capacity);
  // block_[0] holds {size, capacity}; the stacks follow.
  std::unique_ptr<Stack[]> block_;
};

}  // namespace st::game
