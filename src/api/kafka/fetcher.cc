#include "api/kafka/fetcher.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "api/kafka/errors.h"
#include "api/kafka/limits.h"

namespace st::api {

using kafka::ErrorCode;
using kafka::FetchedPartition;

struct Fetcher::Poll {
  std::shared_ptr<Request> request;
  Responder responder;
  kafka::FetchRequest fetch;
  bool is_over = false;  // the wait
  bool is_answered = false;
  std::optional<std::uint64_t> waiting;  // handle of the log
  std::atomic<bool> is_posted = false;   // a Step that an append asked for
};

void Fetcher::Fetch(const std::shared_ptr<Request>& request, const Responder& responder) {
  const auto fetch = kafka::DecodeFetch(request->header);
  if (!fetch) return responder->Close();
  const auto wait_ms = std::clamp<std::int64_t>(fetch->max_wait_ms, 0, kMaxFetchWaitMs);
  auto poll = std::make_shared<Poll>();
  poll->request = request;
  poll->responder = responder;
  poll->fetch = *fetch;
  poll->is_over = wait_ms == 0;
  Step(poll);
  if (poll->is_answered) return;
  run_after_(wait_ms * 1000, [this, poll] {
    poll->is_over = true;
    Step(poll);
  });
}

void Fetcher::Step(const std::shared_ptr<Poll>& poll) {
  if (poll->is_answered) return;
  if (poll->waiting) log_.CancelWait(*poll->waiting);
  poll->waiting.reset();
  std::int64_t bytes = 0;
  const auto parts = ReadAll(poll->fetch, bytes);
  const bool failed =
      std::ranges::any_of(parts, [](const auto& p) { return p.error != ErrorCode::kNone; });
  if (poll->is_over || bytes >= poll->fetch.min_bytes || failed || parts.empty()) {
    poll->is_answered = true;
    return poll->responder->Send(kafka::EncodeFetch(poll->request->header, parts));
  }
  Wait(poll, parts);
}

void Fetcher::Wait(const std::shared_ptr<Poll>& poll, const std::vector<FetchedPartition>& parts) {
  // What was read and is too little would be read again at every append: those come in a burst, so
  // a poll that has something looks again after a pause. One that has nothing looks at once.
  const bool has_some =
      std::ranges::any_of(parts, [](const auto& p) { return !p.records.empty(); });
  const auto again = [this, poll, pause = has_some ? kFetchPauseUs : 0] {
    if (poll->is_posted.exchange(true)) return;
    run_after_(pause, [this, poll] {
      poll->is_posted = false;
      Step(poll);
    });
  };
  std::vector<TopicPartition> tps;
  for (const auto& part : parts) {
    if (const auto tp = FindPartition(log_, part.topic, part.partition)) tps.push_back(*tp);
  }
  poll->waiting = log_.WaitForAppend(tps, again);
  // What became durable between reading and registering woke nobody.
  for (std::size_t i = 0; i < tps.size(); ++i) {
    if (log_.EndOffset(tps[i]).value() > parts[i].high_watermark) return again();
  }
}

std::vector<FetchedPartition> Fetcher::ReadAll(const kafka::FetchRequest& fetch,
                                               std::int64_t& bytes) const {
  std::vector<FetchedPartition> parts;
  std::int64_t left = std::min<std::int64_t>(std::max(fetch.max_bytes, 0), kMaxFetchBytes);
  bytes = 0;
  for (const auto& wanted : fetch.partitions) {
    auto& part =
        parts.emplace_back(FetchedPartition{.topic = wanted.topic, .partition = wanted.partition});
    const auto tp = FindPartition(log_, wanted.topic, wanted.partition);
    if (!tp) {
      part.error = ErrorCode::kUnknownTopicOrPartition;
      continue;
    }
    const std::int64_t allowed = std::min<std::int64_t>(std::max(wanted.max_bytes, 0), left);
    part.high_watermark = log_.EndOffset(*tp).value();
    part.log_start = log_.StartOffset(*tp).value();
    if (wanted.offset < part.log_start || wanted.offset > part.high_watermark) {
      part.error = ErrorCode::kOffsetOutOfRange;
      continue;
    }
    // The first batch goes out whatever its size, so that a reader always moves on (KIP-74).
    if (allowed == 0 && bytes > 0) continue;
    auto read = log_.Read(*tp, Offset(wanted.offset), static_cast<std::uint64_t>(allowed));
    if (!read) {
      part.error = KafkaErrorFor(read.error());
      continue;
    }
    part.records = std::move(read->batches);
    bytes += static_cast<std::int64_t>(part.records.size());
    left = std::max<std::int64_t>(left - static_cast<std::int64_t>(part.records.size()), 0);
  }
  return parts;
}

}  // namespace st::api
