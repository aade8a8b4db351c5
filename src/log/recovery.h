// Opens a log's folder: reads its segments, truncates a torn tail, refuses damage.
//
// Format: docs/formats/commit_log.md, "Recovery".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "log/index.h"
#include "log/local_log.h"
#include "log/lost_records.h"
#include "log/reader/segment.h"
#include "log/state.h"
#include "os/file_system.h"

namespace st::log {

struct Recovered {
  LogState state;
  std::uint64_t last_segment = 0;  // sequence; 0: a new log
  std::uint32_t last_version = 0;  // format version of the last segment
  Uuid log_id;
  Lsn next_lsn{1};
  std::uint64_t epoch = 0;           // the last one seen
  std::uint64_t end_position = 0;    // in the last segment
  std::uint64_t checkpoint_end = 0;  // in the last segment: where its own entries begin
  std::optional<CutTail> cut_tail;
  std::vector<LostRecords> lost;  // see LostIn
};

// kCorruption names the file, the byte and the remedy; kUnsupported: a newer program's log, with
// its version; then no byte was changed. Truncates and syncs a torn tail of the last segment,
// removes unfinished segments and what is left of removed ones; no other byte changes. `index` must
// be empty; it gets the batches of all segments, but for segments that lie below the starts of
// their partitions.
Result<Recovered> Recover(os::FileSystem& fs, const std::string& dir, Index& index);

}  // namespace st::log
