#include "format/record/batch_times.h"

#include <algorithm>

#include "base/coding.h"
#include "base/crc32c.h"
#include "format/record/record_batch.h"

namespace st::record {

void SetLogAppendTime(std::string& batch, std::int64_t time_ms) {
  constexpr std::size_t kCrcAt = 17;
  constexpr std::size_t kAttributesAt = 21;  // from here on the CRC covers
  constexpr std::size_t kMaxTimeAt = 35;
  constexpr std::int16_t kLogAppendTime = 8;
  const auto attributes = LoadBig<std::int16_t>(std::string_view(batch).substr(kAttributesAt));
  StoreBig(batch.data() + kAttributesAt, static_cast<std::int16_t>(attributes | kLogAppendTime));
  StoreBig(batch.data() + kMaxTimeAt, time_ms);
  StoreBig(batch.data() + kCrcAt, Crc32c(std::string_view(batch).substr(kAttributesAt)));
}

Result<std::optional<std::int64_t>> SmallestTime(std::string_view batch,
                                                 std::uint64_t limit_bytes) {
  RecordScan scan;
  ST_TRY_STATUS(scan.Open(batch, limit_bytes));
  std::optional<std::int64_t> smallest_ms;
  Record record;
  while (true) {
    ST_TRY(const bool is_there, scan.Next(record));
    if (!is_there) return smallest_ms;
    if (record.timestamp_ms == -1) continue;
    smallest_ms = std::min(smallest_ms.value_or(record.timestamp_ms), record.timestamp_ms);
  }
}

}  // namespace st::record
