#include "log/verify.h"

#include <map>

#include "log/reader/segment.h"
#include "log/state.h"

namespace st::log {
namespace {

class Verifier {
 public:
  Verifier(os::FileSystem& fs, const std::string& dir, const DumpVisitor& visit)
      : fs_(fs), dir_(dir), visit_(visit) {}

  Result<VerifyReport> Run() {
    ST_TRY(const auto segments, ListSegments(fs_, dir_));
    for (std::size_t i = 0; i < segments.size(); ++i) {
      if (i > 0 && segments[i] != segments[i - 1] + 1) {
        report_.findings.push_back({os::JoinPath(dir_, SegmentName(segments[i - 1] + 1)), 0, true,
                                    "the segment is missing"});
      }
      ST_TRY_STATUS(Segment(segments[i], i + 1 == segments.size()));
    }
    report_.segments = segments.size();
    return std::move(report_);
  }

 private:
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
  VerifyReport report_;
  std::map<TopicId, std::string> names_;
};

}  // namespace

Result<VerifyReport> VerifyLog(os::FileSystem& fs, const std::string& dir,
                               const DumpVisitor& visit) {
  return Verifier(fs, dir, visit).Run();
}

}  // namespace st::log
