#include "api/kafka/fetch_handler.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <utility>

#include "api/kafka/errors.h"
#include "api/kafka/limits.h"
#include "format/kafka/leader_epoch.h"
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
  std::shared_ptr<Request> request;
  Responder responder;
  FetchSessions::Fetch fetch;
  std::int64_t min_bytes = 0;
  std::int64_t max_bytes = 0;
  bool is_over = false;  // the wait
  bool is_answered = false;
  bool is_waiting = false;
  bool is_reading = false;               // on the thread kafka-read
  std::int64_t polled = 0;               // partitions, of its client's share
  std::optional<std::uint64_t> waiting;  // handle of the log
  std::atomic<bool> is_posted = false;   // a TryAnswer that an append asked for

  const std::vector<FetchSession::Part>& parts() const { return fetch.partitions->parts(); }
};

bool FetchHandler::Handle(const net::FrameSession& /*session*/,
                          const std::shared_ptr<Request>& request, const Responder& responder) {
  const auto fetch = kafka::DecodeFetch(request->header);
  if (!fetch) return false;
  const auto wait_ms = std::clamp<std::int64_t>(fetch->max_wait_ms, 0, kMaxFetchWaitMs);
  auto poll = std::make_shared<Poll>();
  poll->request = request;
  poll->responder = responder;
  poll->fetch = sessions_.Take(*fetch, request->header.version >= kafka::kFirstFetchByTopicId);
  if (poll->fetch.error != ErrorCode::kNone) {
    Send(*poll, {.error = poll->fetch.error, .partitions = {}});
    return true;
  }
  FetchSessions::FindTopics(poll->fetch, log_);
  poll->max_bytes = std::clamp<std::int64_t>(fetch->max_bytes, 0, kMaxFetchBytes);
  poll->min_bytes = std::min<std::int64_t>(fetch->min_bytes, poll->max_bytes);
  poll->is_over = wait_ms == 0 || !MayWait(*poll);
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

// A poll that waits holds memory for each of its partitions, also when its client has gone. A fetch
// of a session is small, but its poll may hold a copy of all that the session has.
bool FetchHandler::MayWait(Poll& poll) {
  const auto partitions = static_cast<std::int64_t>(
      std::max(poll.parts().size(), poll.fetch.partitions->bytes() / kPolledPartitionBytes));
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

void FetchHandler::Answer(Poll& poll, Found found) {
  auto& fetch = poll.fetch;
  if (!sessions_.Finish(fetch, found.parts, poll.request->client)) return AnswerSuperseded(poll);
  Send(poll, {.session = fetch.session, .partitions = std::move(found.parts)});
}

// A later fetch of the session came, over another connection.
void FetchHandler::AnswerSuperseded(Poll& poll) {
  Send(poll, {.error = ErrorCode::kInvalidFetchSessionEpoch,
              .session = poll.fetch.session,
              .partitions = {}});
}

void FetchHandler::Send(Poll& poll, const kafka::FetchAnswer& answer) {
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
  for (const auto& part : answer.partitions) bytes += part.records.size() + kFetchedPartitionBytes;
  poll.responder->Reserve(bytes);
  std::string encoded = kafka::EncodeFetch(poll.request->header, answer);
  // The client may name what it fetches next once it has the answer.
  FetchSessions::Release(poll.fetch);
  poll.responder->Send(std::move(encoded));
}

void FetchHandler::TryAnswer(const std::shared_ptr<Poll>& poll) {
  if (poll->is_answered || poll->is_reading) return;
  if (poll->waiting) log_.CancelWait(*poll->waiting);
  poll->waiting.reset();
  if (!FetchSessions::IsCurrent(poll->fetch)) return AnswerSuperseded(*poll);
  const std::int64_t began_us = clock_.MonotonicUs();
  const std::int64_t room = RoomForRecords(*poll);
  if (room <= 0 && !poll->is_over) return PollAgain(poll, kFetchRoomPauseUs);
  if (auto found = ReadAll(*poll, room, log::DiskWait::kNever)) {
    return AnswerOrWait(poll, std::move(*found), clock_.MonotonicUs() - began_us);
  }
  poll->is_reading = true;
  reads_.Submit(poll->request->client, [this, poll, room] {
    const auto found =
        std::make_shared<Found>(ReadAll(*poll, room, log::DiskWait::kAllowed).value_or(Found{}));
    poll->responder->RunAfter(0, [this, poll, found] {
      poll->is_reading = false;
      AnswerOrWait(poll, std::move(*found), 0);
    });
  });
}

void FetchHandler::AnswerOrWait(const std::shared_ptr<Poll>& poll, Found found,
                                std::int64_t cost_us) {
  if (poll->is_over || found.bytes >= poll->min_bytes || found.ends_wait) {
    return Answer(*poll, std::move(found));
  }
  poll->responder->Reserve(0);
  // All polls that look again take a tenth of an io thread's time at most, one after the other.
  constexpr std::int64_t kShare = 10;
  constexpr std::int64_t kSpread = 16;
  const std::int64_t pause_us = std::max(kFetchPauseUs, cost_us * kShare * (waiting_ + 1));
  Wait(poll, found, pause_us + pause_us * (turn_++ % kSpread) / kSpread);
}

// Sets room aside: what the answer's records may have, beside one batch of any size.
std::int64_t FetchHandler::RoomForRecords(const Poll& poll) {
  const auto kept = log::kMaxBatchBytes + (poll.parts().size() + 1) * kFetchedPartitionBytes;
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

void FetchHandler::Wait(const std::shared_ptr<Poll>& poll, const Found& found,
                        std::int64_t pause_us) {
  // What was read and is too little would be read again at every append: those come in a burst, so
  // a poll that has something looks again after a pause. One that has nothing looks at once.
  const auto again = [this, poll, pause = found.has_some() ? pause_us : 0] {
    PollAgain(poll, pause);
  };
  std::vector<TopicPartition> tps;
  std::vector<std::int64_t> ends;
  tps.reserve(found.parts.size());
  ends.reserve(found.parts.size());
  for (std::size_t i = 0; i < found.parts.size(); ++i) {
    if (found.parts[i].error != ErrorCode::kNone) continue;
    tps.push_back(poll->parts()[i].tp());
    ends.push_back(found.parts[i].high_watermark);
  }
  poll->waiting = log_.WaitForAppend(tps, again);
  // What became durable between reading and registering woke nobody. A deleted topic ends at 0.
  for (std::size_t i = 0; i < tps.size(); ++i) {
    if (log_.EndOffset(tps[i]).value() != ends[i]) return again();
  }
}

bool FetchHandler::ReadRange(const FetchSession::Part& asked, FetchedPartition& part,
                             TopicId& found) const {
  // All partitions have the epoch 0 for good, so none that a client knows is behind it.
  if (asked.leader_epoch > kafka::kLeaderEpoch) {
    part.error = ErrorCode::kUnknownLeaderEpoch;
    return false;
  }
  const TopicPartition tp = asked.tp();
  part.high_watermark = log_.EndOffset(tp).value();
  part.log_start = log_.StartOffset(tp).value();
  if (part.high_watermark == 0 && tp.topic != found) {
    if (!log_.FindTopic(tp.topic)) {
      part.error = ErrorCode::kUnknownTopicOrPartition;  // deleted while the poll waited
      return false;
    }
    found = tp.topic;
  }
  const bool says_epoch = asked.last_epoch >= 0;
  const bool is_behind = asked.offset > part.high_watermark;
  if (asked.offset < part.log_start || asked.last_epoch > kafka::kLeaderEpoch ||
      (is_behind && !says_epoch)) {
    RefuseOffset(part);
    return false;
  }
  // As Kafka: a client that has records behind the end has others than this log (KIP-320).
  if (is_behind) part.diverging_end = part.high_watermark;
  return asked.offset < part.high_watermark;
}

bool FetchHandler::ReadRecords(const FetchSession::Part& asked, std::int64_t allowed,
                               log::DiskWait wait, FetchedPartition& part) const {
  const TopicPartition tp = asked.tp();
  const auto bytes = static_cast<std::uint64_t>(allowed);
  const Offset from(asked.offset);
  Result<std::optional<log::ReadResult>> read =
      wait == log::DiskWait::kNever ? log_.ReadCached(tp, from, bytes) : log_.Read(tp, from, bytes);
  if (read && !*read) return false;
  if (read) {
    part.records = std::move((*read)->batches);
  } else if (asked.offset < log_.StartOffset(tp).value()) {
    RefuseOffset(part);  // its record was removed meanwhile
  } else {
    part.error = KafkaErrorFor(read.error());
  }
  return true;
}

std::optional<FetchHandler::Found> FetchHandler::ReadAll(const Poll& poll, std::int64_t room,
                                                         log::DiskWait wait) const {
  Found found;
  found.parts.reserve(poll.parts().size());
  std::int64_t left = std::min(poll.max_bytes, room);
  bool has_none = true;  // that is there
  TopicId last_topic;
  for (const auto& asked : poll.parts()) {
    auto& part = found.parts.emplace_back(
        FetchedPartition{.topic = asked.topic->asked, .partition = asked.partition, .records = {}});
    part.error = asked.error();
    if (part.error == ErrorCode::kUnknownTopicOrPartition ||
        part.error == ErrorCode::kUnknownTopicId) {
      continue;  // as with Kafka, others may be waited for
    }
    has_none = false;
    const bool may_read = part.error == ErrorCode::kNone && ReadRange(asked, part, last_topic);
    // The first batch goes out whatever its size, so that a reader always moves on (KIP-74).
    const std::int64_t allowed = std::min<std::int64_t>(std::max(asked.max_bytes, 0), left);
    if (may_read && room > 0 && (allowed > 0 || found.bytes == 0) &&
        !ReadRecords(asked, allowed, wait, part)) {
      return std::nullopt;
    }
    const auto bytes = static_cast<std::int64_t>(part.records.size());
    found.bytes += bytes;
    left = std::max<std::int64_t>(left - bytes, 0);
    if (part.error != ErrorCode::kNone || part.diverging_end) found.ends_wait = true;
  }
  if (has_none) found.ends_wait = true;
  return found;
}

}  // namespace st::api
