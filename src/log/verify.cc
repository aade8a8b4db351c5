#include "log/verify.h"

#include <algorithm>
#include <map>

#include "log/end_mark.h"
#include "log/reader/segment.h"
#include "log/state.h"

namespace st::log {
namespace {

class Verifier {
 public:
  Verifier(os::FileSystem& fs, const std::string& dir, const DumpVisitor& visit)
      : fs_(fs), dir_(dir), visit_(visit) {}

  Result<VerifyReport> Run() {
    // First: the log may go on meanwhile.
    const auto mark = ReadEndMark(fs_, dir_);
    ST_TRY(const auto segments, ListSegments(fs_, dir_));
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const std::uint64_t want = i == 0 ? 1 : segments[i - 1] + 1;
      if (segments[i] != want) {
        report_.findings.push_back(
            {os::JoinPath(dir_, SegmentName(want)), 0, true, "the segment is missing"});
      }
      ST_TRY_STATUS(Segment(segments[i], i + 1 == segments.size()));
    }
    // A last segment that is damaged ends too early for its mark, which is no finding of its own.
    const auto last = segments.empty() ? 0 : segments.back();
    const auto is_of_last = [&](const Finding& finding) {
      return finding.is_damage && finding.file == os::JoinPath(dir_, SegmentName(last));
    };
    if (std::ranges::none_of(report_.findings, is_of_last)) CheckEnd(mark, last);
    report_.segments = segments.size();
    return std::move(report_);
  }

 private:
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
    ST_TRY(const auto file, fs_.Open(path, os::OpenMode::kRead));
    std::string head(kSegmentHeaderBytes, '\0');
    ST_TRY(const auto got, file->ReadAt(0, head));
    head.resize(got);
    auto header = DecodeSegmentHeader(head);
    bool past_damage = true;
    if (!header) {
      report_.findings.push_back({path, 0, true, header.error().message()});
      header = SegmentHeader{.sequence = sequence, .log_id = {}, .first_lsn = Lsn(0)};
    }
    const auto visit = [&](std::uint64_t position, const EntryHeader& entry,
                           std::string_view payload) -> Status {
      Entry(path, position, entry, payload);
      return {};
    };
    ST_TRY(const auto end,
           ScanSegment(*file, *header, {.is_last = is_last, .past_damage = past_damage}, visit));
    end_position_ = end.position;
    if (end.kind != ScanEnd::Kind::kClean) {
      report_.findings.push_back(
          {path, end.position, end.kind == ScanEnd::Kind::kDamage, end.reason});
    }
    return {};
  }

  void Entry(const std::string& path, std::uint64_t position, const EntryHeader& entry,
             std::string_view payload) {
    ++report_.entries;
    if (entry.type == EntryType::kTopic) names_[entry.topic] = payload;
    if (entry.type == EntryType::kCheckpoint) {
      if (const auto state = LogState::DecodeCheckpoint(payload)) {
        for (const auto& [id, topic] : state->topics()) names_[id] = topic.info.name;
      }
    }
    if (entry.type == EntryType::kBatch) {
      ++report_.batches;
      report_.records += entry.records;
    }
    const auto name = names_.find(entry.topic);
    visit_(path, position, entry, name == names_.end() ? "" : name->second, payload);
  }

  os::FileSystem& fs_;
  const std::string& dir_;
  const DumpVisitor& visit_;
  std::uint64_t end_position_ = 0;  // of the last segment that was read
  VerifyReport report_;
  std::map<TopicId, std::string> names_;
};

}  // namespace

Result<VerifyReport> VerifyLog(os::FileSystem& fs, const std::string& dir,
                               const DumpVisitor& visit) {
  return Verifier(fs, dir, visit).Run();
}

}  // namespace st::log
