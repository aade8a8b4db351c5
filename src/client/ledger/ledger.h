// The outcome of each key of a run. Keys are numbers from 0, written as "<run>-<number>".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace st::client::ledger {

enum class Fate : std::uint8_t {
  kOpen,          // no answer yet
  kAcknowledged,  // 2xx
  kRefused,       // 4xx: reported apart, not counted
  kFailed,        // any other answer
  kUnanswered,    // given up
};

// Threads: owned by one thread.
// Limits:  kMaxKeys, 4 bytes each.
class Ledger {
 public:
  // `run` tells the run's keys from all others.
  explicit Ledger(std::string run) : prefix_(std::move(run) + "-") {}

  bool is_full() const;
  // Requires: not full. `kind` is the kind of the request, an index of the script's kinds.
  std::uint64_t Open(std::uint16_t kind);
  void Close(std::uint64_t number, Fate fate) { entries_[number].fate = fate; }

  std::uint64_t size() const { return entries_.size(); }
  Fate fate(std::uint64_t number) const { return entries_[number].fate; }
  std::uint16_t kind(std::uint64_t number) const { return entries_[number].kind; }
  // Whether it is one of the N: all but the refused.
  bool is_counted(std::uint64_t number) const { return fate(number) != Fate::kRefused; }

  std::string KeyOf(std::uint64_t number) const { return prefix_ + std::to_string(number); }
  // None for a key of another run, or one that was not sent.
  std::optional<std::uint64_t> NumberOf(std::string_view key) const;

  // Marks of the check, for Matcher.
  std::uint8_t& marks(std::uint64_t number) { return entries_[number].marks; }
  std::uint8_t marks(std::uint64_t number) const { return entries_[number].marks; }

 private:
  struct Entry {
    std::uint16_t kind = 0;
    Fate fate = Fate::kOpen;
    std::uint8_t marks = 0;
  };
  const std::string prefix_;
  std::vector<Entry> entries_;
};

}  // namespace st::client::ledger
