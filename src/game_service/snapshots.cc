#include "game_service/snapshots.h"

#include <algorithm>

#include "base/coding.h"
#include "base/crc32c.h"
#include "base/text.h"
#include "format/record/record_batch.h"
#include "game/snapshot_reader.h"
#include "game_service/game_log.h"
#include "game_service/limits.h"
#include "idempotency/limits.h"
#include "log/lost_records.h"

namespace st::game_service {
namespace {

constexpr std::string_view kPrefix = "snapshot-";
constexpr std::string_view kUnfinished = "unfinished";
constexpr std::size_t kOffsetDigits = 20;
constexpr std::string_view kMagic = "STGAME01";
constexpr std::size_t kFrontBytes = 40;

}  // namespace

Result<std::uint32_t> GameSnapshots::EntryCrcBefore(std::int64_t offset) const {
  return log_.EntryCrc(partition_, Offset(offset - 1));
}

Result<std::string> GameSnapshots::NameFor(std::int64_t offset) const {
  ST_TRY(const auto crc, EntryCrcBefore(offset));
  return fmt::format("{}{:020}-{:08x}", kPrefix, offset, crc);
}

Result<std::string> GameSnapshots::FrontFor(std::int64_t offset) const {
  ST_TRY(const auto crc, EntryCrcBefore(offset));
  std::string front(kMagic);
  AppendLittle(front, offset);
  AppendUuid(front, log_.id());
  AppendLittle(front, crc);
  AppendLittle(front, Crc32c(front));
  return front;
}

Result<std::string> GameSnapshots::Open() const {
  ST_TRY(auto aside, os::OpenDerivedDir(fs_, dir_));
  ST_TRY_STATUS(RemoveUnfinished());
  return aside;
}

Status GameSnapshots::RemoveUnfinished() const {
  const auto path = os::JoinPath(dir_, kUnfinished);
  const auto removed = fs_.Remove(path);
  if (removed || removed.error().code() == ErrorCode::kNotFound) return {};
  ST_TRY_STATUS(os::SetAside(fs_, path));
  return {};
}

Result<std::vector<GameSnapshots::Snapshot>> GameSnapshots::List() const {
  ST_TRY(const auto names, fs_.List(dir_));  // sorted, so by offset
  std::vector<Snapshot> snapshots;
  for (const auto& name : names) {
    if (!name.starts_with(kPrefix)) continue;
    const auto offset = ParseInt64(std::string_view(name).substr(kPrefix.size(), kOffsetDigits));
    if (!offset || *offset < 1) continue;
    const auto want = NameFor(*offset);
    if (want && *want == name) snapshots.push_back({*offset, name});
  }
  return snapshots;
}

Result<std::int64_t> GameSnapshots::LastTimeMs(Offset end) const {
  if (end.value() == 0) return 0;
  ST_TRY(const auto read, log_.Read(partition_, end - 1, 1));
  ST_TRY(const auto header, record::ParseHeader(read.batches));
  return std::max<std::int64_t>(header.max_timestamp_ms, 0);  // -1: the record is lost
}

Result<std::unique_ptr<game::State>> GameSnapshots::Load(const Snapshot& snapshot,
                                                         const GoOn& go_on) const {
  ST_TRY(const auto file, fs_.Open(PathOf(snapshot.name), os::OpenMode::kRead));
  ST_TRY(const auto size, file->Size());
  ST_TRY(const auto want, FrontFor(snapshot.offset));
  std::string front(kFrontBytes, '\0');
  ST_TRY(const auto begun, file->ReadAt(0, front));
  if (begun < kFrontBytes || front != want) {
    return Fail(ErrorCode::kCorruption,
                "its first {} bytes are damaged, or belong to another snapshot", kFrontBytes);
  }
  game::SnapshotReader reader(seed_);
  std::string chunk;
  for (std::uint64_t at = kFrontBytes; at < size;) {
    ST_TRY_STATUS(go_on());
    chunk.resize(game::kChunkHeadBytes);
    ST_TRY(const auto head, file->ReadAt(at, chunk));
    if (head < chunk.size())
      return Fail(ErrorCode::kCorruption, "ends within the head of a chunk, at byte {}", at + head);
    ST_TRY(const auto bytes, game::ChunkBytes(chunk));
    if (bytes > size - at) {
      return Fail(ErrorCode::kCorruption, "the chunk at byte {} has {} bytes, {} are there", at,
                  bytes, size - at);
    }
    chunk.resize(bytes);
    ST_TRY(const auto got, file->ReadAt(at, chunk));
    if (got < bytes)
      return Fail(ErrorCode::kCorruption, "ends within a chunk, at byte {}", at + got);
    ST_TRY_STATUS(reader.Add(chunk));
    at += bytes;
  }
  return reader.Finish();
}

Result<std::unique_ptr<game::State>> GameSnapshots::StateAt(Offset end,
                                                            std::vector<std::string>& notices,
                                                            const GoOn& go_on) const {
  auto listed = List();
  if (!listed)
    notices.push_back(fmt::format("{}; the log is read instead", listed.error().message()));
  auto snapshots = std::move(listed).value_or(std::vector<Snapshot>());
  std::erase_if(snapshots, [&](const Snapshot& one) { return one.offset > end.value(); });
  for (; !snapshots.empty(); snapshots.pop_back()) {
    const Snapshot& newest = snapshots.back();
    auto state = Load(newest, go_on);
    const Status replayed = state ? Replay(**state, newest.offset, end.value(), go_on)
                                  : Status(std::unexpected(state.error()));
    if (replayed) {
      NoteLost(newest.offset, end.value(), notices);
      return state;
    }
    ST_TRY_STATUS(go_on());
    notices.push_back(fmt::format("{}: {}; an older one and the log are read instead; remove it",
                                  PathOf(newest.name), replayed.error().message()));
  }
  if (end.value() > 0 && log_.StartOffset(partition_).value() > 0) return std::unexpected(Gone());
  auto state = std::make_unique<game::State>(seed_);
  NoteLost(0, end.value(), notices);
  if (const auto replayed = Replay(*state, 0, end.value(), go_on); !replayed) {
    if (replayed.error().code() != ErrorCode::kCorruption) return std::unexpected(replayed.error());
    return Fail(ErrorCode::kCorruption, "{}; restore the log from a copy",
                replayed.error().message());
  }
  return state;
}

void GameSnapshots::NoteLost(std::int64_t from, std::int64_t end,
                             std::vector<std::string>& notices) const {
  for (const auto& one : log::LostIn(log_)) {
    if (one.tp != partition_ || one.to <= from || one.from >= end) continue;
    notices.push_back(
        fmt::format("the log lost {}: the game's state is made without the events in them",
                    log::DescribeLost(kGameTopic, one.tp.partition.value(), one.from, one.to)));
  }
}

Error GameSnapshots::Gone() const {
  const auto removed = fmt::format("records of topic {} before offset {} were removed", kGameTopic,
                                   log_.StartOffset(partition_));
  const auto snapshots = List();
  if (!snapshots || snapshots->empty()) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("{}, and no snapshot in {} has their state: restore the data folder "
                             "from a copy",
                             removed, dir_));
  }
  const Offset first(snapshots->front().offset - 1);
  const auto time_ms = log_.BatchTimeMs(partition_, first);
  return Error(ErrorCode::kNotFound,
               fmt::format("{}; the past is kept from offset {} on{}", removed, first,
                           time_ms ? fmt::format(", which is the time {}ms", *time_ms) : ""));
}

Status GameSnapshots::Replay(game::State& state, std::int64_t from, std::int64_t end,
                             const GoOn& go_on) const {
  while (from < end) {
    ST_TRY_STATUS(go_on());
    ST_TRY(const auto read, log_.Read(partition_, Offset(from), idempotency::kReadBytes));
    std::string_view left = read.batches;
    while (!left.empty() && from < end) {
      ST_TRY(const auto header, record::ParseHeader(left));
      ST_TRY_STATUS(ApplyBatch(state, left.substr(0, header.total_bytes()), from));
      from = header.base_offset + header.last_offset_delta + 1;
      left.remove_prefix(header.total_bytes());
    }
  }
  return {};
}

Status GameSnapshots::ApplyBatch(game::State& state, std::string_view batch,
                                 std::int64_t from) const {
  record::RecordScan scan;
  ST_TRY_STATUS(scan.Open(batch, idempotency::kMaxAnswerBatchBytes));
  record::Record record;
  while (true) {
    ST_TRY(const bool is_there, scan.Next(record));
    if (!is_there) return {};
    if (record.offset < from) continue;
    const auto event = game::ParseEvent(record.value.value_or(""));
    const Status applied = event ? state.Apply(*event) : Status(std::unexpected(event.error()));
    if (applied) continue;
    if (applied.error().code() == ErrorCode::kUnsupported) {
      return Fail(ErrorCode::kUnsupported,
                  "topic {}, offset {}: {}: start that version or a newer one", kGameTopic,
                  record.offset, applied.error().message());
    }
    return Fail(ErrorCode::kCorruption, "topic {}, offset {}: {}", kGameTopic, record.offset,
                applied.error().message());
  }
}

Result<GameSnapshots::Writer> GameSnapshots::Write(Offset offset) const {
  Writer writer(*this, offset);
  ST_TRY_STATUS(RemoveUnfinished());
  ST_TRY(writer.file_, fs_.Open(os::JoinPath(dir_, kUnfinished), os::OpenMode::kCreateNew));
  writer.at_ = kFrontBytes;
  return writer;
}

Status GameSnapshots::Writer::Add(std::string_view chunk) {
  ST_TRY_STATUS(file_->WriteAt(at_, chunk));
  at_ += chunk.size();
  return {};
}

Status GameSnapshots::Writer::Finish() {
  ST_TRY(const auto front, snapshots_.FrontFor(offset_.value()));
  ST_TRY_STATUS(file_->WriteAt(0, front));
  ST_TRY_STATUS(file_->Sync());
  file_.reset();
  ST_TRY(const auto name, snapshots_.NameFor(offset_.value()));
  ST_TRY_STATUS(
      snapshots_.fs_.Rename(snapshots_.PathOf(std::string(kUnfinished)), snapshots_.PathOf(name)));
  ST_TRY_STATUS(snapshots_.fs_.SyncDir(snapshots_.dir_));
  return snapshots_.RemoveSurplus();
}

// Keeps the newest two. Of the others, removes the one whose removal leaves the smallest gap
// relative to the age of the gap, so recent snapshots lie close together and old ones far apart.
Status GameSnapshots::RemoveSurplus() const {
  ST_TRY(auto all, List());
  while (all.size() > kMaxGameSnapshots) {
    const std::int64_t newest = all.back().offset;
    std::size_t least = 0;
    double least_gap = 2;
    for (std::size_t i = 0; i + 2 < all.size(); ++i) {
      const std::int64_t before = i == 0 ? 0 : all[i - 1].offset;
      const double gap = static_cast<double>(all[i + 1].offset - before) /
                         static_cast<double>(newest - before + 1);
      if (gap < least_gap) {
        least_gap = gap;
        least = i;
      }
    }
    const auto path = PathOf(all[least].name);
    if (!fs_.Remove(path)) ST_TRY_STATUS(os::SetAside(fs_, path));
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(least));
  }
  return {};
}

}  // namespace st::game_service
