// A record batch without records, which tells a reader that the log has none at some offsets.
//
// Pure. Kafka keeps such batches where compaction removed all records of one, so its clients go on
// behind the batch.
#pragma once

#include <cstdint>
#include <string>

namespace st::record {

// The batch at offset `from` whose reader goes on at `to`, or before it where the offsets between
// are more than one batch can have. Requires: from < to.
std::string BuildHole(std::int64_t from, std::int64_t to);

}  // namespace st::record
