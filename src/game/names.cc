#include "game/names.h"

#include "base/check.h"
#include "base/coding.h"

namespace st::game {
namespace {

constexpr std::size_t kBlockBytes = 64 << 10;
constexpr std::size_t kFirstSlots = 16;

std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

}  // namespace

std::string_view Names::At(std::uint32_t number) const {
  const char* text = texts_[number];
  return {text + 1, static_cast<unsigned char>(*text)};
}

std::uint32_t Names::HashOf(std::string_view name) const {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  std::uint64_t hash = Mix(seed_ ^ kOdd, name.size() + kOdd);
  while (name.size() >= sizeof(std::uint64_t)) {
    hash = Mix(hash ^ seed_ ^ LoadLittle<std::uint64_t>(name), kOdd);
    name.remove_prefix(sizeof(std::uint64_t));
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, name.data(), name.size());
  return static_cast<std::uint32_t>(Mix(hash ^ rest ^ (seed_ << 1), kOdd));
}

std::optional<std::uint32_t> Names::Find(std::string_view name) const {
  if (slots_.empty()) return std::nullopt;
  const std::uint32_t hash = HashOf(name);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].number_plus_one != 0; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.hash == hash && At(slot.number_plus_one - 1) == name) return slot.number_plus_one - 1;
  }
  return std::nullopt;
}

std::uint32_t Names::Add(std::string_view name) {
  ST_CHECK(name.size() <= 255);
  if (slots_.size() < 2 * (texts_.size() + 1)) Grow();
  char* text = Allocate(name.size() + 1);
  *text = static_cast<char>(static_cast<unsigned char>(name.size()));
  std::memcpy(text + 1, name.data(), name.size());
  texts_.push_back(text);
  Place({size(), HashOf(name)});
  return size() - 1;
}

void Names::Place(Slot slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = slot.hash & mask;
  while (slots_[at].number_plus_one != 0) at = (at + 1) & mask;
  slots_[at] = slot;
}

void Names::Grow() {
  auto old = std::move(slots_);
  slots_ = std::vector<Slot>(std::max(kFirstSlots, 2 * old.size()));
  for (const Slot& slot : old) {
    if (slot.number_plus_one != 0) Place(slot);
  }
}

char* Names::Allocate(std::size_t bytes) {
  if (left_in_block_ < bytes) {
    // The first block is small, so that a game of few players takes little memory.
    const std::size_t size = blocks_.empty() ? 4096 : kBlockBytes;
    blocks_.push_back(std::make_unique<char[]>(size));
    left_in_block_ = size;
  }
  const std::size_t size = blocks_.size() == 1 ? 4096 : kBlockBytes;
  char* at = blocks_.back().get() + (size - left_in_block_);
  left_in_block_ -= bytes;
  return at;
}

}  // namespace st::game
