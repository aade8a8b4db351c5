#include "log/commit_log.h"

#include <algorithm>
#include <future>
#include <limits>
#include <utility>

#include "base/check.h"
#include "format/record/hole_batch.h"
#include "log/ordered_batches.h"
#include "log/reader/segment.h"
#include "log/request_check.h"
#include "log/segment_files.h"

namespace st::log {
namespace {

Status CheckPartitionCount(std::string_view topic, std::int32_t partitions) {
  if (partitions >= 1 && partitions <= kMaxPartitions) return {};
  return Fail(ErrorCode::kInvalidArgument, ErrorDetail::kPartitionCount,
              "topic {}: {} partitions; 1 to {} are allowed", topic, partitions, kMaxPartitions);
}

}  // namespace

Result<std::unique_ptr<LocalLog>> LocalLog::Open(const os::Env& env, LogOptions options) {
  if (options.segment_bytes < kMinSegmentBytes) {
    return Fail(ErrorCode::kInvalidArgument, "segment size {} is below the minimum of {}",
                options.segment_bytes, kMinSegmentBytes);
  }
  auto log = std::make_unique<CommitLog>(env, std::move(options));
  ST_TRY_STATUS(log->Start());
  return log;
}

CommitLog::CommitLog(const os::Env& env, LogOptions options)
    : fs_(env.fs),
      random_(env.random),
      options_(std::move(options)),
      queue_(options_.max_queued_bytes),
      reader_(env.fs, options_.dir),
      committer_(env, options_, queue_, view_, waiters_) {}

CommitLog::~CommitLog() { Stop(); }

Status CommitLog::Start() { return committer_.Start(); }

Result<TopicInfo> CommitLog::CreateTopic(const std::string& name, std::int32_t partitions) {
  std::promise<Result<TopicInfo>> made;
  auto result = made.get_future();
  CreateTopicAsync({.name = name, .partitions = partitions}, kFromThisServer,
                   [&made](Result<TopicInfo> topic) { made.set_value(std::move(topic)); });
  return result.get();
}

void CommitLog::CreateTopicAsync(NewTopic topic, Origin origin,
                                 std::function<void(Result<TopicInfo>)> done) {
  if (const auto legal = CheckTopicName(topic.name); !legal) {
    done(std::unexpected(legal.error()));
    return;
  }
  if (const auto legal = CheckPartitionCount(topic.name, topic.partitions); !legal) {
    done(std::unexpected(legal.error()));
    return;
  }
  queue_.Add(TopicRequest{std::move(topic), origin, std::move(done)});
}

void CommitLog::ChangeTopic(TopicId topic, TopicChange change, Origin origin,
                            std::function<void(Result<TopicInfo>)> done) {
  if (change.partitions) {
    const auto legal = CheckPartitionCount(topic.ToString(), *change.partitions);
    if (!legal) return done(std::unexpected(legal.error()));
  }
  queue_.Add(TopicChangeRequest{topic, std::move(change), origin, std::move(done)});
}

Status CommitLog::SetHold(const Hold& hold) {
  std::promise<Status> set;
  auto result = set.get_future();
  queue_.Add(HoldRequest{hold, EncodeHold(hold), [&set](Status status) { set.set_value(status); }});
  return result.get();
}

void CommitLog::ChangeGroup(const GroupChange& change, std::function<void(Status)> done) {
  std::uint64_t growth = 0;
  if (change.state) growth += StoredStateBytes(change.group.size(), change.state->size());
  for (const auto& [tp, committed] : change.committed) {
    growth += StoredOffsetBytes(committed.metadata.size());
  }
  auto payload = EncodeGroupChange(change);
  if (payload.size() > kMaxGroupChangeBytes) {
    return done(Fail(ErrorCode::kUnsupported, "group \"{}\": a change of {} bytes; at most {}",
                     change.group, payload.size(), kMaxGroupChangeBytes));
  }
  queue_.Add(GroupRequest{std::move(payload), growth, std::move(done)});
}

void CommitLog::Append(TopicPartition tp, std::string batch, Origin origin, AppendCallback done) {
  Append({tp, {}, std::move(batch), origin, std::move(done)}, nullptr);
}

void CommitLog::AppendInto(std::unique_ptr<QueueRoom> room, TopicPartition tp, std::string batch,
                           AppendCallback done) {
  Append({tp, {}, std::move(batch), kFromThisServer, std::move(done)}, room.get());
}

void CommitLog::Append(AppendRequest request, QueueRoom* room) {
  if (const auto found = view_.CheckPartition(request.tp); !found) {
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
  queue_.Add(std::move(request), room);
}

Inspection& InspectionOf(LocalLog& log) { return static_cast<CommitLog&>(log); }

RecordRemoval& RemovalOf(LocalLog& log) { return static_cast<CommitLog&>(log); }

std::vector<Gap> GapsIn(const LocalLog& log) { return static_cast<const CommitLog&>(log).Gaps(); }

std::vector<LostRecords> LostIn(const LocalLog& log) {
  return static_cast<const CommitLog&>(log).Lost();
}

void CommitLog::DescribeProducers(std::vector<TopicPartition> tps,
                                  std::function<void(Result<DescribedProducers>)> done) {
  const auto describe = [this, tps, done = std::move(done)](const auto& found) {
    if (!found) return done(std::unexpected(found.error()));
    DescribedProducers described(found->size());
    for (std::size_t i = 0; i < found->size(); ++i) {
      for (const auto& one : (*found)[i]) {
        described[i].push_back(
            {.id = ProducerId(one.producer),
             .epoch = one.epoch,
             .last_sequence = one.last_sequence,
             .last_time_ms = BatchTimeMs(tps[i], Offset(one.last_offset)).value_or(-1)});
      }
    }
    done(std::move(described));
  };
  queue_.Add(ProducersRequest{tps, describe});
}

ProducerId CommitLog::NewProducerId() {
  constexpr std::uint64_t kHighest = 1ULL
                                     << 52;  // set, so that no id of an earlier version returns
  return ProducerId(static_cast<std::int64_t>(kHighest | (random_.Next() & (kHighest - 1))));
}

std::optional<std::pair<Offset, std::int64_t>> CommitLog::OffsetForTime(
    TopicPartition tp, std::int64_t time_ms) const {
  const std::int64_t start = view_.RangeOf(tp).start;
  auto entry = view_.index().AtTime(tp, time_ms, start);
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
    entry = view_.index().AtTime(tp, time_ms, entry->end_offset());
  }
  if (!entry) return std::nullopt;
  return std::pair{Offset(std::max(entry->base_offset, start)), entry->max_time_ms};
}

std::optional<std::pair<Offset, std::int64_t>> CommitLog::OffsetOfLargestTime(
    TopicPartition tp) const {
  const auto time_ms = view_.index().LargestTime(tp, view_.RangeOf(tp).start);
  return time_ms ? OffsetForTime(tp, *time_ms) : std::nullopt;
}

Result<ReadResult> CommitLog::Read(TopicPartition tp, Offset from, std::uint64_t max_bytes) const {
  ST_TRY(auto read, ReadBatches(tp, from, max_bytes, DiskWait::kAllowed));
  ST_CHECK(read.has_value());
  return std::move(*read);
}

Result<std::optional<ReadResult>> CommitLog::ReadCached(TopicPartition tp, Offset from,
                                                        std::uint64_t max_bytes) const {
  return ReadBatches(tp, from, max_bytes, DiskWait::kNever);
}

Result<std::optional<ReadResult>> CommitLog::ReadBatches(TopicPartition tp, Offset from,
                                                         std::uint64_t max_bytes,
                                                         DiskWait wait) const {
  ST_TRY_STATUS(view_.CheckPartition(tp));
  const auto [start, end] = view_.RangeOf(tp);
  if (from.value() < start || from.value() > end) {
    return Fail(ErrorCode::kInvalidArgument, "offset {} out of range {}..{}", from, start, end);
  }
  ReadResult result{
      .batches = {}, .is_own = {}, .high_watermark = Offset(end), .log_start = Offset(start)};
  const auto entries = view_.index().EntriesFrom(tp, from.value(), end, max_bytes,
                                                 std::numeric_limits<std::int64_t>::max());
  const auto take = [&](const EntryHeader& header, const StoredBatch& stored) {
    result.batches += stored.batch;
    result.is_own.push_back(view_.IsOwn(header.flags, stored.identity.lsn));
  };
  std::string bytes;
  Status read;
  for (std::size_t i = 0; read && i < entries.size();) {
    const auto count = reader_.ReadSpan(std::span(entries).subspan(i), bytes, take, wait);
    if (count && *count == 0) return std::nullopt;
    if (count) i += *count;
    if (!count) read = std::unexpected(count.error());
  }
  // A hole at the partition's end: readers pass over it as over batches that were compacted away.
  if (entries.empty() && from.value() < end) {
    result.batches = record::BuildHole(from.value(), end);
    result.is_own.push_back(true);
  }
  // Records that were removed meanwhile are no hole and no damage.
  ST_TRY_STATUS(CheckNotBelowStart(tp, from));
  ST_TRY_STATUS(read);
  return result;
}

Status CommitLog::CheckNotBelowStart(TopicPartition tp, Offset from) const {
  const auto [start, end] = view_.RangeOf(tp);
  if (from.value() >= start) return {};
  return Fail(ErrorCode::kInvalidArgument, "offset {} out of range {}..{}", from, start, end);
}

Status CommitLog::CheckBatches(TopicPartition tp, Offset from, Offset to) const {
  ST_TRY_STATUS(view_.CheckPartition(tp));
  const auto entries = view_.index().EntriesFrom(
      tp, from.value(), std::min(view_.RangeOf(tp).end, to.value()),
      std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<std::int64_t>::max());
  reader_.CloseSegments(entries);
  const auto ignore = [](const EntryHeader&, const StoredBatch&) {};
  std::string bytes;
  for (const auto& entry : entries) {
    ST_TRY_STATUS(reader_.ReadSpan(std::span(&entry, 1), bytes, ignore));
  }
  return {};
}

Result<OrderedExtents> CommitLog::ExtentsInOrder(const OffsetRanges& ranges,
                                                 const ExtentLimits& limits) const {
  for (const auto& [tp, range] : ranges) ST_TRY_STATUS(view_.CheckPartition(tp));
  auto found = FindExtents(ranges, limits);
  for (const auto& [tp, range] : ranges) ST_TRY_STATUS(CheckNotBelowStart(tp, range.from));
  return found;
}

Result<OrderedExtents> CommitLog::FindExtents(const OffsetRanges& ranges,
                                              const ExtentLimits& limits) const {
  OrderedBatches batches(view_.index(), ranges, view_.end().place);
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
  ST_TRY(const auto from, reader_.ReadIdentity(*first));
  ST_TRY(const auto to, reader_.ReadIdentity(last));
  found.lsns = {.from = from.lsn, .to = Lsn(to.lsn.value() + 1)};
  return found;
}

std::optional<std::int64_t> CommitLog::BatchTimeMs(TopicPartition tp, Offset at) const {
  const auto found = view_.index().EntriesFrom(tp, at.value(), view_.RangeOf(tp).end, 1, 1);
  if (found.empty()) return std::nullopt;
  return found.front().max_time_ms;
}

Result<std::uint32_t> CommitLog::EntryCrc(TopicPartition tp, Offset at) const {
  ST_TRY_STATUS(view_.CheckPartition(tp));
  const auto [start, end] = view_.RangeOf(tp);
  if (at.value() < start || at.value() >= end) {
    return Fail(ErrorCode::kInvalidArgument, "offset {} out of range {}..{}", at, start, end);
  }
  const auto found = view_.index().EntriesFrom(tp, at.value(), at.value() + 1, 1, 1);
  if (found.empty()) {
    const auto lost = view_.Lost();
    const bool is_lost = std::ranges::any_of(lost, [&](const LostRecords& one) {
      return one.tp == tp && at.value() >= one.from && at.value() < one.to;
    });
    if (is_lost) return Fail(ErrorCode::kNotFound, "the record of offset {} is lost", at);
    return Fail(ErrorCode::kInvalidArgument, "no record has offset {}", at);
  }
  ST_TRY(const auto identity, reader_.ReadIdentity(found.front()));
  return identity.crc;
}

std::map<TopicPartition, std::uint64_t> CommitLog::StoredBytes() const {
  auto all = view_.index().Bytes();
  for (auto& [tp, bytes] : all) {
    const auto [start, end] = view_.RangeOf(tp);
    if (start > 0) bytes = view_.index().BytesBetween(tp, start, end);
  }
  return all;
}

Result<RemovedFiles> CommitLog::RemoveSegments() {
  std::promise<Result<std::vector<std::uint64_t>>> said;
  auto result = said.get_future();
  queue_.Add(
      RemoveSegmentsRequest{[&said](auto segments) { said.set_value(std::move(segments)); }});
  ST_TRY(const auto segments, result.get());
  RemovedFiles removed;
  for (const auto segment : segments) {
    reader_.ForgetSegment(segment);
    const auto path = os::JoinPath(options_.dir, SegmentName(segment));
    const auto file = fs_.Open(path, os::OpenMode::kRead);
    const auto size = file ? (*file)->Size() : 0;
    // What is left over goes when the log is opened next.
    ST_TRY_STATUS(RemoveSegmentFiles(fs_, options_.dir, segment));
    ++removed.segments;
    removed.bytes += size.value_or(0);
  }
  if (removed.segments > 0) ST_TRY_STATUS(fs_.SyncDir(options_.dir));
  return removed;
}

Offset CommitLog::BehindExpired(TopicPartition tp, const Expiry& rule) const {
  const auto [start, end] = view_.RangeOf(tp);
  return Offset(std::min(view_.index().BehindExpired(tp, start, rule), end));
}

std::optional<LowestHold> CommitLog::HoldOn(TopicPartition tp) const {
  return LowestOn(view_.Holds(), tp);
}

void CommitLog::Stop() {
  queue_.Close();
  committer_.Stop();
}

}  // namespace st::log
