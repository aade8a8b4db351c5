#include "log/commit_log.h"

#include <algorithm>
#include <future>
#include <limits>
#include <utility>

#include "log/end_mark.h"
#include "log/ordered_batches.h"
#include "log/verify.h"

namespace st::log {

Result<std::unique_ptr<LocalLog>> LocalLog::Open(os::FileSystem& fs, os::Clock& clock,
                                                 os::Random& random, LogOptions options) {
  if (options.segment_bytes < kMinSegmentBytes) {
    return Fail(ErrorCode::kInvalidArgument, "segment size {} is below the minimum of {}",
                options.segment_bytes, kMinSegmentBytes);
  }
  auto log = std::make_unique<CommitLog>(fs, clock, random, std::move(options));
  ST_TRY_STATUS(log->Start());
  return log;
}

CommitLog::CommitLog(os::FileSystem& fs, os::Clock& clock, os::Random& random, LogOptions options)
    : fs_(fs), clock_(clock), random_(random), options_(std::move(options)), writer_(fs, options_) {
  if (options_.metrics == nullptr) return;
  syncs_ = &options_.metrics->Counter("steelthread_log_syncs_total", "Group commits made durable.");
  appended_bytes_ =
      &options_.metrics->Counter("steelthread_log_appended_bytes_total", "Bytes made durable.");
  appended_records_ =
      &options_.metrics->Counter("steelthread_log_appended_records_total", "Records made durable.");
}

CommitLog::~CommitLog() { Stop(); }

Status CommitLog::Start() {
  ST_TRY_STATUS(fs_.CreateDirs(options_.dir));
  ST_TRY(auto recovered, Recover(fs_, options_.dir, index_));
  state_ = std::move(recovered.state);
  next_lsn_ = recovered.next_lsn;
  epoch_ = recovered.epoch + 1;
  id_ = recovered.log_id;
  cut_tail_ = std::move(recovered.cut_tail);
  PublishRecovered();
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
  NotePublished();
  is_marked_ = false;
  thread_ = os::Thread("log-commit", [this] { RunCommits(); });
  return {};
}

void CommitLog::PublishRecovered() {
  topics_.With([&](TopicTable& table) {
    for (const auto& [id, topic] : state_.topics().all()) {
      table.by_name[topic.info.name] = topic.info;
      table.by_id[id] = topic.info;
    }
  });
  ranges_.With([&](auto& ranges) {
    for (const auto& [id, topic] : state_.topics().all()) {
      for (std::int32_t p = 0; p < topic.info.partitions; ++p) {
        const OffsetRange& range = topic.ranges[static_cast<std::size_t>(p)];
        if (range.end > 0) ranges[{id, PartitionId(p)}] = range;
      }
    }
  });
  holds_.With([&](auto& holds) { holds = state_.holds().All(); });
}

Status CommitLog::CheckPartition(TopicPartition tp) const {
  const auto topic = FindTopic(tp.topic);
  if (!topic) return Fail(ErrorCode::kNotFound, "no topic {}", tp.topic.ToString());
  if (tp.partition.value() < 0 || tp.partition.value() >= topic->partitions) {
    return Fail(ErrorCode::kNotFound, "topic {} has partitions 0 to {}, not {}", topic->name,
                topic->partitions - 1, tp.partition);
  }
  return {};
}

Result<TopicInfo> CommitLog::CreateTopic(const std::string& name, std::int32_t partitions) {
  std::promise<Result<TopicInfo>> made;
  auto result = made.get_future();
  CreateTopicAsync(name, partitions, kFromThisServer,
                   [&made](Result<TopicInfo> topic) { made.set_value(std::move(topic)); });
  return result.get();
}

void CommitLog::CreateTopicAsync(const std::string& name, std::int32_t partitions, Origin origin,
                                 std::function<void(Result<TopicInfo>)> done) {
  if (const auto legal = CheckTopicName(name); !legal) {
    done(std::unexpected(legal.error()));
    return;
  }
  if (partitions < 1 || partitions > kMaxPartitions) {
    done(Fail(ErrorCode::kInvalidArgument, ErrorDetail::kPartitionCount,
              "topic {}: {} partitions; 1 to {} are allowed", name, partitions, kMaxPartitions));
    return;
  }
  Enqueue(TopicRequest{name, partitions, origin, std::move(done)});
}

Status CommitLog::SetHold(const Hold& hold) {
  std::promise<Status> set;
  auto result = set.get_future();
  Enqueue(HoldRequest{hold, EncodeHold(hold), [&set](Status status) { set.set_value(status); }});
  return result.get();
}

std::vector<Hold> CommitLog::Holds() const {
  return holds_.With([](const auto& holds) { return holds; });
}

// Counted in queued_bytes_ until an append takes it.
class CommitLog::Room final : public QueueRoom {
 public:
  Room(CommitLog& log, std::uint64_t bytes) : bytes(bytes), log_(log) {}
  ~Room() override {
    MutexLock lock(log_.mu_);
    log_.queued_bytes_ -= bytes;
  }
  std::uint64_t bytes;  // guarded by the log's mu_

 private:
  CommitLog& log_;
};

Status CommitLog::Admit(std::uint64_t bytes, std::uint64_t less) {
  if (stopping_) return Fail(ErrorCode::kShutdown, "the log is closed");
  if (queued_bytes_ - less + bytes > options_.max_queued_bytes) {
    return Fail(ErrorCode::kUnavailable, "log queue full: {} bytes wait, at most {}; retry later",
                queued_bytes_, options_.max_queued_bytes);
  }
  queued_bytes_ = queued_bytes_ - less + bytes;
  return {};
}

Result<std::unique_ptr<QueueRoom>> CommitLog::ReserveQueue(std::uint64_t bytes) {
  {
    MutexLock lock(mu_);
    ST_TRY_STATUS(Admit(bytes, 0));
  }
  return std::make_unique<Room>(*this, bytes);
}

void CommitLog::Append(TopicPartition tp, std::string batch, Origin origin, AppendCallback done) {
  Append({tp, {}, std::move(batch), origin, std::move(done)}, nullptr);
}

void CommitLog::AppendInto(std::unique_ptr<QueueRoom> room, TopicPartition tp, std::string batch,
                           AppendCallback done) {
  Append({tp, {}, std::move(batch), kFromThisServer, std::move(done)},
         static_cast<Room*>(room.get()));
}

void CommitLog::Append(AppendRequest request, Room* room) {
  if (const auto found = CheckPartition(request.tp); !found) {
    request.done(std::unexpected(found.error()));
    return;
  }
  const std::uint64_t bytes = request.batch.size();
  if (bytes > kMaxBatchBytes) {
    request.done(Fail(ErrorCode::kInvalidArgument, ErrorDetail::kBatchTooLarge,
                      "record batch too large: {} bytes; at most {}", bytes, kMaxBatchBytes));
    return;
  }
  const auto header = record::CheckBatch(request.batch);
  if (!header) {
    request.done(std::unexpected(header.error()));
    return;
  }
  request.header = *header;
  Enqueue(std::move(request), room);
}

ProducerId CommitLog::NewProducerId() {
  constexpr std::uint64_t kHighest = 1ULL
                                     << 52;  // set, so that no id of an earlier version returns
  return ProducerId(static_cast<std::int64_t>(kHighest | (random_.Next() & (kHighest - 1))));
}

void CommitLog::Enqueue(Request request, Room* room) {
  Status admitted;
  {
    MutexLock lock(mu_);
    admitted = Admit(BytesOf(request), room != nullptr ? room->bytes : 0);
    if (admitted) {
      if (room != nullptr) room->bytes = 0;
      queue_.push_back(std::move(request));
      if (queue_.size() == 1) wake_.NotifyOne();
      return;
    }
  }
  Refuse(request, admitted.error());
}

std::vector<TopicInfo> CommitLog::Topics() const {
  return topics_.With([](const TopicTable& table) {
    std::vector<TopicInfo> topics;
    for (const auto& [name, topic] : table.by_name) topics.push_back(topic);
    return topics;
  });
}

std::size_t CommitLog::TopicCount() const {
  return topics_.With([](const TopicTable& table) { return table.by_name.size(); });
}

std::optional<TopicInfo> CommitLog::FindTopic(const std::string& name) const {
  return topics_.With([&](const TopicTable& table) -> std::optional<TopicInfo> {
    const auto found = table.by_name.find(name);
    if (found == table.by_name.end()) return std::nullopt;
    return found->second;
  });
}

std::optional<TopicInfo> CommitLog::FindTopic(TopicId id) const {
  return topics_.With([&](const TopicTable& table) -> std::optional<TopicInfo> {
    const auto found = table.by_id.find(id);
    if (found == table.by_id.end()) return std::nullopt;
    return found->second;
  });
}

OffsetRange CommitLog::RangeOf(TopicPartition tp) const {
  return ranges_.With([&](const auto& ranges) {
    const auto found = ranges.find(tp);
    return found == ranges.end() ? OffsetRange{} : found->second;
  });
}

Offset CommitLog::StartOffset(TopicPartition tp) const { return Offset(RangeOf(tp).start); }
Offset CommitLog::EndOffset(TopicPartition tp) const { return Offset(RangeOf(tp).end); }

std::optional<std::pair<Offset, std::int64_t>> CommitLog::OffsetForTime(
    TopicPartition tp, std::int64_t time_ms) const {
  const std::int64_t start = RangeOf(tp).start;
  auto entry = index_.AtTime(tp, time_ms, start);
  for (int looked = 0; entry && looked < kMaxBatchesForTime; ++looked) {
    // Within the batch the first record at or after the time, where its records can be read.
    const auto read = Read(tp, Offset(std::max(entry->base_offset, start)), 1);
    record::RecordScan scan;
    if (!read || !scan.Open(read->batches, kMaxCommitBytes * 4)) break;
    record::Record record;
    auto is_there = scan.Next(record);
    for (; is_there && *is_there; is_there = scan.Next(record)) {
      if (record.timestamp_ms >= time_ms && record.offset >= start) {
        return std::pair{Offset(record.offset), record.timestamp_ms};
      }
    }
    if (!is_there) break;
    // The batch's header claims a time that none of its records has.
    entry = index_.AtTime(tp, time_ms, entry->end_offset());
  }
  if (!entry) return std::nullopt;
  return std::pair{Offset(std::max(entry->base_offset, start)), entry->max_time_ms};
}

Result<std::shared_ptr<os::File>> CommitLog::SegmentFile(std::uint64_t sequence) const {
  return files_.With([&](auto& files) -> Result<std::shared_ptr<os::File>> {
    const auto found = files.find(sequence);
    if (found != files.end()) return found->second;
    auto file = fs_.Open(os::JoinPath(options_.dir, SegmentName(sequence)), os::OpenMode::kRead);
    if (!file && file.error().code() == ErrorCode::kNotFound) {
      return std::unexpected(Missing(sequence, "the segment is missing"));
    }
    if (!file && file.error().detail() == ErrorDetail::kWrongKindOfFile) {
      return std::unexpected(Missing(sequence, file.error().message()));
    }
    if (!file) return std::unexpected(Unreadable(sequence, 0, file.error()));
    std::shared_ptr<os::File> opened = std::move(*file);
    // Who reads from one that goes has it still.
    if (files.size() >= kMaxOpenSegments) files.erase(files.begin());
    files.emplace(sequence, opened);
    return opened;
  });
}

Result<ReadResult> CommitLog::Read(TopicPartition tp, Offset from, std::uint64_t max_bytes) const {
  ST_TRY_STATUS(CheckPartition(tp));
  const auto [start, end] = RangeOf(tp);
  if (from.value() < start || from.value() > end) {
    return Fail(ErrorCode::kInvalidArgument, "offset {} out of range {}..{}", from, start, end);
  }
  ReadResult result{
      .batches = {}, .is_own = {}, .high_watermark = Offset(end), .log_start = Offset(start)};
  const auto entries =
      index_.From(tp, from.value(), end, max_bytes, std::numeric_limits<std::int64_t>::max());
  std::string bytes;
  for (std::size_t i = 0; i < entries.size();) {
    ST_TRY(const auto count, ReadSpan(std::span(entries).subspan(i), bytes, result));
    i += count;
  }
  return result;
}

// Batches of one topic mostly lie side by side: one read for many small ones.
Result<std::size_t> CommitLog::ReadSpan(std::span<const IndexEntry> entries, std::string& bytes,
                                        ReadResult& out) const {
  constexpr std::uint64_t kMostBytes = 1 << 20;
  constexpr std::uint64_t kWidestGap = 4096;
  const IndexEntry& first = entries.front();
  std::uint64_t end = first.position + first.length;
  std::size_t count = 1;
  for (; count < entries.size(); ++count) {
    const IndexEntry& next = entries[count];
    const bool is_near = next.segment == first.segment && next.position <= end + kWidestGap;
    if (!is_near || next.position + next.length - first.position > kMostBytes) break;
    end = next.position + next.length;
  }
  ST_TRY(const auto file, SegmentFile(first.segment));
  bytes.resize(end - first.position);
  const auto got = file->ReadAt(first.position, bytes);
  if (!got) return std::unexpected(Unreadable(first.segment, first.position, got.error()));
  NoteRead(first.segment, first.position);
  for (const auto& entry : entries.first(count)) {
    const auto read = std::string_view(bytes).substr(0, *got);
    const std::uint64_t at = std::min<std::uint64_t>(entry.position - first.position, *got);
    std::string_view payload;
    const auto decoded = DecodeEntry(read.substr(at, entry.length), payload);
    if (!decoded) {
      return std::unexpected(Damaged(entry.segment, entry.position, decoded.error().message()));
    }
    const auto stored = ReadStoredBatch(*decoded, payload);
    if (!stored) {
      return std::unexpected(Damaged(entry.segment, entry.position, stored.error().message()));
    }
    out.batches += stored->batch;
    out.is_own.push_back(IsOwn(decoded->flags, stored->identity.lsn));
  }
  return count;
}

Error CommitLog::Damaged(std::uint64_t segment, std::uint64_t position,
                         const std::string& why) const {
  const std::string path = os::JoinPath(options_.dir, SegmentName(segment));
  const Error error(ErrorCode::kCorruption, fmt::format("{}: damage at byte {}: {}; {}", path,
                                                        position, why, kDamageRemedy));
  damage_.With([&](auto& first) {
    if (!first) first = Damage{error, ""};
  });
  return error;
}

Error CommitLog::Missing(std::uint64_t segment, const std::string& what) const {
  const std::string path = os::JoinPath(options_.dir, SegmentName(segment));
  const Error error(ErrorCode::kCorruption, fmt::format("{}: {}; {}", path, what, kDamageRemedy));
  damage_.With([&](auto& first) {
    if (!first) first = Damage{error, path};
  });
  return error;
}

Error CommitLog::Unreadable(std::uint64_t segment, std::uint64_t position,
                            const Error& error) const {
  const Error unreadable(
      error.code(),
      fmt::format("{}: byte {} cannot be read: {}; see to the disk, and if it lost the file, {}",
                  os::JoinPath(options_.dir, SegmentName(segment)), position, error.message(),
                  kDamageRemedy));
  damage_.With([&](auto& first) {
    if (first || error.code() != ErrorCode::kIo) return;
    first = Damage{unreadable, "", segment, position};
    is_unreadable_ = true;
  });
  return unreadable;
}

void CommitLog::NoteRead(std::uint64_t segment, std::uint64_t position) const {
  if (!is_unreadable_.load(std::memory_order_relaxed)) return;
  damage_.With([&](auto& first) {
    if (!first || first->segment != segment) return;
    if (first->position != 0 && first->position != position) return;
    first.reset();
    is_unreadable_ = false;
  });
}

std::optional<Error> CommitLog::damage() const {
  const auto first = damage_.With([](const auto& damage) { return damage; });
  if (!first) return std::nullopt;
  if (first->missing.empty() || !fs_.Open(first->missing, os::OpenMode::kRead)) return first->error;
  damage_.With([](auto& damage) { damage.reset(); });
  return std::nullopt;
}

Status CommitLog::CheckBatches(TopicPartition tp, Offset from, Offset to) const {
  ST_TRY_STATUS(CheckPartition(tp));
  const auto entries = index_.From(tp, from.value(), std::min(RangeOf(tp).end, to.value()),
                                   std::numeric_limits<std::uint64_t>::max(),
                                   std::numeric_limits<std::int64_t>::max());
  // A file that is open here may have lost its name since.
  files_.With([&](auto& files) {
    for (const auto& entry : entries) files.erase(entry.segment);
  });
  std::string bytes;
  for (const auto& entry : entries) {
    ReadResult unused;
    ST_TRY_STATUS(ReadSpan(std::span(&entry, 1), bytes, unused));
  }
  return {};
}

bool CommitLog::IsOwn(std::uint8_t flags, Lsn lsn) const {
  return (flags & kFromServer) != 0 || lsn.value() < marked_since_.load();
}

Result<OrderedExtents> CommitLog::ExtentsInOrder(const OffsetRanges& ranges,
                                                 const ExtentLimits& limits) const {
  for (const auto& [tp, range] : ranges) ST_TRY_STATUS(CheckPartition(tp));
  OrderedBatches batches(index_, ranges,
                         published_.With([](const Published& end) { return end.place; }));
  OrderedExtents found;
  std::optional<IndexEntry> first;
  IndexEntry last;
  std::int64_t records = 0;
  std::uint64_t bytes = 0;
  while (const auto batch = batches.Next()) {
    const auto& [tp, entry] = *batch;
    const bool is_new_file = !first || entry.segment != last.segment;
    found.has_more = first && (records >= limits.records || bytes + entry.length > limits.bytes ||
                               found.extents.size() >= limits.extents ||
                               (is_new_file && found.files.size() >= limits.files));
    if (found.has_more) break;
    if (is_new_file) found.files.push_back(os::JoinPath(options_.dir, SegmentName(entry.segment)));
    found.extents.push_back({.tp = tp,
                             .file = static_cast<std::uint32_t>(found.files.size() - 1),
                             .length = entry.length,
                             .position = entry.position,
                             .base_offset = Offset(entry.base_offset),
                             .records = entry.records});
    const auto& range = ranges.at(tp);
    records += std::min(entry.end_offset(), range.to.value()) -
               std::max(entry.base_offset, range.from.value());
    bytes += entry.length;
    if (!first) first = entry;
    last = entry;
  }
  if (!first) return found;
  ST_TRY(const auto from, ReadIdentity(*first));
  ST_TRY(const auto to, ReadIdentity(last));
  found.lsns = {.from = from.lsn, .to = Lsn(to.lsn.value() + 1)};
  return found;
}

Result<BatchIdentity> CommitLog::ReadIdentity(const IndexEntry& entry) const {
  ST_TRY(const auto file, SegmentFile(entry.segment));
  std::string bytes(kEntryHeaderBytes + kIdentityBytes, '\0');
  const auto got = file->ReadAt(entry.position, bytes);
  if (!got) return std::unexpected(Unreadable(entry.segment, entry.position, got.error()));
  const auto read = std::string_view(bytes).substr(0, *got);
  const auto header = DecodeEntryHeader(read);
  if (header && HoldsBatch(header->type) && header->base_offset == entry.base_offset) {
    const auto stored = ReadStoredBatch(*header, read.substr(kEntryHeaderBytes));
    if (stored) return stored->identity;
  }
  return std::unexpected(Damaged(entry.segment, entry.position,
                                 fmt::format("no entry of offset {}", entry.base_offset)));
}

Result<std::uint32_t> CommitLog::EntryCrc(TopicPartition tp, Offset at) const {
  ST_TRY_STATUS(CheckPartition(tp));
  const auto [start, end] = RangeOf(tp);
  if (at.value() < start || at.value() >= end) {
    return Fail(ErrorCode::kInvalidArgument, "offset {} out of range {}..{}", at, start, end);
  }
  const auto found = index_.From(tp, at.value(), at.value() + 1, 1, 1);
  if (found.empty()) return Fail(ErrorCode::kInvalidArgument, "no record has offset {}", at);
  ST_TRY(const auto identity, ReadIdentity(found.front()));
  return identity.crc;
}

void CommitLog::Stop() {
  {
    MutexLock lock(mu_);
    stopping_ = true;
    wake_.NotifyOne();
  }
  thread_.Join();
  if (std::exchange(is_marked_, true) || poisoned_ || writer_.sequence() == 0) return;
  Ignore(WriteEndMark(fs_, options_.dir, {writer_.sequence(), writer_.position()}),
         "the one before stands, and promises less");
}

Status CommitLog::health() const {
  return trouble_.With([](const std::optional<Error>& trouble) -> Status {
    if (trouble) return std::unexpected(*trouble);
    return {};
  });
}

}  // namespace st::log
