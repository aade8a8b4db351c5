// Names and their numbers, which count from 0 in the order in which names are added. Names are
// never removed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace st::game {

// Threads: one thread.
// Limits:  a name has at most 255 bytes; 2^31 names.
class Names {
 public:
  // `seed` goes into the hash, so that clients cannot choose names that collide.
  explicit Names(std::uint64_t seed) : seed_(seed) {}

  std::uint32_t size() const { return static_cast<std::uint32_t>(texts_.size()); }
  // Requires: number < size().
  std::string_view At(std::uint32_t number) const;
  std::optional<std::uint32_t> Find(std::string_view name) const;
  // Requires: Find(name) is empty.
  std::uint32_t Add(std::string_view name);

 private:
  struct Slot {
    std::uint32_t number_plus_one = 0;  // 0: free
    std::uint32_t hash = 0;
  };
  std::uint32_t HashOf(std::string_view name) const;
  void Place(Slot slot);
  void Grow();
  char* Allocate(std::size_t bytes);

  const std::uint64_t seed_;
  std::vector<const char*> texts_;  // a length byte, then the name
  std::vector<Slot> slots_;         // a power of two; at most half of them taken
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t left_in_block_ = 0;
};

}  // namespace st::game
