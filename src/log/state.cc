#include "log/state.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/coding.h"
#include "log/limits.h"

namespace st::log {
namespace {

// 3: a list of parts. 1 and 2 are read as well: topics and producers, without tags.
constexpr std::uint32_t kCheckpointVersion = 3;
constexpr std::size_t kHeadBytes = 4 + 8 + 8 + 4;
constexpr std::size_t kPartHeadBytes = 4 + 4 + 8;

// Appends tag, version, length and the bytes that `encode` appends.
template <typename Encode>
void AppendPart(std::string& out, std::uint32_t tag, std::uint32_t version, Encode&& encode) {
  AppendLittle(out, tag);
  AppendLittle(out, version);
  const std::size_t length_at = out.size();
  AppendLittle(out, std::uint64_t{0});
  const std::size_t begin = out.size();
  std::forward<Encode>(encode)(out);
  StoreLittle(out.data() + length_at, std::uint64_t{out.size() - begin});
}

Error Undecodable(std::size_t bytes) {
  return Error(ErrorCode::kCorruption,
               fmt::format("checkpoint of {} bytes does not decode", bytes));
}

}  // namespace

LogState::LogState() {
  // Topics come first: they reject an entry that contradicts the log before any part takes it.
  auto topics = std::make_unique<Topics>();
  auto producers = std::make_unique<Producers>();
  auto holds = std::make_unique<Holds>();
  topics_ = topics.get();
  producers_ = producers.get();
  auto groups = std::make_unique<Groups>();
  auto removed = std::make_unique<RemovedSegments>();
  holds_ = holds.get();
  groups_ = groups.get();
  removed_ = removed.get();
  auto gaps = std::make_unique<Gaps>(*holds_);
  gaps_ = gaps.get();
  Register(std::move(topics));
  Register(std::move(producers));
  Register(std::move(holds));
  Register(std::move(groups));
  Register(std::make_unique<TopicSettingsPart>(*topics_));
  Register(std::move(removed));
  Register(std::move(gaps));
}

void LogState::Register(std::unique_ptr<StatePart> part) {
  ST_CHECK(FindPart(part->tag()) == nullptr);
  parts_.push_back(std::move(part));
}

StatePart* LogState::FindPart(std::uint32_t tag) const {
  const auto found = std::ranges::find(parts_, tag, &StatePart::tag);
  return found == parts_.end() ? nullptr : found->get();
}

bool LogState::Knows(EntryType type) const {
  // kProducerId counted ids of producers in segments of version 1.
  return type == EntryType::kCheckpoint || type == EntryType::kEpoch ||
         type == EntryType::kProducerId ||
         std::ranges::any_of(parts_, [type](const auto& part) { return part->Takes(type); });
}

Status LogState::Apply(const EntryHeader& entry, std::string_view payload) {
  if (checkpoint_pieces_ > 0 && entry.type != EntryType::kCheckpoint) {
    return Fail(ErrorCode::kCorruption, "the checkpoint ends after {} of its pieces",
                checkpoint_pieces_);
  }
  if (!Knows(entry.type) && !MaySkip(entry.type)) {
    return Fail(ErrorCode::kUnsupported, "this program does not know the entry type {}",
                static_cast<int>(entry.type));
  }
  if (entry.type == EntryType::kCheckpoint) return ApplyCheckpointPiece(entry, payload);
  for (const auto& part : parts_) {
    if (part->Takes(entry.type)) ST_TRY_STATUS(part->Apply(entry, payload));
  }
  return {};
}

Status LogState::ApplyCheckpointPiece(const EntryHeader& entry, std::string_view payload) {
  const std::int32_t pieces = std::max(entry.records, 1);
  if (entry.partition != checkpoint_pieces_ || pieces > kMaxCheckpointPieces) {
    return Fail(ErrorCode::kCorruption, "checkpoint piece {} of {}, want piece {}", entry.partition,
                pieces, checkpoint_pieces_);
  }
  if (pieces == 1) return Decode(payload);
  checkpoint_ += payload;
  if (++checkpoint_pieces_ < pieces) return {};
  checkpoint_pieces_ = 0;
  return Decode(std::exchange(checkpoint_, {}));
}

std::string LogState::EncodeCheckpoint() const {
  std::size_t bytes = kHeadBytes;
  for (const auto& part : parts_) bytes += kPartHeadBytes + part->encoded_bytes();
  for (const auto& part : unknown_) bytes += kPartHeadBytes + part.bytes.size();
  std::string out;
  out.reserve(bytes);
  AppendLittle(out, kCheckpointVersion);
  AppendLittle(out, marked_since_ ? marked_since_->value() : 0);
  AppendLittle(out, first_segment());
  const auto left_out = std::ranges::count_if(parts_, &StatePart::may_be_left_out);
  AppendLittle(out, static_cast<std::uint32_t>(parts_.size() + unknown_.size() -
                                               static_cast<std::size_t>(left_out)));
  for (const auto& part : parts_) {
    if (part->may_be_left_out()) continue;
    AppendPart(out, part->tag(), part->version(), [&](std::string& to) { part->Encode(to); });
  }
  for (const auto& part : unknown_) {
    AppendPart(out, part.tag, part.version, [&](std::string& to) { to += part.bytes; });
  }
  return out;
}

Status LogState::Decode(std::string_view checkpoint) {
  ByteReader in(checkpoint);
  const auto version = in.Little<std::uint32_t>();
  if (version > kCheckpointVersion) {
    return Fail(ErrorCode::kUnsupported, "checkpoint version {} is newer than this program's {}",
                version, kCheckpointVersion);
  }
  // Version 1 has the next producer id here; ids are random now.
  const auto since = in.Little<std::uint64_t>();
  marked_since_ = version > 1 && since > 0 ? std::optional(Lsn(since)) : std::nullopt;
  unknown_.clear();
  for (const auto& part : parts_) part->Clear();
  if (version < kCheckpointVersion) {
    ST_TRY_STATUS(DecodeFirstVersions(in, version));
  } else {
    ST_TRY_STATUS(DecodeParts(in));
  }
  if (!in.is_at_end()) return std::unexpected(Undecodable(checkpoint.size()));
  return {};
}

Status LogState::DecodeFirstVersions(ByteReader& in, std::uint32_t version) {
  if (version == 0) return Fail(ErrorCode::kCorruption, "checkpoint version 0");
  ST_TRY_STATUS(topics_->Decode(in, version));
  return producers_->Decode(in, version);
}

Status LogState::DecodeParts(ByteReader& in) {
  removed_->SetFirst(in.Little<std::uint64_t>());
  for (auto n = in.Little<std::uint32_t>(); in.ok() && n > 0; --n) {
    const auto tag = in.Little<std::uint32_t>();
    const auto version = in.Little<std::uint32_t>();
    const std::string_view bytes = in.Bytes(in.Little<std::uint64_t>());
    StatePart* const part = FindPart(tag);
    if (part == nullptr || version > part->version()) {
      if ((tag & kMaySkipPart) == 0) {
        return Fail(ErrorCode::kUnsupported,
                    "this program does not know part {} version {} of a checkpoint", tag, version);
      }
      unknown_.push_back({tag, version, std::string(bytes)});
      continue;
    }
    ByteReader part_in(bytes);
    ST_TRY_STATUS(part->Decode(part_in, version));
    if (!part_in.is_at_end()) {
      return Fail(ErrorCode::kCorruption, "part {} of {} bytes in a checkpoint does not decode",
                  tag, bytes.size());
    }
  }
  return {};
}

}  // namespace st::log
