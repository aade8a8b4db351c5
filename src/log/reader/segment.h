// Segment files: their names, their headers, and a scan that tells a clean end from damage.
//
// Format: docs/formats/commit_log.md, "Segment".
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "log/reader/entry.h"
#include "os/file_system.h"

namespace st::log {

// 3: checkpoints are lists of parts, entries of unknown types may be skipped or refuse the log.
// 2: batches of the server are marked, checkpoints may have pieces. 1 and 2 are read as well.
inline constexpr std::uint32_t kSegmentVersion = 3;
inline constexpr std::size_t kSegmentHeaderBytes = 64;

// Suffix of a segment's file name until its header and checkpoint are synced.
inline constexpr std::string_view kUnfinishedSuffix = ".new";

struct SegmentHeader {
  std::uint64_t sequence = 0;  // from 1; names the file
  Uuid log_id;
  Lsn first_lsn;  // of the first entry
  // The version of the program that began the segment, of which kMaxProgramBytes are stored; "":
  // unknown, as in segments of version 1 and 2.
  std::string program = {};
  std::uint32_t version = kSegmentVersion;  // of the format; set by decoding
};
inline constexpr std::size_t kMaxProgramBytes = 12;

// Where the entries of a segment end.
struct SegmentPlace {
  std::uint64_t sequence = 0;        // 0: there is no segment
  std::uint64_t position = 0;        // where the next entry goes
  std::uint64_t checkpoint_end = 0;  // where the segment's own entries begin
  std::uint32_t version = 0;         // of the segment's format
};

std::string SegmentName(std::uint64_t sequence);  // "00000000000000000001.log"
std::string IndexName(std::uint64_t sequence);    // "00000000000000000001.index"
// nullopt: not the name of a segment.
std::optional<std::uint64_t> ParseSegmentName(std::string_view name);
// Sequences of the segments in `dir`, rising.
Result<std::vector<std::uint64_t>> ListSegments(os::FileSystem& fs, const std::string& dir);

std::string EncodeSegmentHeader(const SegmentHeader& header);
// kCorruption; kUnsupported for a newer version (says so).
Result<SegmentHeader> DecodeSegmentHeader(std::string_view bytes);
// The remedy where a log has what this program does not know. `program`: the version that wrote it;
// "": unknown.
std::string UseNewerProgram(std::string_view program);

// How a scan ended.
struct ScanEnd {
  enum class Kind {
    kClean,   // zeros or the end of the file follow the last entry
    kTorn,    // bad bytes that no later entry calls durable: the tail of an unfinished commit
    kDamage,  // bad bytes that a later entry says were durable, or in a closed segment
  } kind = Kind::kClean;
  std::uint64_t position = 0;  // where the good entries end
  Lsn next_lsn;                // the lsn that would follow
  std::string reason;          // of kTorn and kDamage
};

struct ScanOptions {
  // A closed segment has no torn tail: bad bytes there are damage. The last segment may grow during
  // the scan, so bytes that look damaged are read a second time.
  bool is_last = true;
  bool past_damage = false;  // go on behind damage where an intact entry is found (log dump)
  std::optional<std::uint64_t> end;  // read nothing from this byte on
};

// Checks `header` against `want`: sequence, log id (nil: any) and first lsn (0: any). kCorruption
// names the difference.
Status CheckFollows(const SegmentHeader& header, const SegmentHeader& want);

// Calls `visit(position, header, payload)` for each intact entry in order. An error of `visit` ends
// the scan with it.
using EntryVisitor =
    std::function<Status(std::uint64_t position, const EntryHeader&, std::string_view payload)>;
Result<ScanEnd> ScanSegment(os::File& file, const SegmentHeader& header, const ScanOptions& options,
                            const EntryVisitor& visit);

}  // namespace st::log
