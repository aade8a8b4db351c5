#include "api/kafka/fetch_handler.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <set>

#include "api/kafka/errors.h"
#include "api/kafka/limits.h"
#include "format/kafka/metadata.h"
#include "log/limits.h"

namespace st::api {

using kafka::ErrorCode;
using kafka::FetchedPartition;

namespace {

// As Kafka, which tells no range then.
void RefuseOffset(FetchedPartition& part) {
  part.error = ErrorCode::kOffsetOutOfRange;
  part.high_watermark = -1;
  part.log_start = -1;
}

}  // namespace

struct FetchHandler::Poll {
  struct Wanted {
    kafka::FetchPartition asked;
    std::optional<TopicPartition> tp;    // none: there is no such partition
    ErrorCode error = ErrorCode::kNone;  // then
  };
  std::shared_ptr<Request> request;
  Responder responder;
  std::vector<Wanted> wanted;
  std::int64_t min_bytes = 0;
  std::int64_t max_bytes = 0;
  bool is_over = false;  // the wait
  bool is_answered = false;
  bool is_waiting = false;
  bool is_reading = false;               // on the thread kafka-read
  std::int64_t polled = 0;               // partitions, of its client's share
  std::optional<std::uint64_t> waiting;  // handle of the log
  std::atomic<bool> is_posted = false;   // a TryAnswer that an append asked for
};

bool FetchHandler::Handle(const net::FrameSession& /*session*/,
                          const std::shared_ptr<Request>& request, const Responder& responder) {
  const auto fetch = kafka::DecodeFetch(request->header);
  if (!fetch) return false;
  const auto wait_ms = std::clamp<std::int64_t>(fetch->max_wait_ms, 0, kMaxFetchWaitMs);
  auto poll = std::make_shared<Poll>();
  poll->request = request;
  poll->responder = responder;
  poll->max_bytes = std::clamp<std::int64_t>(fetch->max_bytes, 0, kMaxFetchBytes);
  poll->min_bytes = std::min<std::int64_t>(fetch->min_bytes, poll->max_bytes);
  poll->is_over = wait_ms == 0;
  PartitionFinder finder(log_);
  std::set<TopicPartition> seen;
  for (const auto& asked : fetch->partitions) {
    const auto tp = finder.Find(asked.topic, asked.partition);
    if (tp && !seen.insert(*tp).second) continue;  // each once
    poll->wanted.push_back(
        {.asked = asked, .tp = tp, .error = tp ? ErrorCode::kNone : finder.error()});
  }
  if (!poll->is_over && !MayWait(*poll)) poll->is_over = true;
  TryAnswer(poll);
  if (poll->is_answered) return true;
  poll->is_waiting = true;
  ++waiting_;
  responder->RunAfter(wait_ms * 1000, [this, poll] {
    poll->is_over = true;
    TryAnswer(poll);
  });
  return true;
}

// A poll that waits holds memory for each of its partitions, also when its client has gone.
bool FetchHandler::MayWait(Poll& poll) {
  const auto partitions = static_cast<std::int64_t>(poll.wanted.size());
  const bool may = polled_.With([&](Polled& polled) {
    auto& of_client = polled.by_client[poll.request->client];
    if (of_client + partitions > kMaxPolledPartitions ||
        polled.in_all + partitions > kMaxPolledPartitionsInAll) {
      if (of_client == 0) polled.by_client.erase(poll.request->client);
      return false;
    }
    of_client += partitions;
    polled.in_all += partitions;
    return true;
  });
  if (may) poll.polled = partitions;
  return may;
}

void FetchHandler::Answer(Poll& poll, const std::vector<FetchedPartition>& parts) {
  poll.is_answered = true;
  if (poll.is_waiting) --waiting_;
  if (const auto polled = std::exchange(poll.polled, 0); polled > 0) {
    polled_.With([&](Polled& all) {
      all.in_all -= polled;
      const auto found = all.by_client.find(poll.request->client);
      if ((found->second -= polled) == 0) all.by_client.erase(found);
    });
  }
  std::uint64_t bytes = 0;
  for (const auto& part : parts) bytes += part.records.size() + kFetchedPartitionBytes;
  poll.responder->Reserve(bytes);
  poll.responder->Send(kafka::EncodeFetch(poll.request->header, {.partitions = parts}));
}

void FetchHandler::TryAnswer(const std::shared_ptr<Poll>& poll) {
  if (poll->is_answered || poll->is_reading) return;
  if (poll->waiting) log_.CancelWait(*poll->waiting);
  poll->waiting.reset();
  const std::int64_t began_us = clock_.MonotonicUs();
  const std::int64_t room = RoomForRecords(*poll);
  if (room <= 0 && !poll->is_over) return PollAgain(poll, kFetchRoomPauseUs);
  if (const auto found = ReadAll(*poll, room, log::DiskWait::kNever)) {
    return AnswerOrWait(poll, *found, clock_.MonotonicUs() - began_us);
  }
  poll->is_reading = true;
  reads_.Submit(poll->request->client, [this, poll, room] {
    const auto found = std::make_shared<const Found>(
        ReadAll(*poll, room, log::DiskWait::kAllowed).value_or(Found{}));
    poll->responder->RunAfter(0, [this, poll, found] {
      poll->is_reading = false;
      AnswerOrWait(poll, *found, 0);
    });
  });
}

void FetchHandler::AnswerOrWait(const std::shared_ptr<Poll>& poll, const Found& found,
                                std::int64_t cost_us) {
  const auto& parts = found.parts;
  const bool failed =
      std::ranges::any_of(parts, [](const auto& p) { return p.error != ErrorCode::kNone; });
  if (poll->is_over || found.bytes >= poll->min_bytes || failed || parts.empty()) {
    return Answer(*poll, parts);
  }
  poll->responder->Reserve(0);
  // All polls that look again take a tenth of an io thread's time at most, one after the other.
  constexpr std::int64_t kShare = 10;
  constexpr std::int64_t kSpread = 16;
  const std::int64_t pause_us = std::max(kFetchPauseUs, cost_us * kShare * (waiting_ + 1));
  Wait(poll, parts, pause_us + pause_us * (turn_++ % kSpread) / kSpread);
}

// Sets room aside: what the answer's records may have, beside one batch of any size.
std::int64_t FetchHandler::RoomForRecords(const Poll& poll) {
  const auto kept = log::kMaxBatchBytes + (poll.wanted.size() + 1) * kFetchedPartitionBytes;
  const std::uint64_t room = poll.responder->Room();
  if (room <= kept) return 0;
  const auto records =
      std::min<std::uint64_t>(room - kept, static_cast<std::uint64_t>(poll.max_bytes) + 1);
  return poll.responder->Reserve(kept + records) ? static_cast<std::int64_t>(records) : 0;
}

void FetchHandler::PollAgain(const std::shared_ptr<Poll>& poll, std::int64_t pause_us) {
  if (poll->is_posted.exchange(true)) return;
  poll->responder->RunAfter(pause_us, [this, poll] {
    poll->is_posted = false;
    TryAnswer(poll);
  });
}

void FetchHandler::Wait(const std::shared_ptr<Poll>& poll,
                        const std::vector<FetchedPartition>& parts, std::int64_t pause_us) {
  // What was read and is too little would be read again at every append: those come in a burst, so
  // a poll that has something looks again after a pause. One that has nothing looks at once.
  const bool has_some =
      std::ranges::any_of(parts, [](const auto& p) { return !p.records.empty(); });
  const auto again = [this, poll, pause = has_some ? pause_us : 0] { PollAgain(poll, pause); };
  std::vector<TopicPartition> tps;
  for (const auto& wanted : poll->wanted) tps.push_back(wanted.tp.value());
  poll->waiting = log_.WaitForAppend(tps, again);
  // What became durable between reading and registering woke nobody. A deleted topic ends at 0.
  for (std::size_t i = 0; i < tps.size(); ++i) {
    if (log_.EndOffset(tps[i]).value() != parts[i].high_watermark) return again();
  }
}

Result<std::optional<log::ReadResult>> FetchHandler::Read(TopicPartition tp, Offset from,
                                                          std::int64_t max_bytes,
                                                          log::DiskWait wait) const {
  const auto bytes = static_cast<std::uint64_t>(max_bytes);
  if (wait == log::DiskWait::kNever) return log_.ReadCached(tp, from, bytes);
  return log_.Read(tp, from, bytes);
}

std::optional<FetchHandler::Found> FetchHandler::ReadAll(const Poll& poll, std::int64_t room,
                                                         log::DiskWait wait) const {
  Found found;
  auto& [parts, bytes] = found;
  parts.reserve(poll.wanted.size());
  const bool has_room = room > 0;
  std::int64_t left = std::min(poll.max_bytes, room);
  for (const auto& [wanted, tp, error] : poll.wanted) {
    auto& part = parts.emplace_back(
        FetchedPartition{.topic = wanted.topic, .partition = wanted.partition, .records = {}});
    if (!tp) {
      part.error = error;
      continue;
    }
    // All partitions have the epoch 0 for good, so none that a client knows is behind it.
    if (wanted.leader_epoch > kafka::kLeaderEpoch) {
      part.error = ErrorCode::kUnknownLeaderEpoch;
      continue;
    }
    const std::int64_t allowed = std::min<std::int64_t>(std::max(wanted.max_bytes, 0), left);
    part.high_watermark = log_.EndOffset(*tp).value();
    part.log_start = log_.StartOffset(*tp).value();
    if (part.high_watermark == 0 && !log_.FindTopic(tp->topic)) {
      part.error = ErrorCode::kUnknownTopicOrPartition;  // deleted while the poll waited
      continue;
    }
    if (wanted.offset < part.log_start || wanted.offset > part.high_watermark) {
      RefuseOffset(part);
      continue;
    }
    if (wanted.offset == part.high_watermark) continue;
    // The first batch goes out whatever its size, so that a reader always moves on (KIP-74).
    if (!has_room || (allowed == 0 && bytes > 0)) continue;
    auto read = Read(*tp, Offset(wanted.offset), allowed, wait);
    if (!read && wanted.offset < log_.StartOffset(*tp).value()) {
      RefuseOffset(part);  // its record was removed meanwhile
      continue;
    }
    if (!read) {
      part.error = KafkaErrorFor(read.error());
      continue;
    }
    if (!*read) return std::nullopt;
    part.records = std::move((*read)->batches);
    bytes += static_cast<std::int64_t>(part.records.size());
    left = std::max<std::int64_t>(left - static_cast<std::int64_t>(part.records.size()), 0);
  }
  return found;
}

}  // namespace st::api
