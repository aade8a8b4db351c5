// The commit thread's side of CommitLog: it writes what gathered while the last sync ran.
#include <algorithm>

#include "base/check.h"
#include "log/commit_log.h"

namespace st::log {

struct CommitLog::Group {
  std::vector<std::string> bytes;  // one a header, payload or padding
  std::uint64_t total_bytes = 0;
  std::int64_t records = 0;
  std::vector<IndexedBatch> batches;
  std::vector<TopicInfo> topics;
  std::set<TopicPartition> appended;
  bool has_holds = false;
  Lsn durable{0};
  std::int64_t now_us = 0;
  // Run once the group is durable, or with the error that stopped it.
  std::vector<std::function<void(const Error*)>> completions;
};

namespace {
std::uint64_t EntryBound(std::uint64_t payload) {
  return payload + kEntryHeaderBytes + kEntryAlignment;
}
}  // namespace

std::uint64_t CommitLog::BytesOf(const Request& request) {
  return std::visit([](const auto& r) { return r.bytes(); }, request);
}

void CommitLog::Refuse(Request& request, const Error& error) {
  std::visit([&](auto& r) { r.done(std::unexpected(error)); }, request);
}

std::vector<CommitLog::Request> CommitLog::TakeQueue(bool& is_end) {
  MutexLock lock(mu_);
  while (queue_.empty() && !stopping_) {
    if (refused_bytes_ == 0) {
      wake_.Wait(mu_);
    } else if (!wake_.WaitFor(mu_, std::chrono::microseconds(kRetryRoomUs))) {
      return {};
    }
  }
  is_end = queue_.empty();
  std::vector<Request> taken;
  std::uint64_t bytes = 0;
  std::size_t n = 0;
  for (; n < queue_.size() && bytes <= kMaxCommitBytes; ++n) {
    bytes += BytesOf(queue_[n]);
  }
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

void CommitLog::RunCommits() {
  while (true) {
    bool is_end = false;
    auto requests = TakeQueue(is_end);
    if (is_end) break;
    requests.empty() ? RetryRoom() : Commit(std::move(requests));
  }
}

// Whoever waits for /readyz before it writes must see that writing is possible again.
void CommitLog::RetryRoom() {
  if (const auto room = MakeRoom(refused_bytes_); !room) {
    NoteTrouble(room.error());
    if (poisoned_) refused_bytes_ = 0;
    return;
  }
  refused_bytes_ = 0;
  trouble_.With([](auto& trouble) { trouble.reset(); });
}

Status CommitLog::MakeRoom(std::uint64_t bytes) {
  if (poisoned_) return health();
  ST_TRY_STATUS(writer_.CheckPlace());
  if (writer_.is_full(bytes)) ST_TRY_STATUS(RollSegment());
  return writer_.Reserve(bytes);
}

void CommitLog::NoteTrouble(const Error& error) {
  if (error.code() == ErrorCode::kUnavailable || poisoned_) {
    trouble_.With([&](auto& trouble) { trouble = error; });
    return;
  }
  poisoned_ = true;
  trouble_.With([&](auto& trouble) {
    trouble = Error(ErrorCode::kIo,
                    fmt::format("{}; the log is closed until a restart", error.message()));
  });
}

void CommitLog::Commit(std::vector<Request> requests) {
  std::uint64_t bound = 0;
  for (const auto& request : requests) bound += EntryBound(BytesOf(request));
  // Room is made before anything is decided, so that a full disk changes no state.
  if (const auto room = MakeRoom(bound); !room) {
    NoteTrouble(room.error());
    refused_bytes_ = poisoned_ ? 0 : bound;
    const Error error = health().error();
    for (auto& request : requests) Refuse(request, error);
    return;
  }
  Group group{.durable = next_lsn_, .now_us = clock_.NowUs()};
  for (auto& request : requests) Plan(group, request);
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
  refused_bytes_ = 0;
  trouble_.With([](auto& trouble) { trouble.reset(); });
  Publish(group);
}

void CommitLog::Plan(Group& group, Request& request) {
  std::visit([&](auto& r) { PlanOne(group, r); }, request);
}

void CommitLog::PlanOne(Group& group, AppendRequest& request) {
  Producers& producers = state_.producers();
  const std::int64_t producer = request.header.producer_id;
  const auto check = producers.CheckSequence(request.tp, request.header);
  const auto room = producers.MakeRoom(request.tp, producer, request.origin, group.now_us);
  Result<AppendResult> result;
  if (!check || !room) {
    result = std::unexpected(check ? room.error() : check.error());
  } else if (check->is_duplicate) {
    result = check->original;
  } else {
    const std::int64_t base = state_.topics().Range(request.tp)->end;
    record::SetBaseOffset(request.batch, base, 0);
    const std::uint8_t flags = request.origin.is_server ? kFromServer : 0;
    const bool is_new_producer = producer >= 0 && !producers.Knows(request.tp, producer);
    const EntryHeader header{.type = EntryType::kBatch,
                             .flags = flags,
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
  group.completions.push_back([done = std::move(request.done), result](const Error* error) {
    error&& result ? done(std::unexpected(*error)) : done(result);
  });
}

void CommitLog::PlanOne(Group& group, TopicRequest& request) {
  Result<TopicInfo> result;
  const auto may = state_.topics().CheckNew(request.name, request.partitions, request.origin);
  if (!may) {
    result = std::unexpected(may.error());
  } else {
    const TopicInfo topic{TopicId(random_.NewUuid()), request.name, request.partitions};
    PlanEntry(group, {.type = EntryType::kTopic, .topic = topic.id, .partition = topic.partitions},
              request.name);
    group.topics.push_back(topic);
    result = topic;
  }
  group.completions.push_back([done = std::move(request.done), result](const Error* error) {
    error&& result ? done(std::unexpected(*error)) : done(result);
  });
}

Status CommitLog::CheckHold(const Hold& hold) const {
  if (writer_.version() < kSegmentVersion) {
    return Fail(ErrorCode::kUnavailable,
                "hold \"{}\": the log's last segment is of format {}, holds need {}; it is "
                "written once the disk has room for another segment",
                hold.name, writer_.version(), kSegmentVersion);
  }
  for (const auto& [tp, from] : hold.from) {
    const OffsetRange* const range = state_.topics().Range(tp);
    if (range == nullptr) {
      return Fail(ErrorCode::kNotFound, "hold \"{}\": topic {} has no partition {}", hold.name,
                  tp.topic.ToString(), tp.partition);
    }
    if (from.value() < range->start || from.value() > range->end) {
      return Fail(ErrorCode::kInvalidArgument, "hold \"{}\": offset {} out of range {}..{}",
                  hold.name, from, range->start, range->end);
    }
  }
  return state_.holds().Check(hold);
}

void CommitLog::PlanOne(Group& group, HoldRequest& request) {
  const Status may = CheckHold(request.hold);
  if (may) {
    PlanEntry(group, {.type = EntryType::kHold, .append_time_us = group.now_us},
              std::move(request.payload));
    group.has_holds = true;
  }
  group.completions.push_back([done = std::move(request.done), may](const Error* error) {
    error&& may ? done(std::unexpected(*error)) : done(may);
  });
}

void CommitLog::PlanEntry(Group& group, EntryHeader header, std::string payload) {
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

Status CommitLog::WriteGroup(Group& group) {
  std::vector<std::string_view> views(group.bytes.begin(), group.bytes.end());
  ST_TRY_STATUS(writer_.Append(views, group.total_bytes));
  NoteEnd();
  if (syncs_ != nullptr) {
    syncs_->Add();
    appended_bytes_->Add(static_cast<std::int64_t>(group.total_bytes));
    appended_records_->Add(group.records);
  }
  return {};
}

void CommitLog::NoteEnd() {
  durable_end_.With([&](EndMark& end) { end = {writer_.sequence(), writer_.position()}; });
}

// Closes the active segment, if there is one, and starts the next with a checkpoint.
Status CommitLog::RollSegment() {
  if (writer_.sequence() > 0) {
    // First, so that a full disk does not cost a close and an index at each try.
    ST_TRY_STATUS(writer_.CheckSpaceForSegment());
    ST_TRY_STATUS(writer_.Close());
    const auto index = os::WriteFileAtomically(
        fs_, os::JoinPath(options_.dir, IndexName(writer_.sequence())),
        EncodeIndexFile(index_.OfSegment(writer_.sequence()), writer_.position()));
    Ignore(index, "an index that is missing is rebuilt from its segment");
  }
  state_.MarkSince(next_lsn_);
  const auto [checkpoint, pieces] = CheckpointEntries();
  ST_TRY_STATUS(writer_.Start({.sequence = writer_.sequence() + 1,
                               .log_id = id_,
                               .first_lsn = next_lsn_,
                               .program = options_.program},
                              checkpoint));
  NoteEnd();
  marked_since_ = state_.marked_since()->value();
  next_lsn_ = Lsn(next_lsn_.value() + static_cast<std::uint64_t>(pieces));
  if (writer_.sequence() > 1) {
    Ignore(WriteEndMark(fs_, options_.dir, {writer_.sequence(), writer_.position()}),
           "the one before stands, and promises less");
  }
  return {};
}

std::pair<std::string, std::int32_t> CommitLog::CheckpointEntries() const {
  const std::string state = state_.EncodeCheckpoint();
  const std::size_t pieces =
      (state.size() + kMaxCheckpointPieceBytes - 1) / kMaxCheckpointPieceBytes;
  // The limits on what the state holds keep it far below.
  ST_CHECK(pieces >= 1 && pieces <= static_cast<std::size_t>(kMaxCheckpointPieces));
  std::string entries;
  for (std::size_t i = 0; i < pieces; ++i) {
    const auto piece =
        std::string_view(state).substr(i * kMaxCheckpointPieceBytes, kMaxCheckpointPieceBytes);
    EntryHeader header{.type = EntryType::kCheckpoint,
                       .epoch = epoch_,
                       .lsn = Lsn(next_lsn_.value() + i),
                       .durable = next_lsn_,
                       .partition = static_cast<std::int32_t>(i),
                       .records = static_cast<std::int32_t>(pieces),
                       .append_time_us = clock_.NowUs()};
    EncodeEntryHeader(header, piece, entries);
    entries += piece;
    entries.append(header.padded_length() - header.length, '\0');
  }
  return {std::move(entries), static_cast<std::int32_t>(pieces)};
}

// In a segment of an older format an older program would take the entries that are new for a torn
// tail, and version 1 does not say which batches are the server's. A new segment is refused by
// older programs. On a full disk the upgrade waits for the next segment.
Status CommitLog::UpgradeOldLog() {
  if (state_.marked_since()) marked_since_ = state_.marked_since()->value();
  if (writer_.version() == kSegmentVersion && state_.marked_since()) return {};
  const auto rolled = RollSegment();
  if (rolled || rolled.error().code() == ErrorCode::kUnavailable) return {};
  return rolled;
}

// Each opening starts a synced epoch: what was recovered before it is durable from now on.
Status CommitLog::WriteEpoch() {
  Group group{.durable = next_lsn_, .now_us = clock_.NowUs()};
  PlanEntry(group, {.type = EntryType::kEpoch, .append_time_us = group.now_us}, options_.program);
  // The reserve does not stop an opening: what is in the log must stay readable on a full disk.
  return WriteGroup(group);
}

void CommitLog::NotePublished() {
  published_.With([&](Published& end) {
    end = {.lsn = next_lsn_, .place = {writer_.sequence(), writer_.position()}};
  });
}

void CommitLog::Publish(Group& group) {
  index_.Add(group.batches);
  if (!group.topics.empty()) {
    topics_.With([&](TopicTable& table) {
      for (const auto& topic : group.topics) {
        table.by_name[topic.name] = topic;
        table.by_id[topic.id] = topic;
      }
    });
  }
  ranges_.With([&](auto& ranges) {
    for (const auto& tp : group.appended) ranges[tp] = *state_.topics().Range(tp);
  });
  if (group.has_holds) holds_.With([&](auto& holds) { holds = state_.holds().All(); });
  NotePublished();
  for (auto& done : group.completions) done(nullptr);
  if (!group.appended.empty()) waiters_.Wake(group.appended);
}

}  // namespace st::log
