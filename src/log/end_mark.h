// What of the log was durable when its mark was written, so that the loss of its end shows.
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

// Requires: the log is durable up to there. Durable on return.
Status WriteEndMark(os::FileSystem& fs, const std::string& dir, const EndMark& mark);
// nullopt: there is none. kCorruption: it does not check (names file and remedy).
Result<std::optional<EndMark>> ReadEndMark(os::FileSystem& fs, const std::string& dir);
// Why a log that ends in this segment at this byte is not whole.
std::string LossBefore(const std::string& dir, const EndMark& mark, std::uint64_t segment,
                       std::uint64_t position);

}  // namespace st::log
