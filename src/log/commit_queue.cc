#include "log/commit_queue.h"

#include <chrono>
#include <iterator>
#include <utility>

#include "log/limits.h"

namespace st::log {

std::uint64_t BytesOf(const CommitRequest& request) {
  return std::visit([](const auto& r) { return r.bytes(); }, request);
}

bool FreesDisk(const CommitRequest& request) {
  return std::holds_alternative<StartMoveRequest>(request) ||
         std::holds_alternative<RemoveSegmentsRequest>(request) ||
         std::holds_alternative<HoldRequest>(request);
}

void Refuse(CommitRequest& request, const Error& error) {
  std::visit([&](auto& r) { r.done(std::unexpected(error)); }, request);
}

// Counted in queued_bytes_ until a request takes it.
class CommitQueue::Room final : public QueueRoom {
 public:
  Room(CommitQueue& queue, std::uint64_t bytes) : bytes(bytes), queue_(queue) {}
  ~Room() override {
    MutexLock lock(queue_.mu_);
    queue_.queued_bytes_ -= bytes;
  }
  std::uint64_t bytes;  // guarded by the queue's mu_

 private:
  CommitQueue& queue_;
};

Status CommitQueue::Admit(std::uint64_t bytes, std::uint64_t less) {
  if (is_closed_) return Fail(ErrorCode::kShutdown, "the log is closed");
  if (queued_bytes_ - less + bytes > max_bytes_) {
    return Fail(ErrorCode::kUnavailable, "log queue full: {} bytes wait, at most {}; retry later",
                queued_bytes_, max_bytes_);
  }
  queued_bytes_ = queued_bytes_ - less + bytes;
  return {};
}

Result<std::unique_ptr<QueueRoom>> CommitQueue::Reserve(std::uint64_t bytes) {
  {
    MutexLock lock(mu_);
    ST_TRY_STATUS(Admit(bytes, 0));
  }
  return std::make_unique<Room>(*this, bytes);
}

void CommitQueue::Add(CommitRequest request, QueueRoom* room) {
  auto* const reserved = static_cast<Room*>(room);
  Status admitted;
  {
    MutexLock lock(mu_);
    admitted = Admit(BytesOf(request), reserved != nullptr ? reserved->bytes : 0);
    if (admitted) {
      if (reserved != nullptr) reserved->bytes = 0;
      queue_.push_back(std::move(request));
      if (queue_.size() == 1) wake_.NotifyOne();
      return;
    }
  }
  Refuse(request, admitted.error());
}

std::optional<std::vector<CommitRequest>> CommitQueue::Take(std::optional<std::int64_t> wait_us) {
  MutexLock lock(mu_);
  std::vector<CommitRequest> taken;
  while (queue_.empty() && !is_closed_) {
    if (!wait_us) {
      wake_.Wait(mu_);
    } else if (!wake_.WaitFor(mu_, std::chrono::microseconds(*wait_us))) {
      return taken;
    }
  }
  if (queue_.empty()) return std::nullopt;
  std::uint64_t bytes = 0;
  std::size_t n = 0;
  for (; n < queue_.size() && bytes <= kMaxCommitBytes; ++n) bytes += BytesOf(queue_[n]);
  queued_bytes_ -= bytes;
  if (n == queue_.size()) {
    taken.swap(queue_);
  } else {
    const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(n);
    taken.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
    queue_.erase(queue_.begin(), end);
  }
  return taken;
}

void CommitQueue::Close() {
  MutexLock lock(mu_);
  is_closed_ = true;
  wake_.NotifyOne();
}

}  // namespace st::log
