#include "log/recovery.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "format/record/record_batch.h"
#include "log/end_mark.h"
#include "log/limits.h"
#include "log/segment_files.h"
#include "log/verify.h"

namespace st::log {
namespace {

class Recovery {
 public:
  Recovery(os::FileSystem& fs, const std::string& dir, Index& index)
      : fs_(fs), dir_(dir), index_(index) {}

  Result<Recovered> Run() {
    ST_TRY(segments_, ListSegments(fs_, dir_));
    ST_TRY(end_mark_, ReadEndMark(fs_, dir_));
    if (segments_.empty()) ST_TRY_STATUS(CheckEnd(0, 0));
    ST_TRY_STATUS(ReadSegments());
    ST_TRY_STATUS(RemoveUnfinished());
    ST_TRY_STATUS(FinishRemovals());
    const auto& topics = out_.state.topics();
    index_.KeepTopics([&](TopicId topic) { return topics.Find(topic) != nullptr; });
    DropBelowStarts();
    std::erase_if(out_.lost, [&](const LostRecords& one) {
      const auto* range = topics.Range(one.tp);
      return range == nullptr || one.to <= range->start;
    });
    return std::move(out_);
  }

 private:
  Status ReadSegments() {
    ST_TRY(const std::uint64_t verify_from, FirstToVerify());
    for (std::size_t i = 0; i < segments_.size(); ++i) {
      const std::uint64_t sequence = segments_[i];
      // Only the last segment's state says which are missing.
      if (i > 0 && sequence != segments_[i - 1] + 1) scanned_ = false;
      const bool is_last = i + 1 == segments_.size();
      if (!is_last && sequence < verify_from) {
        ST_TRY(const bool loaded, LoadIndex(sequence));
        if (loaded) {
          scanned_ = false;
          continue;
        }
      }
      ST_TRY_STATUS(Scan(sequence, is_last));
    }
    return {};
  }

  std::unexpected<Error> Missing(std::uint64_t sequence) const {
    return Fail(ErrorCode::kCorruption, "{}: segment {} is missing; {}", dir_,
                SegmentName(sequence), kDamageRemedy);
  }

  // Requires: every segment was read.
  Status CheckNoneIsMissing() const {
    const auto& removed = out_.state.removed_segments();
    std::uint64_t next = removed.first();
    for (const auto sequence : segments_) {
      for (; next < sequence; ++next) {
        if (!removed.Contains(next)) return Missing(next);
      }
      next = std::max(next, sequence + 1);
    }
    return {};
  }

  // A crash between the entry that removes a segment and the end of its files leaves them over.
  Status FinishRemovals() {
    ST_TRY(const auto names, fs_.List(dir_));
    std::set<std::uint64_t> left;
    for (const auto& name : names) {
      const auto sequence = ParseSegmentName(name.substr(0, name.rfind('.')) + ".log");
      if (sequence && out_.state.removed_segments().Contains(*sequence)) left.insert(*sequence);
    }
    for (const auto sequence : left) {
      index_.DropSegment(sequence);
      ST_TRY_STATUS(RemoveSegmentFiles(fs_, dir_, sequence));
    }
    return left.empty() ? Status() : fs_.SyncDir(dir_);
  }

  void DropBelowStarts() {
    for (const auto& [id, topic] : out_.state.topics().all()) {
      for (std::int32_t p = 0; p < topic.info.partitions; ++p) {
        const auto start = topic.ranges[static_cast<std::size_t>(p)].start;
        if (start > 0) index_.DropBelow({id, PartitionId(p)}, start);
      }
    }
  }

  // Whether a log that ends there goes as far as it once did.
  Status CheckEnd(std::uint64_t segment, std::uint64_t position) const {
    if (!end_mark_ || !end_mark_->is_behind(segment, position)) return {};
    return Fail(ErrorCode::kCorruption, "{}; {}, or remove {} to go on without them",
                LossBefore(dir_, *end_mark_, segment, position), kDamageRemedy,
                os::JoinPath(dir_, "end"));
  }

  std::string Path(std::uint64_t sequence) const {
    return os::JoinPath(dir_, SegmentName(sequence));
  }

  // A segment gets its name only once its header and checkpoint are durable. A file that has none
  // yet holds nothing that was acknowledged.
  Status RemoveUnfinished() {
    ST_TRY(const auto names, fs_.List(dir_));
    for (const auto& name : names) {
      if (name.ends_with(kUnfinishedSuffix)) ST_TRY_STATUS(fs_.Remove(os::JoinPath(dir_, name)));
    }
    return {};
  }

  Result<std::uint64_t> FirstToVerify() {
    std::uint64_t bytes = 0;
    for (auto at = segments_.rbegin(); at != segments_.rend(); ++at) {
      ST_TRY(const auto file, fs_.Open(Path(*at), os::OpenMode::kRead));
      ST_TRY(const auto size, file->Size());
      bytes += size;
      if (bytes > kVerifyAtOpenBytes) return *at + 1;
    }
    return std::uint64_t{0};
  }

  // An index that is missing or does not check is no harm: the segment is scanned instead.
  Result<bool> LoadIndex(std::uint64_t sequence) {
    const auto bytes = os::ReadWholeFile(fs_, os::JoinPath(dir_, IndexName(sequence)));
    if (!bytes) return false;
    ST_TRY(const auto file, fs_.Open(Path(sequence), os::OpenMode::kRead));
    ST_TRY(const auto size, file->Size());
    auto batches = DecodeIndexFile(*bytes, sequence, size);
    if (!batches) return false;
    index_.Add(*batches);
    return true;
  }

  Status Scan(std::uint64_t sequence, bool is_last) {
    const std::string path = Path(sequence);
    ST_TRY(const auto file, fs_.Open(path, os::OpenMode::kReadWrite));
    std::string head(kSegmentHeaderBytes, '\0');
    ST_TRY(const auto got, file->ReadAt(0, head));
    head.resize(got);
    const auto header = DecodeSegmentHeader(head);
    if (!header) {
      if (header.error().code() == ErrorCode::kUnsupported) {
        return std::unexpected(header.error().WithContext(path));
      }
      return Fail(ErrorCode::kCorruption, "{}: damage at byte 0: {}; {}", path,
                  header.error().message(), kDamageRemedy);
    }
    ST_TRY_STATUS(CheckChain(*header, sequence, path));
    program_ = header->program;
    const auto visit = [&](std::uint64_t position, const EntryHeader& entry,
                           std::string_view payload) {
      return Visit(sequence, position, entry, payload);
    };
    ST_TRY(const auto end, ScanSegment(*file, *header, {.is_last = is_last}, visit));
    index_.Add(std::exchange(batches_, {}));
    if (end.kind == ScanEnd::Kind::kDamage || end.position == kSegmentHeaderBytes) {
      return Fail(ErrorCode::kCorruption, "{}: damage at byte {}: {}; {}", path, end.position,
                  end.reason.empty() ? "no checkpoint" : end.reason, kDamageRemedy);
    }
    out_.next_lsn = end.next_lsn;
    if (!is_last) return {};
    ST_TRY_STATUS(CheckEnd(sequence, end.position));
    ST_TRY_STATUS(CheckNoneIsMissing());
    out_.last_segment = sequence;
    out_.last_version = header->version;
    out_.end_position = end.position;
    if (end.kind == ScanEnd::Kind::kTorn) return Cut(*file, path, end.position);
    return {};
  }

  Status CheckChain(const SegmentHeader& header, std::uint64_t sequence, const std::string& path) {
    const auto follows = CheckFollows(header, {.sequence = sequence,
                                               .log_id = out_.log_id,
                                               .first_lsn = scanned_ ? out_.next_lsn : Lsn()});
    if (!follows) {
      return Fail(ErrorCode::kCorruption, "{}: {}; {}", path, follows.error().message(),
                  kDamageRemedy);
    }
    out_.log_id = header.log_id;
    scanned_ = true;
    return {};
  }

  Status Visit(std::uint64_t sequence, std::uint64_t position, const EntryHeader& entry,
               std::string_view payload) {
    if (entry.type == EntryType::kEpoch && !payload.empty()) program_ = payload;
    const auto applied = out_.state.Apply(entry, payload);
    if (!applied && applied.error().code() == ErrorCode::kUnsupported) {
      return Fail(ErrorCode::kUnsupported, "{}: byte {}: {}; {}", Path(sequence), position,
                  applied.error().message(), UseNewerProgram(program_));
    }
    if (!applied) {
      return Fail(ErrorCode::kCorruption, "{}: damage at byte {}: {}; {}", Path(sequence), position,
                  applied.error().message(), kDamageRemedy);
    }
    out_.epoch = std::max(out_.epoch, entry.epoch);
    if (entry.type == EntryType::kCheckpoint) {
      out_.checkpoint_end = position + entry.padded_length();
    }
    if (entry.type == EntryType::kLost) {
      ST_TRY(const auto lost, LostOf(entry, payload, sequence));
      out_.lost.insert(out_.lost.end(), lost.begin(), lost.end());
    }
    if (entry.type != EntryType::kBatch) return {};
    ST_TRY(const auto batch, record::ParseHeader(payload));
    batches_.push_back({{entry.topic, PartitionId(entry.partition)},
                        {.base_offset = entry.base_offset,
                         .max_time_ms = batch.max_timestamp_ms,
                         .segment = sequence,
                         .position = position,
                         .length = entry.length,
                         .records = entry.records}});
    return {};
  }

  Status Cut(os::File& file, const std::string& path, std::uint64_t position) {
    ST_TRY(const auto end, WrittenEnd(file, position));
    out_.cut_tail = CutTail{path, position, end - position};
    ST_TRY_STATUS(file.Truncate(position));
    return file.Sync();
  }

  // Behind the last byte that is not zero: the rest was allocated and never written.
  static Result<std::uint64_t> WrittenEnd(os::File& file, std::uint64_t position) {
    ST_TRY(const auto size, file.Size());
    std::uint64_t end = position;
    std::string bytes(64 << 10, '\0');
    for (std::uint64_t at = position; at < size;) {
      ST_TRY(const auto got, file.ReadAt(at, bytes));
      if (got == 0) break;
      const auto last = std::string_view(bytes).substr(0, got).find_last_not_of('\0');
      if (last != std::string_view::npos) end = at + last + 1;
      at += got;
    }
    return end;
  }

  os::FileSystem& fs_;
  const std::string& dir_;
  Index& index_;
  std::vector<std::uint64_t> segments_;  // sequences, rising
  std::optional<EndMark> end_mark_;
  std::string program_;  // the version of the program that wrote the entry at hand
  Recovered out_;
  std::vector<IndexedBatch> batches_;  // of the segment at hand
  bool scanned_ = false;
};

}  // namespace

Result<Recovered> Recover(os::FileSystem& fs, const std::string& dir, Index& index) {
  return Recovery(fs, dir, index).Run();
}

}  // namespace st::log
