#include "log/checkpoint_entries.h"

#include "base/check.h"
#include "log/limits.h"

namespace st::log {

std::pair<std::string, std::int32_t> CheckpointEntries(const LogState& state,
                                                       const EntryHeader& first) {
  const std::string bytes = state.EncodeCheckpoint();
  const std::size_t pieces =
      (bytes.size() + kMaxCheckpointPieceBytes - 1) / kMaxCheckpointPieceBytes;
  // The limits on what the state holds keep it far below.
  ST_CHECK(pieces >= 1 && pieces <= static_cast<std::size_t>(kMaxCheckpointPieces));
  std::string entries;
  for (std::size_t i = 0; i < pieces; ++i) {
    const auto piece =
        std::string_view(bytes).substr(i * kMaxCheckpointPieceBytes, kMaxCheckpointPieceBytes);
    EntryHeader header{.type = EntryType::kCheckpoint,
                       .epoch = first.epoch,
                       .lsn = Lsn(first.lsn.value() + i),
                       .durable = first.lsn,
                       .partition = static_cast<std::int32_t>(i),
                       .records = static_cast<std::int32_t>(pieces),
                       .append_time_us = first.append_time_us};
    EncodeEntryHeader(header, piece, entries);
    entries += piece;
    entries.append(header.padded_length() - header.length, '\0');
  }
  return {std::move(entries), static_cast<std::int32_t>(pieces)};
}

}  // namespace st::log
