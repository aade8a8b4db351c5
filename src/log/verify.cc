#include "log/verify.h"

#include <algorithm>
#include <map>
#include <set>

#include "log/reader/segment.h"
#include "log/state.h"

namespace st::log {
namespace {

class Verifier {
 public:
  Verifier(os::FileSystem& fs, const std::string& dir, const DumpVisitor& visit,
           const std::optional<EndMark>& live_end)
      : fs_(fs), dir_(dir), visit_(visit), live_end_(live_end) {}

  Result<VerifyReport> Run() {
    // First: the log may go on meanwhile.
    const Result<std::optional<EndMark>> mark = live_end_ ? live_end_ : ReadEndMark(fs_, dir_);
    ST_TRY(auto segments, ListSegments(fs_, dir_));
    if (live_end_) {
      std::erase_if(segments, [&](std::uint64_t one) { return one > live_end_->segment; });
    }
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (i > 0 && segments[i] != segments[i - 1] + 1) next_lsn_ = Lsn();
      ST_TRY_STATUS(Segment(segments[i], i + 1 == segments.size()));
    }
    std::erase_if(segments, [&](std::uint64_t one) { return vanished_.contains(one); });
    ReportMissing(segments);
    // A last segment that is damaged ends too early for its mark, which is no finding of its own.
    const auto last = segments.empty() ? 0 : segments.back();
    const auto is_of_last = [&](const Finding& finding) {
      return finding.is_damage && finding.file == os::JoinPath(dir_, SegmentName(last));
    };
    if (std::ranges::none_of(report_.findings, is_of_last)) CheckEnd(mark, last);
    report_.segments = segments.size();
    report_.log_id = log_id_;
    return std::move(report_);
  }

 private:
  Finding Missing(std::uint64_t sequence) const {
    return {os::JoinPath(dir_, SegmentName(sequence)), 0, true, "the segment is missing"};
  }

  // Which segments were removed is known once the last one was read.
  void ReportMissing(const std::vector<std::uint64_t>& segments) {
    const auto& removed = checkpoint_.removed_segments();
    std::uint64_t next = std::max(first_segment_, removed.first());
    for (const auto sequence : segments) {
      bool is_told = false;  // one finding a gap
      for (; next < sequence && !is_told; ++next) {
        is_told = !removed.Contains(next) && !IsRemovedBehindEnd(next);
        if (is_told) InsertMissing(next);
      }
      next = std::max(next, sequence + 1);
    }
  }

  // In the order of the files.
  void InsertMissing(std::uint64_t sequence) {
    auto missing = Missing(sequence);
    const auto behind = std::ranges::find_if(
        report_.findings, [&](const Finding& one) { return one.file > missing.file; });
    report_.findings.insert(behind, std::move(missing));
  }

  // Whether the running server removed it behind the end that is read: the entry that says so is
  // durable before the file goes.
  bool IsRemovedBehindEnd(std::uint64_t sequence) {
    if (!live_end_) return false;
    if (!later_) {
      later_.emplace();
      Ignore(ReadLater(*later_), "then the segment is reported");
    }
    return later_->Contains(sequence);
  }
  Status ReadLater(RemovedSegments& later) {
    ST_TRY(const auto segments, ListSegments(fs_, dir_));
    for (const auto sequence : segments) {
      if (sequence < live_end_->segment) continue;
      ST_TRY(const auto file,
             fs_.Open(os::JoinPath(dir_, SegmentName(sequence)), os::OpenMode::kRead));
      std::string head(kSegmentHeaderBytes, '\0');
      ST_TRY(const auto got, file->ReadAt(0, head));
      head.resize(got);
      ST_TRY(const auto header, DecodeSegmentHeader(head));
      const auto visit = [&](std::uint64_t, const EntryHeader& entry,
                             std::string_view payload) -> Status {
        return later.Takes(entry.type) ? later.Apply(entry, payload) : Status();
      };
      ST_TRY_STATUS(ScanSegment(*file, header, {}, visit));
    }
    return {};
  }

  void CheckEnd(const Result<std::optional<EndMark>>& mark, std::uint64_t last) {
    if (!mark) {
      report_.findings.push_back({os::JoinPath(dir_, "end"), 0, true, mark.error().message()});
    } else if (*mark && (*mark)->is_behind(last, end_position_)) {
      report_.findings.push_back({os::JoinPath(dir_, SegmentName(std::max<std::uint64_t>(last, 1))),
                                  end_position_, true,
                                  LossBefore(dir_, **mark, last, end_position_)});
    }
  }

  Status Segment(std::uint64_t sequence, bool is_last) {
    const std::string path = os::JoinPath(dir_, SegmentName(sequence));
    auto opened = fs_.Open(path, os::OpenMode::kRead);
    if (live_end_ && !opened && opened.error().code() == ErrorCode::kNotFound) {
      vanished_.insert(sequence);
      next_lsn_ = Lsn();
      return {};
    }
    if (!opened && opened.error().detail() == ErrorDetail::kWrongKindOfFile) {
      report_.findings.push_back({path, 0, true, opened.error().message()});
      next_lsn_ = Lsn();
      return {};
    }
    ST_TRY(const auto file, std::move(opened));
    std::string head(kSegmentHeaderBytes, '\0');
    ST_TRY(const auto got, file->ReadAt(0, head));
    head.resize(got);
    auto header = DecodeSegmentHeader(head);
    if (!header && header.error().code() == ErrorCode::kUnsupported) {
      return std::unexpected(header.error().WithContext(path));
    }
    if (!header) {
      report_.findings.push_back({path, 0, true, header.error().message()});
      header = SegmentHeader{
          .sequence = sequence, .log_id = {}, .first_lsn = Lsn(0), .program = program_};
    } else if (const auto follows = CheckFollows(
                   *header, {.sequence = sequence, .log_id = log_id_, .first_lsn = next_lsn_});
               !follows) {
      report_.findings.push_back({path, 0, true, follows.error().message()});
    } else {
      log_id_ = header->log_id;
    }
    program_ = header->program;
    report_.last_segment = {.sequence = sequence, .version = header->version};
    ScanOptions options{.is_last = is_last, .past_damage = true};
    if (live_end_) {
      options.is_last = false;  // every byte that is read is durable, so none is a torn tail's
      if (is_last) options.end = live_end_->position;
    }
    ST_TRY(const auto size, file->Size());
    report_.bytes += std::min(size, options.end.value_or(size));
    const auto visit = [&](std::uint64_t position, const EntryHeader& entry,
                           std::string_view payload) -> Status {
      const auto known = Entry(path, position, entry, payload);
      if (known) return {};
      return Fail(ErrorCode::kUnsupported, "{}: byte {}: {}; {}", path, position,
                  known.error().message(), UseNewerProgram(program_));
    };
    ST_TRY(const auto end, ScanSegment(*file, *header, options, visit));
    end_position_ = report_.last_segment.position = end.position;
    next_lsn_ = end.kind == ScanEnd::Kind::kClean ? end.next_lsn : Lsn();
    if (end.kind != ScanEnd::Kind::kClean) {
      report_.findings.push_back(
          {path, end.position, end.kind == ScanEnd::Kind::kDamage, end.reason});
    } else if (end.position == kSegmentHeaderBytes) {
      report_.findings.push_back({path, end.position, true, "no checkpoint"});
    }
    return {};
  }

  // kUnsupported: a newer program's entry that may not be skipped.
  Status Entry(const std::string& path, std::uint64_t position, const EntryHeader& entry,
               std::string_view payload) {
    ++report_.entries;
    if (entry.type == EntryType::kEpoch && !payload.empty()) program_ = payload;
    if (!checkpoint_.Knows(entry.type)) ST_TRY_STATUS(LogState().Apply(entry, payload));
    if (entry.type == EntryType::kSegmentsRemoved) {
      Ignore(checkpoint_.Apply(entry, payload), "damage before it, of which there is a finding");
    }
    if (entry.type == EntryType::kTopic) names_[entry.topic] = payload;
    if (entry.type == EntryType::kTopicState) names_[entry.topic] = NameOfTopicState(payload);
    if (entry.type == EntryType::kCheckpoint) {
      report_.last_segment.checkpoint_end = position + entry.padded_length();
      ST_TRY_STATUS(ReadCheckpoint(entry, payload));
    }
    if (entry.type == EntryType::kBatch) {
      ++report_.batches;
      report_.records += entry.records;
    }
    const auto name = names_.find(entry.topic);
    visit_(path, position, entry, name == names_.end() ? "" : name->second, payload);
    return {};
  }

  Status ReadCheckpoint(const EntryHeader& entry, std::string_view payload) {
    auto applied = checkpoint_.Apply(entry, payload);
    if (!applied && applied.error().code() != ErrorCode::kUnsupported) {
      // Damage destroyed a piece of the one before: this may be the first piece of another. Else
      // names and the first segment stay unknown.
      checkpoint_ = LogState();
      applied = checkpoint_.Apply(entry, payload);
    }
    if (!applied && applied.error().code() == ErrorCode::kUnsupported) return applied;
    first_segment_ = std::max(first_segment_, checkpoint_.first_segment());
    for (const auto& [id, topic] : checkpoint_.topics().all()) names_[id] = topic.info.name;
    return {};
  }

  os::FileSystem& fs_;
  const std::string& dir_;
  const DumpVisitor& visit_;
  const std::optional<EndMark>& live_end_;
  std::string program_;             // the version of the program that wrote the entry at hand
  Uuid log_id_;                     // nil: no header was read yet
  Lsn next_lsn_;                    // of the next segment's first entry; 0: unknown
  std::uint64_t end_position_ = 0;  // of the last segment that was read
  VerifyReport report_;
  LogState checkpoint_;  // the last that was read
  std::uint64_t first_segment_ = 1;
  std::map<TopicId, std::string> names_;
  std::set<std::uint64_t> vanished_;      // that were listed and gone when they were to be read
  std::optional<RemovedSegments> later_;  // what was removed behind live_end_, once it was read
};

}  // namespace

Result<VerifyReport> VerifyLog(os::FileSystem& fs, const std::string& dir, const DumpVisitor& visit,
                               const std::optional<EndMark>& live_end) {
  return Verifier(fs, dir, visit, live_end).Run();
}

}  // namespace st::log
