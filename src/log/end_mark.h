// Records how far the log was durable, so that opening notices a missing end.
//
// Format: docs/formats/commit_log.md, "End mark".
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "os/file_system.h"

namespace st::log {

struct EndMark {
  std::uint64_t segment = 0;  // sequence
  std::uint64_t position = 0;
  bool is_behind(std::uint64_t other_segment, std::uint64_t other_position) const {
    return segment > other_segment || (segment == other_segment && position > other_position);
  }
};

// Writes the mark. Requires: the log is durable up to it. The mark is durable on return.
Status WriteEndMark(os::FileSystem& fs, const std::string& dir, const EndMark& mark);
// nullopt: the log has no mark. kCorruption: its checksum is wrong (names file and remedy).
Result<std::optional<EndMark>> ReadEndMark(os::FileSystem& fs, const std::string& dir);
// The message for a log that ends in this segment at this byte, before its mark.
std::string LossBefore(const std::string& dir, const EndMark& mark, std::uint64_t segment,
                       std::uint64_t position);

}  // namespace st::log
