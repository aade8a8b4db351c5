// The times of a batch's records, where a topic has rules for them.
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace st::record {

// Makes `time_ms` the time of all records of the batch, as Kafka does for a topic whose times are
// those of the append: sets the attribute and the largest time, and computes the CRC anew.
// Requires: CheckBatch passed.
void SetLogAppendTime(std::string& batch, std::int64_t time_ms);

// The smallest time of a record; records without a time (-1) do not count. nullopt: none has one.
// Errors as RecordScan's.
Result<std::optional<std::int64_t>> SmallestTime(std::string_view batch, std::uint64_t limit_bytes);

}  // namespace st::record
