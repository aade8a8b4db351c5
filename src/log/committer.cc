#include "log/committer.h"

#include <algorithm>
#include <type_traits>

#include "base/check.h"
#include "log/checkpoint_entries.h"
#include "log/end_mark.h"
#include "log/limits.h"
#include "log/partition_choice.h"
#include "log/recovery.h"
#include "log/request_check.h"

namespace st::log {

struct Committer::Group {
  std::vector<std::string> bytes;  // one a header, payload or padding
  std::uint64_t total_bytes = 0;
  std::int64_t records = 0;
  std::vector<IndexedBatch> batches;
  std::vector<TopicInfo> topics;
  std::set<TopicId> deleted;
  std::set<TopicPartition> appended;
  std::set<TopicPartition> moved;          // whose start moved
  bool has_holds = false;                  // or gaps
  std::optional<std::vector<Hold>> holds;  // as they are now, once a request asked for them
  Lsn durable{0};
  std::int64_t now_us = 0;
  // Run once the group is durable, or with the error that stopped it.
  std::vector<std::function<void(const Error*)>> completions;

  // The group's error, where `result` has none, else `result`.
  template <typename Done, typename ResultOrStatus>
  void Answer(Done done, ResultOrStatus result) {
    completions.push_back([done = std::move(done), result = std::move(result)](const Error* error) {
      error&& result ? done(std::unexpected(*error)) : done(result);
    });
  }
};

Committer::Committer(const os::Env& env, const LogOptions& options, CommitQueue& queue,
                     DurableView& view, AppendWaiters& waiters)
    : fs_(env.fs),
      clock_(env.clock),
      random_(env.random),
      options_(options),
      queue_(queue),
      view_(view),
      waiters_(waiters),
      writer_(fs_, options_) {
  if (env.metrics == nullptr) return;
  syncs_ = &env.metrics->Counter("steelthread_log_syncs_total", "Group commits made durable.");
  appended_bytes_ =
      &env.metrics->Counter("steelthread_log_appended_bytes_total", "Bytes made durable.");
  appended_records_ =
      &env.metrics->Counter("steelthread_log_appended_records_total", "Records made durable.");
}

Status Committer::Start() {
  ST_TRY_STATUS(fs_.CreateDirs(options_.dir));
  ST_TRY(auto recovered, Recover(fs_, options_.dir, view_.index()));
  state_ = std::move(recovered.state);
  next_lsn_ = recovered.next_lsn;
  epoch_ = recovered.epoch + 1;
  id_ = recovered.log_id;
  cut_tail_ = std::move(recovered.cut_tail);
  view_.ShowLost(std::move(recovered.lost));
  view_.ShowRecovered(state_);
  if (recovered.last_segment == 0) {
    id_ = random_.NewUuid();
    ST_TRY_STATUS(RollSegment());
  } else {
    ST_TRY_STATUS(writer_.Resume({.sequence = recovered.last_segment,
                                  .position = recovered.end_position,
                                  .checkpoint_end = recovered.checkpoint_end,
                                  .version = recovered.last_version}));
    ST_TRY_STATUS(UpgradeOldLog());
  }
  ST_TRY_STATUS(WriteEpoch());
  ShowEnd();
  is_marked_ = false;
  thread_ = os::Thread("log-commit", [this] { Run(); });
  return {};
}

void Committer::Stop() {
  thread_.Join();
  if (std::exchange(is_marked_, true) || poisoned_ || writer_.sequence() == 0) return;
  Ignore(WriteEndMark(fs_, options_.dir, {writer_.sequence(), writer_.position()}),
         "the one before stands, and promises less");
}

Status Committer::health() const {
  return trouble_.With([](const std::optional<Error>& trouble) -> Status {
    if (trouble) return std::unexpected(*trouble);
    return {};
  });
}

void Committer::Run() {
  while (true) {
    auto requests = queue_.Take(refused_bytes_ == 0 ? std::nullopt : std::optional(kRetryRoomUs));
    if (!requests) break;
    requests->empty() ? RetryRoom() : Commit(std::move(*requests));
  }
}

// Whoever waits for /readyz before it writes must see that writing is possible again.
void Committer::RetryRoom() {
  if (const auto room = MakeRoom(refused_bytes_); !room) {
    NoteTrouble(room.error());
    if (poisoned_) refused_bytes_ = 0;
    return;
  }
  refused_bytes_ = 0;
  trouble_.With([](auto& trouble) { trouble.reset(); });
}

Status Committer::MakeRoom(std::uint64_t bytes) {
  if (poisoned_) return health();
  ST_TRY_STATUS(writer_.CheckPlace());
  if (writer_.is_full(bytes)) ST_TRY_STATUS(RollSegment());
  return writer_.Reserve(bytes);
}

void Committer::NoteTrouble(const Error& error) {
  if (poisoned_) {
    trouble_.With([&](auto& trouble) { trouble = error; });
    return;
  }
  if (error.code() == ErrorCode::kUnavailable) {
    trouble_.With([&](auto& trouble) {
      trouble =
          Error(error.code(),
                fmt::format("{}; it is tried again every second, and writing goes on by itself",
                            error.message()));
    });
    return;
  }
  poisoned_ = true;
  trouble_.With([&](auto& trouble) {
    trouble = Error(ErrorCode::kIo,
                    fmt::format("{}; the log is closed until a restart", error.message()));
  });
}

void Committer::AnswerReads(std::vector<CommitRequest>& requests) const {
  std::erase_if(requests, [&](CommitRequest& request) {
    auto* const read = std::get_if<ProducersRequest>(&request);
    if (read == nullptr) return false;
    if (poisoned_) {  // the state may be ahead of what is durable
      read->done(std::unexpected(health().error()));
      return true;
    }
    const std::int64_t now_us = clock_.NowUs();
    std::vector<std::vector<Producers::Remembered>> found;
    found.reserve(read->tps.size());
    for (const auto& tp : read->tps) found.push_back(state_.producers().Of(tp, now_us));
    read->done(std::move(found));
    return true;
  });
}

void Committer::Commit(std::vector<CommitRequest> requests) {
  AnswerReads(requests);
  if (requests.empty()) {
    if (refused_bytes_ > 0) RetryRoom();  // reads alone must not keep it from trying
    return;
  }
  const bool has_room = MakeRoomOrRefuse(requests);
  if (requests.empty()) return;
  Group group{.durable = next_lsn_, .now_us = clock_.NowUs()};
  for (auto& request : requests) {
    std::visit(
        [&]<typename Request>(Request& one) {
          if constexpr (!std::is_same_v<Request, ProducersRequest>) PlanOne(group, one);
        },
        request);
  }
  if (!group.bytes.empty()) {
    if (const auto written = WriteGroup(group); !written) {
      // The pages may be gone: never retried, the log stays closed until it is opened again.
      const std::string& why = written.error().message();
      NoteTrouble(Error(ErrorCode::kIo, why));
      const Error unknown(ErrorCode::kOutcomeUnknown,
                          fmt::format("{}; what was stored shows at the next start", why));
      for (auto& done : group.completions) done(&unknown);
      return;
    }
  }
  if (has_room) {
    refused_bytes_ = 0;
    trouble_.With([](auto& trouble) { trouble.reset(); });
  }
  Publish(group);
}

// Room is made before anything is decided, so that a full disk changes no state.
bool Committer::MakeRoomOrRefuse(std::vector<CommitRequest>& requests) {
  const auto bound_of = [&] {
    std::uint64_t bound = 0;
    for (const auto& request : requests) bound += EntryBound(BytesOf(request));
    return bound;
  };
  const std::uint64_t bound = bound_of();
  const auto room = MakeRoom(bound);
  if (room) return true;
  NoteTrouble(room.error());
  refused_bytes_ = poisoned_ ? 0 : bound;
  // Who is refused may be a start, which ends: only the trouble says that the log tries again.
  const Error error = poisoned_ ? health().error() : room.error();
  const auto refuse = [&](const auto& is_refused) {
    std::erase_if(requests, [&](CommitRequest& request) {
      if (!is_refused(request)) return false;
      Refuse(request, error);
      return true;
    });
  };
  refuse([&](const CommitRequest& request) { return poisoned_ || !FreesDisk(request); });
  if (requests.empty()) return false;
  writer_.UseReserve(true);
  const auto reserved = MakeRoom(bound_of());
  writer_.UseReserve(false);
  if (!reserved) refuse([](const CommitRequest&) { return true; });
  return false;
}

void Committer::PlanOne(Group& group, AppendRequest& request) {
  Producers& producers = state_.producers();
  const std::int64_t producer = request.header.producer_id;
  const auto check = producers.CheckSequence(request.tp, request.header);
  const auto room = producers.MakeRoom(request.tp, producer, request.origin, group.now_us);
  Result<AppendResult> result;
  if (state_.topics().Range(request.tp) == nullptr) {
    // Deleted since the request was queued.
    result = Fail(ErrorCode::kNotFound, "no topic {}", request.tp.topic.ToString());
  } else if (!check || !room) {
    result = std::unexpected(check ? room.error() : check.error());
  } else if (check->is_duplicate) {
    result = check->original;
  } else {
    const std::int64_t base = state_.topics().Range(request.tp)->end;
    record::SetBaseOffset(request.batch, base, 0);
    const bool is_new_producer = producer >= 0 && !producers.Knows(request.tp, producer);
    const EntryHeader header{.type = EntryType::kBatch,
                             .flags = request.origin.is_server ? kFromServer : std::uint8_t{0},
                             .topic = request.tp.topic,
                             .partition = request.tp.partition.value(),
                             .records = request.header.record_count,
                             .base_offset = base,
                             .append_time_us = group.now_us};
    group.batches.push_back(
        {request.tp,
         {.base_offset = base,
          .max_time_ms = request.header.max_timestamp_ms,
          .segment = writer_.sequence(),
          .position = writer_.position() + group.total_bytes,
          .length = static_cast<std::uint32_t>(kEntryHeaderBytes + request.batch.size()),
          .records = header.records}});
    group.records += header.records;
    group.appended.insert(request.tp);
    PlanEntry(group, header, std::move(request.batch));
    if (is_new_producer) producers.Attribute(request.tp, producer, request.origin);
    result = AppendResult{Offset(base), group.now_us, false};
  }
  group.Answer(std::move(request.done), result);
}

void Committer::PlanTopic(Group& group, const TopicInfo& topic, const TopicSettings& settings) {
  PlanEntry(group,
            {.type = EntryType::kTopicState, .topic = topic.id, .partition = topic.partitions},
            EncodeTopicState(topic.name, settings));
  group.topics.push_back(state_.topics().Find(topic.id)->info);
}

void Committer::PlanOne(Group& group, TopicRequest& request) {
  const NewTopic& wanted = request.topic;
  Status may = state_.topics().CheckNew(wanted, request.origin);
  if (may && !wanted.settings.empty()) may = CheckFormat("a topic's settings");
  Result<TopicInfo> result;
  if (!may) {
    result = std::unexpected(may.error());
  } else {
    const TopicInfo topic{
        .id = TopicId(random_.NewUuid()), .name = wanted.name, .partitions = wanted.partitions};
    if (wanted.settings.empty()) {
      // As every program reads it.
      PlanEntry(group,
                {.type = EntryType::kTopic, .topic = topic.id, .partition = topic.partitions},
                topic.name);
      group.topics.push_back(topic);
    } else {
      PlanTopic(group, topic, wanted.settings);
    }
    result = group.topics.back();
  }
  group.Answer(std::move(request.done), result);
}

void Committer::PlanOne(Group& group, TopicChangeRequest& request) {
  const Status may = CheckFormat("a topic's change");
  const auto changed = ChangedTopic(state_, request);
  Result<TopicInfo> result;
  if (!may || !changed) {
    result = std::unexpected(may ? changed.error() : may.error());
  } else if (request.change.only_check) {
    result = changed->first;
  } else {
    PlanTopic(group, changed->first, changed->second);
    result = group.topics.back();
  }
  group.Answer(std::move(request.done), result);
}

void Committer::PlanOne(Group& group, TopicEndRequest& request) {
  Status may = CheckFormat("a topic's end");
  const Topics::Topic* const topic = state_.topics().Find(request.topic);
  if (may && topic == nullptr) {
    may = Fail(ErrorCode::kNotFound, "no topic {}", request.topic.ToString());
  }
  if (may) {
    // Who waits for records there is told.
    for (const auto tp : PartitionsOf(topic->info)) group.appended.insert(tp);
    PlanEntry(group, {.type = EntryType::kTopicEnd, .topic = request.topic}, "");
    group.deleted.insert(request.topic);
    group.has_holds = true;
    group.holds.reset();
  }
  group.Answer(std::move(request.done), may);
}

Status Committer::CheckFormat(std::string_view what) const {
  if (writer_.version() >= kSegmentVersion) return {};
  return Fail(ErrorCode::kUnavailable,
              "{}: the log's last segment is of format {}, this needs {}; it is written once the "
              "disk has room for another segment",
              what, writer_.version(), kSegmentVersion);
}

void Committer::PlanOne(Group& group, HoldRequest& request) {
  Status may = CheckFormat(fmt::format("hold \"{}\"", request.hold.name));
  if (may) may = CheckHold(state_, request.hold);
  if (may) {
    PlanEntry(group, {.type = EntryType::kHold, .append_time_us = group.now_us},
              std::move(request.payload));
    group.has_holds = true;
    group.holds.reset();
  }
  group.Answer(std::move(request.done), may);
}

void Committer::PlanOne(Group& group, GroupRequest& request) {
  Status may = CheckFormat("a consumer group");
  if (may && request.growth > 0) may = state_.groups().CheckRoom(request.growth);
  if (may) {
    PlanEntry(group, {.type = EntryType::kGroup, .append_time_us = group.now_us},
              std::move(request.payload));
  }
  group.Answer(std::move(request.done), may);
}

void Committer::PlanOne(Group& group, StartMoveRequest& request) {
  const auto& tp = request.move.tp;
  const Status may = CheckFormat("a partition's start");
  if (!group.holds) group.holds = state_.holds().All();
  const Result<MovedStart> moved =
      may ? MoveOfStart(state_, *group.holds, request.move) : std::unexpected(may.error());
  Result<Offset> start = moved ? Result<Offset>(moved->start) : std::unexpected(moved.error());
  if (start && !request.move.only_check && start->value() > state_.topics().Range(tp)->start) {
    PlanEntry(group,
              {.type = EntryType::kStart,
               .topic = tp.topic,
               .partition = tp.partition.value(),
               .base_offset = start->value(),
               .append_time_us = group.now_us},
              moved->payload());
    group.moved.insert(tp);
    if (!moved->overridden.empty()) group.has_holds = true;
  }
  group.Answer(std::move(request.done), start);
}

void Committer::PlanOne(Group& group, RemoveSegmentsRequest& request) {
  // What the group appends lies in the active segment, which stays, and what it deletes is in the
  // index until it is durable.
  const auto is_dead = [&](std::uint64_t segment) { return !view_.HasRecords(segment); };
  auto dead = state_.removed_segments().FindDead(writer_.sequence(), kMaxSegmentsAtOnce, is_dead);
  const Status may = dead.empty() ? Status() : CheckFormat("a segment's removal");
  Result<std::vector<std::uint64_t>> result;
  if (!may) {
    result = std::unexpected(may.error());
  } else {
    if (!dead.empty()) {
      PlanEntry(group, {.type = EntryType::kSegmentsRemoved, .append_time_us = group.now_us},
                EncodeRemovedSegments(dead));
    }
    result = std::move(dead);
  }
  group.Answer(std::move(request.done), result);
}

void Committer::PlanEntry(Group& group, EntryHeader header, std::string payload) {
  header.epoch = epoch_;
  header.lsn = next_lsn_;
  header.durable = group.durable;
  std::string raw;
  EncodeEntryHeader(header, payload, raw);
  // Entries were validated before this; failing to apply one is a bug.
  ST_CHECK(state_.Apply(header, payload).has_value());
  next_lsn_ = Lsn(next_lsn_.value() + 1);
  const std::size_t padding = header.padded_length() - header.length;
  group.total_bytes += header.padded_length();
  group.bytes.push_back(std::move(raw));
  group.bytes.push_back(std::move(payload));
  if (padding > 0) group.bytes.emplace_back(padding, '\0');
}

Status Committer::WriteGroup(Group& group) {
  std::vector<std::string_view> views(group.bytes.begin(), group.bytes.end());
  ST_TRY_STATUS(writer_.Append(views, group.total_bytes));
  NoteDurable();
  if (syncs_ != nullptr) {
    syncs_->Add();
    appended_bytes_->Add(static_cast<std::int64_t>(group.total_bytes));
    appended_records_->Add(group.records);
  }
  return {};
}

void Committer::NoteDurable() { view_.NoteDurable({writer_.sequence(), writer_.position()}); }

// Closes the active segment, if there is one, and starts the next with a checkpoint.
Status Committer::RollSegment() {
  if (writer_.sequence() > 0) {
    // First, so that a full disk does not cost a close and an index at each try.
    ST_TRY_STATUS(writer_.CheckSpaceForSegment());
    ST_TRY_STATUS(writer_.Close());
    // A segment with lost records is scanned at each opening, which shows them.
    if (const auto closed = writer_.sequence(); !view_.HasLost(closed)) {
      const auto index = os::WriteFileAtomically(
          fs_, os::JoinPath(options_.dir, IndexName(closed)),
          EncodeIndexFile(view_.index().EntriesOfSegment(closed), writer_.position()));
      Ignore(index, "an index that is missing is rebuilt from its segment");
    }
  }
  state_.MarkSince(next_lsn_);
  const auto [checkpoint, pieces] = CheckpointEntries(
      state_, {.epoch = epoch_, .lsn = next_lsn_, .append_time_us = clock_.NowUs()});
  ST_TRY_STATUS(writer_.Start({.sequence = writer_.sequence() + 1,
                               .log_id = id_,
                               .first_lsn = next_lsn_,
                               .program = options_.program},
                              checkpoint));
  NoteDurable();
  view_.ShowMarkedSince(*state_.marked_since());
  next_lsn_ = Lsn(next_lsn_.value() + static_cast<std::uint64_t>(pieces));
  if (writer_.sequence() > 1) {
    Ignore(WriteEndMark(fs_, options_.dir, {writer_.sequence(), writer_.position()}),
           "the one before stands, and promises less");
  }
  return {};
}

// In a segment of an older format an older program would take the entries that are new for a torn
// tail, and version 1 does not say which batches are the server's. A new segment is refused by
// older programs. On a full disk the upgrade waits for the next segment.
Status Committer::UpgradeOldLog() {
  if (state_.marked_since()) view_.ShowMarkedSince(*state_.marked_since());
  if (writer_.version() == kSegmentVersion && state_.marked_since()) return {};
  const auto rolled = RollSegment();
  if (rolled || rolled.error().code() == ErrorCode::kUnavailable) return {};
  return rolled;
}

// Each opening starts a synced epoch: what was recovered before it is durable from now on.
Status Committer::WriteEpoch() {
  Group group{.durable = next_lsn_, .now_us = clock_.NowUs()};
  PlanEntry(group, {.type = EntryType::kEpoch, .append_time_us = group.now_us}, options_.program);
  // The reserve does not stop an opening: what is in the log must stay readable on a full disk.
  return WriteGroup(group);
}

void Committer::ShowEnd() {
  view_.ShowEnd({.lsn = next_lsn_, .place = {writer_.sequence(), writer_.position()}});
}

void Committer::Publish(Group& group) {
  view_.index().Add(group.batches);
  if (!group.deleted.empty()) view_.HideTopics(group.deleted);
  std::erase_if(group.topics, [&](const TopicInfo& one) { return group.deleted.contains(one.id); });
  if (!group.topics.empty()) view_.ShowTopics(group.topics);
  view_.ShowRanges(group.appended, state_);
  view_.ShowStarts(group.moved, state_);
  if (group.has_holds) view_.ShowHolds(state_);
  ShowEnd();
  for (auto& done : group.completions) done(nullptr);
  if (!group.appended.empty()) waiters_.Wake(group.appended);
}

}  // namespace st::log
