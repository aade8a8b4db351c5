#include "log/repair_plan.h"

#include <algorithm>
#include <utility>

#include "base/coding.h"
#include "log/limits.h"
#include "log/lost_inference.h"
#include "log/reader/segment.h"
#include "log/segment_walk.h"
#include "log/state.h"

namespace st::log {
namespace {

// The first segment version in which entries of new types refuse older programs by name.
constexpr std::uint32_t kLeastVersion = 3;

// How the next segment begins.
struct NextSegment {
  SegmentHeader header;
  LogState checkpoint;
};

// Encodes what stands for `damage`: one entry a destroyed one, in the room that these took.
std::string EncodeIsolated(const DamagedBytes& damage, const LostEntry& lost,
                           const EntryHeader& like) {
  const std::uint64_t count = damage.next->value() - damage.first.value();
  std::string payload = EncodeLostEntry(lost);
  payload.resize((payload.size() + kEntryAlignment - 1) / kEntryAlignment * kEntryAlignment);
  const std::uint64_t least = count * kEntryHeaderBytes + payload.size();
  const std::uint64_t room = damage.to - damage.from;
  std::uint64_t spare = room > least ? (room - least) / kEntryAlignment * kEntryAlignment : 0;
  std::string out;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto more =
        std::min<std::uint64_t>(spare, kMaxEntryBytes - kEntryHeaderBytes - payload.size());
    spare -= more;
    payload.append(more, '\0');
    EntryHeader header = like;
    header.type = EntryType::kLost;
    header.lsn = Lsn(damage.first.value() + i);
    header.durable = damage.first;
    EncodeEntryHeader(header, payload, out);
    out += payload;
    payload.clear();
  }
  return out;
}

class Planner {
 public:
  Planner(os::FileSystem& fs, const std::string& dir, const RepairOptions& options)
      : fs_(fs), options_(options) {
    plan_.dir = dir;
  }

  Result<RepairPlan> Run() {
    ST_TRY(segments_, ListSegments(fs_, plan_.dir));
    const auto mark = ReadEndMark(fs_, plan_.dir);
    if (mark) mark_ = *mark;
    ST_TRY_STATUS(FindLogId());
    for (std::size_t i = 0; i < segments_.size(); ++i) ST_TRY_STATUS(PlanSegment(i));
    RefuseMissing();
    if (!mark && plan_.refused.empty()) AddEndMark(mark.error().message());
    return std::move(plan_);
  }

 private:
  std::string Path(std::uint64_t sequence) const {
    return os::JoinPath(plan_.dir, SegmentName(sequence));
  }
  void Refuse(std::uint64_t position, std::string reason) {
    plan_.refused.push_back({path_, position, std::move(reason)});
    state_ = LogState();  // the next checkpoint replaces it
    is_known_ = false;
  }

  // That of the segments whose headers are intact.
  Status FindLogId() {
    for (const auto sequence : segments_) {
      ST_TRY(const auto header, ReadHeader(sequence));
      if (header && log_id_.is_nil()) log_id_ = header->log_id;
    }
    return {};
  }

  // nullopt: it is damaged. kUnsupported: a newer program's.
  Result<std::optional<SegmentHeader>> ReadHeader(std::uint64_t sequence) {
    const auto file = fs_.Open(Path(sequence), os::OpenMode::kRead);
    if (!file && file.error().detail() == ErrorDetail::kWrongKindOfFile) return std::nullopt;
    if (!file) return std::unexpected(file.error());
    std::string head(kSegmentHeaderBytes, '\0');
    ST_TRY(const auto got, (*file)->ReadAt(0, head));
    head.resize(got);
    auto header = DecodeSegmentHeader(head);
    if (header) return *std::move(header);
    if (header.error().code() != ErrorCode::kUnsupported) return std::nullopt;
    return std::unexpected(header.error().WithContext(Path(sequence)));
  }

  Status PlanSegment(std::size_t index) {
    const std::uint64_t sequence = segments_[index];
    is_last_ = index + 1 == segments_.size();
    path_ = Path(sequence);
    const bool follows = index > 0 && segments_[index - 1] + 1 == sequence;
    const Lsn want_lsn = follows && is_known_ ? next_lsn_ : Lsn();
    is_known_ = true;
    const auto bytes = os::ReadWholeFile(fs_, path_, kMaxRepairedSegmentBytes);
    if (!bytes && bytes.error().code() == ErrorCode::kIo &&
        bytes.error().detail() != ErrorDetail::kWrongKindOfFile) {
      return std::unexpected(bytes.error());
    }
    if (!bytes) {
      Refuse(0, bytes.error().message());
      return {};
    }
    ST_TRY(auto header, ReadHeader(sequence));
    if (!header) header = PlanHeader(sequence, *bytes);
    if (!header) return {};
    const auto chain =
        CheckFollows(*header, {.sequence = sequence, .log_id = log_id_, .first_lsn = want_lsn});
    if (!chain) {
      Refuse(0, chain.error().message());
      return {};
    }
    std::optional<NextSegment> next;
    if (!is_last_ && segments_[index + 1] == sequence + 1) {
      ST_TRY(next, ReadNext(sequence + 1));
    }
    return PlanEntries(*header, *bytes, next ? &*next : nullptr);
  }

  // A header has nothing that its neighbours and its first entry do not say.
  std::optional<SegmentHeader> PlanHeader(std::uint64_t sequence, const std::string& bytes) {
    const std::string_view view(bytes);
    std::string_view payload;
    const auto first = view.size() > kSegmentHeaderBytes
                           ? DecodeEntry(view.substr(kSegmentHeaderBytes), payload)
                           : Result<EntryHeader>(Fail(ErrorCode::kCorruption, "no entry"));
    const bool is_checkpoint = first && first->type == EntryType::kCheckpoint &&
                               first->partition == 0 && payload.size() >= sizeof(std::uint32_t) &&
                               LoadLittle<std::uint32_t>(payload) >= kLeastVersion;
    if (log_id_.is_nil() || !is_checkpoint) {
      Refuse(0, log_id_.is_nil()
                    ? "its header is damaged, and no other segment names the log"
                    : "its header is damaged, and the checkpoint behind it is damaged too, or of "
                      "an earlier version");
      return std::nullopt;
    }
    const SegmentHeader header{
        .sequence = sequence, .log_id = log_id_, .first_lsn = first->lsn, .program = program_};
    plan_.steps.push_back({.kind = RepairStep::Kind::kHeader,
                           .segment = sequence,
                           .file = path_,
                           .from = 0,
                           .to = kSegmentHeaderBytes,
                           .reason = "its header is damaged",
                           .replacement = EncodeSegmentHeader(header),
                           .first_lsn = {},
                           .next_lsn = {},
                           .lost = {}});
    return header;
  }

  // nullopt: its header or its checkpoint is damaged.
  Result<std::optional<NextSegment>> ReadNext(std::uint64_t sequence) {
    ST_TRY(auto header, ReadHeader(sequence));
    if (!header) return std::nullopt;
    ST_TRY(const auto file, fs_.Open(Path(sequence), os::OpenMode::kRead));
    NextSegment next{.header = *std::move(header), .checkpoint = {}};
    bool is_whole = false;
    const auto visit = [&](std::uint64_t, const EntryHeader& entry,
                           std::string_view payload) -> Status {
      if (entry.type != EntryType::kCheckpoint) return Fail(ErrorCode::kNotFound, "read");
      ST_TRY_STATUS(next.checkpoint.Apply(entry, payload));
      is_whole = entry.partition + 1 >= entry.records;
      return {};
    };
    const auto read = ScanSegment(*file, next.header, {.is_last = is_last_}, visit);
    if (!read && read.error().code() != ErrorCode::kNotFound) return std::nullopt;
    return is_whole ? std::optional(std::move(next)) : std::nullopt;
  }

  // Requires: the header is intact or planned.
  Status PlanEntries(const SegmentHeader& header, const std::string& bytes,
                     const NextSegment* next) {
    SegmentWalk walk(bytes, kSegmentHeaderBytes, header.first_lsn);
    bool has_checkpoint = false;
    program_ = header.program;
    while (auto step = walk.Next()) {
      if (step->damage) {
        if (!has_checkpoint) {
          Refuse(step->damage->from, "its checkpoint is damaged: " + step->damage->reason);
          return {};
        }
        if (!PlanDamage(header, *std::move(step->damage), walk, next)) return {};
        continue;
      }
      const auto applied = Apply(step->header, step->payload);
      if (!applied && applied.error().code() == ErrorCode::kUnsupported) {
        return Fail(ErrorCode::kUnsupported, "{}: byte {}: {}; {}", path_, step->position,
                    applied.error().message(), UseNewerProgram(program_));
      }
      if (!applied) {
        Refuse(step->position, applied.error().message());
        return {};
      }
      has_checkpoint = has_checkpoint || step->header.type == EntryType::kCheckpoint;
      like_ = {.epoch = step->header.epoch, .append_time_us = options_.now_us};
      end_ = step->position + step->header.padded_length();
    }
    if (!has_checkpoint) {
      Refuse(kSegmentHeaderBytes, "it has no checkpoint");
      return {};
    }
    next_lsn_ = walk.next_lsn();
    is_last_ ? PlanEnd(header.sequence) : PlanClosedEnd(header, walk, next);
    return {};
  }

  Status Apply(const EntryHeader& entry, std::string_view payload) {
    if (entry.type == EntryType::kEpoch && !payload.empty()) program_ = payload;
    ST_TRY_STATUS(state_.Apply(entry, payload));
    for (const auto& [id, topic] : state_.topics().all()) {
      if (entry.type != EntryType::kCheckpoint && entry.topic != id) continue;
      plan_.topics[id] = topic.info.name;
    }
    return {};
  }

  // False: the rest of the segment needs no look.
  bool PlanDamage(const SegmentHeader& header, DamagedBytes damage, const SegmentWalk& walk,
                  const NextSegment* next) {
    if (is_last_ && !damage.next) {
      PlanTail(header.sequence, damage);
      return false;
    }
    if (!damage.next && next != nullptr) damage.next = next->header.first_lsn;
    const auto isolated = Isolate(header, damage, walk, next);
    if (isolated) return true;
    if (is_last_ && options_.may_cut) {
      AddCut(header.sequence, damage, walk);
    } else {
      Refuse(damage.from, fmt::format("{}; {}", damage.reason, isolated.error().message()));
    }
    return false;
  }

  Status Isolate(const SegmentHeader& header, const DamagedBytes& damage, const SegmentWalk& walk,
                 const NextSegment* next) {
    if (header.version < kLeastVersion) {
      return Fail(ErrorCode::kUnsupported, "segments of version {} cannot record lost entries",
                  header.version);
    }
    if (!is_last_ && (next == nullptr || !damage.next)) {
      return Fail(
          ErrorCode::kUnsupported,
          "the segment behind it is missing, or begins with damage, so the state behind the "
          "destroyed entries is not known");
    }
    if (*damage.next < damage.first) {
      return Fail(ErrorCode::kUnsupported, "the next segment begins at lsn {}, want {}",
                  *damage.next, damage.first);
    }
    const Stretch stretch{.behind = walk.WithLsn(*damage.next),
                          .before = state_,
                          .checkpoint = next == nullptr ? nullptr : &next->checkpoint,
                          .segment_end = next == nullptr ? Lsn() : next->header.first_lsn};
    ST_TRY(auto lost, is_last_ ? InferFromClaims(stretch, damage) : InferFromCheckpoint(stretch));
    RepairStep step{.kind = RepairStep::Kind::kIsolate,
                    .segment = header.sequence,
                    .file = path_,
                    .from = damage.from,
                    .to = damage.to,
                    .reason = damage.reason,
                    .replacement = EncodeIsolated(damage, lost, like_),
                    .first_lsn = damage.first,
                    .next_lsn = *damage.next,
                    .lost = lost.ranges};
    EntryHeader entry = like_;
    entry.type = EntryType::kLost;
    if (*damage.next > damage.first) ST_TRY_STATUS(Apply(entry, EncodeLostEntry(lost)));
    for (const auto& topic : lost.topics) {
      plan_.topics[topic.id] = state_.topics().Find(topic.id)->info.name;
    }
    plan_.steps.push_back(std::move(step));
    end_ = damage.to;
    return {};
  }

  // The end of a closed segment must meet the header and the checkpoint of the next one.
  void PlanClosedEnd(const SegmentHeader& header, const SegmentWalk& walk,
                     const NextSegment* next) {
    if (next == nullptr) return;
    const Lsn want = next->header.first_lsn;
    const bool is_isolated = !plan_.steps.empty() && plan_.steps.back().file == path_ &&
                             plan_.steps.back().next_lsn == want;
    if (next_lsn_ != want && !is_isolated) {
      DamagedBytes missing{.from = end_,
                           .to = end_,
                           .first = next_lsn_,
                           .next = want,
                           .reason = "its last entries are missing",
                           .claims = {}};
      if (const auto isolated = Isolate(header, missing, walk, next); !isolated) {
        return Refuse(end_, fmt::format("{}; {}", missing.reason, isolated.error().message()));
      }
    }
    next_lsn_ = want;
    for (const auto& [id, topic] : next->checkpoint.topics().all()) {
      for (std::int32_t p = 0; p < topic.info.partitions; ++p) {
        const auto* range = state_.topics().Range({id, PartitionId(p)});
        const std::int64_t end = range == nullptr ? 0 : range->end;
        if (end == topic.ranges[static_cast<std::size_t>(p)].end) continue;
        return Refuse(
            end_,
            fmt::format("{}/{} would end at offset {}, and the next segment says {}",
                        topic.info.name, p, end, topic.ranges[static_cast<std::size_t>(p)].end));
      }
    }
  }

  // A tail that was never durable is torn, and the next opening truncates it.
  void PlanTail(std::uint64_t sequence, const DamagedBytes& damage) {
    if (!mark_ || !mark_->is_behind(sequence, damage.from)) return;
    AddStep(RepairStep::Kind::kCut, sequence, damage.from, damage.to,
            fmt::format("{}; no intact entry follows, and the log was durable up to byte {}",
                        damage.reason, mark_->position));
    plan_.end_mark = EndMark{.segment = sequence, .position = damage.from};
  }

  void AddCut(std::uint64_t sequence, const DamagedBytes& damage, SegmentWalk behind) {
    std::uint64_t entries = 0;
    std::uint64_t end = damage.to;
    while (const auto step = behind.Next()) {
      entries += step->damage ? 0 : 1;
      end = step->damage ? step->damage->to : behind.position();
    }
    AddStep(RepairStep::Kind::kCut, sequence, damage.from, end, damage.reason);
    plan_.steps.back().cut_entries = entries;
    plan_.end_mark = EndMark{.segment = sequence, .position = damage.from};
  }

  void PlanEnd(std::uint64_t sequence) {
    if (mark_ && mark_->is_behind(sequence, end_)) {
      AddEndMark(LossBefore(plan_.dir, *mark_, sequence, end_));
    }
  }

  void AddEndMark(std::string reason) {
    if (segments_.empty()) return;
    const auto sequence = segments_.back();
    AddStep(RepairStep::Kind::kEndMark, sequence, end_, end_, std::move(reason));
    plan_.steps.back().file = os::JoinPath(plan_.dir, "end");
    plan_.end_mark = EndMark{.segment = sequence, .position = end_};
  }

  void AddStep(RepairStep::Kind kind, std::uint64_t sequence, std::uint64_t from, std::uint64_t to,
               std::string reason) {
    plan_.steps.push_back({.kind = kind,
                           .segment = sequence,
                           .file = path_,
                           .from = from,
                           .to = to,
                           .reason = std::move(reason),
                           .replacement = {},
                           .first_lsn = {},
                           .next_lsn = {},
                           .lost = {}});
  }

  void RefuseMissing() {
    if (!is_known_) return;
    const auto& removed = state_.removed_segments();
    std::uint64_t next = removed.first();
    for (const auto sequence : segments_) {
      for (; next < sequence; ++next) {
        if (removed.Contains(next)) continue;
        plan_.refused.push_back({Path(next), 0, "the segment is missing"});
      }
      next = std::max(next, sequence + 1);
    }
  }

  os::FileSystem& fs_;
  const RepairOptions& options_;
  RepairPlan plan_;
  std::vector<std::uint64_t> segments_;
  std::optional<EndMark> mark_;
  Uuid log_id_;          // nil: no segment has an intact header
  std::string program_;  // the version of the program that wrote the entry at hand
  // Of the segment at hand.
  std::string path_;
  bool is_last_ = false;
  LogState state_;
  bool is_known_ = true;  // state_ and next_lsn_ are right
  Lsn next_lsn_{1};
  EntryHeader like_;       // epoch and time of entries that are written
  std::uint64_t end_ = 0;  // behind the last entry
};

}  // namespace

Result<RepairPlan> PlanRepair(os::FileSystem& fs, const std::string& dir,
                              const RepairOptions& options) {
  return Planner(fs, dir, options).Run();
}

}  // namespace st::log
