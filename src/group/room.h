// Limits the memory that consumer groups take: in all, and by the client that adds.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/metrics.h"

namespace st::group {

// The client address as a number; 0: what an opening recovered, which counts for nobody.
std::uint64_t ClientNumber(const std::string& address);

// Threads: those of the coordinator, under its lock.
// Limits:  kMaxGroupBytes, kMaxClientGroupBytes, kGroupRoomShare (limits.h).
// Metrics: steelthread_group_bytes, steelthread_group_refused_total.
class Room {
 public:
  explicit Room(MetricRegistry* metrics);
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

 private:
  friend class Charge;
  // False, without a change: over a limit.
  bool Grow(std::uint64_t client, std::uint64_t bytes);
  void Shrink(std::uint64_t client, std::uint64_t bytes);

  std::uint64_t used_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> by_client_;
  Metric* used_metric_ = nullptr;
  Metric* refused_ = nullptr;
};

// The room that one thing takes; the destructor returns it. The Room must outlive it.
class Charge {
 public:
  Charge() = default;
  Charge(Charge&& other) noexcept
      : room_(other.room_), client_(other.client_), bytes_(std::exchange(other.bytes_, 0)) {}
  Charge& operator=(Charge&& other) noexcept {
    Release();
    room_ = other.room_;
    client_ = other.client_;
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }
  ~Charge() { Release(); }
  // Charges `bytes` to the client; false, with nothing charged, where they are over a limit. What
  // client 0 adds is always granted.
  static bool Take(Room& room, std::uint64_t client, std::uint64_t bytes, Charge& charge);
  // Holds `bytes` from now on. False, without a change: more are over a limit.
  bool Resize(std::uint64_t bytes);

 private:
  void Release() {
    if (bytes_ > 0) room_->Shrink(client_, bytes_);
    bytes_ = 0;
  }

  Room* room_ = nullptr;
  std::uint64_t client_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace st::group
