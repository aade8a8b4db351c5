// Reads a log's folder without changing it: every intact batch, every damage.
//
// Threads: one. A server may append to the log meanwhile.
// Errors:  kNotFound no such folder; kIo; kUnsupported: a newer program's log, with its version.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "log/end_mark.h"
#include "log/reader/entry.h"
#include "log/reader/segment.h"
#include "os/file_system.h"

namespace st::log {

// The remedy for damage, as every message about it says.
inline constexpr std::string_view kDamageRemedy =
    "restore the data folder as a whole from a copy; `steelthread log dump` prints every intact "
    "record, and `steelthread log repair` says what can be kept without a copy";

struct Finding {
  std::string file;            // path of the segment
  std::uint64_t position = 0;  // of the first bad byte
  bool is_damage = false;      // false: a torn tail, which the next opening cuts
  std::string reason;
};

struct VerifyReport {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;  // of the segments, as far as they were read
  std::uint64_t entries = 0;
  std::uint64_t batches = 0;
  std::int64_t records = 0;
  Uuid log_id;                // nil: no segment has an intact header
  SegmentPlace last_segment;  // as far as its entries are intact
  std::vector<Finding> findings;
};

// Calls `visit` with every intact entry, also behind damage, and its topic's name (empty where
// damage destroyed the topic's entry).
using DumpVisitor =
    std::function<void(const std::string& file, std::uint64_t position, const EntryHeader&,
                       std::string_view topic, std::string_view payload)>;
// `live_end`: how far the log of a running server is durable, by the server's own account. Every
// byte before it is checked, no byte behind it is read. Without it, an entry that the server writes
// meanwhile may be reported as a torn tail, never as damage.
Result<VerifyReport> VerifyLog(os::FileSystem& fs, const std::string& dir, const DumpVisitor& visit,
                               const std::optional<EndMark>& live_end = {});

}  // namespace st::log
