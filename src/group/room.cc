#include "group/room.h"

#include <algorithm>
#include <functional>

#include "group/limits.h"

namespace st::group {

std::uint64_t ClientNumber(const std::string& address) {
  return std::hash<std::string>()(address) | 1;
}

Room::Room(MetricRegistry* metrics) {
  if (metrics == nullptr) return;
  used_metric_ = &metrics->Gauge("steelthread_group_bytes",
                                 "Memory of consumer groups, their members and offsets.");
  refused_ = &metrics->Counter("steelthread_group_refused_total",
                               "Members, offsets and assignments for which there was no room.");
}

bool Room::Grow(std::uint64_t client, std::uint64_t bytes) {
  if (client != 0) {
    const auto found = by_client_.find(client);
    const std::uint64_t own = found == by_client_.end() ? 0 : found->second;
    const std::uint64_t others = by_client_.size() - (found == by_client_.end() ? 0 : 1);
    const std::uint64_t free = kMaxGroupBytes - std::min(used_, kMaxGroupBytes);
    const auto most = std::min(kMaxClientGroupBytes, free / (others + kGroupRoomShare));
    if (own + bytes > most) {
      if (refused_ != nullptr) refused_->Add();
      return false;
    }
    by_client_[client] += bytes;
  }
  used_ += bytes;
  if (used_metric_ != nullptr) used_metric_->Set(static_cast<std::int64_t>(used_));
  return true;
}

void Room::Shrink(std::uint64_t client, std::uint64_t bytes) {
  used_ -= bytes;
  if (used_metric_ != nullptr) used_metric_->Set(static_cast<std::int64_t>(used_));
  const auto found = by_client_.find(client);
  if (found == by_client_.end()) return;
  if ((found->second -= bytes) == 0) by_client_.erase(found);
}

bool Charge::Take(Room& room, std::uint64_t client, std::uint64_t bytes, Charge& charge) {
  charge.Release();
  charge.room_ = &room;
  charge.client_ = client;
  return charge.Resize(bytes);
}

bool Charge::Resize(std::uint64_t bytes) {
  if (bytes > bytes_ && !room_->Grow(client_, bytes - bytes_)) return false;
  if (bytes < bytes_) room_->Shrink(client_, bytes_ - bytes);
  bytes_ = bytes;
  return true;
}

}  // namespace st::group
