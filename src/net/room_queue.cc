#include "net/room_queue.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "net/limits.h"

namespace st::net {

void RoomQueue::Add(Retry retry) {
  waiting_.With([&](auto& waiting) {
    waiting.push_back(std::move(retry));
    size_ = waiting.size();
  });
}

void RoomQueue::RetrySome() {
  if (size_ == 0) return;
  std::vector<Retry> first;
  waiting_.With([&](auto& waiting) {
    for (std::size_t n = std::min(waiting.size(), kRetriedWaiters); n > 0; --n) {
      first.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    size_ = waiting.size();
  });
  for (const auto& retry : first) retry();
}

}  // namespace st::net
