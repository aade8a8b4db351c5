#include "format/record/hole_batch.h"

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/coding.h"
#include "base/crc32c.h"
#include "format/record/record_batch.h"

namespace st::record {
namespace {

// Byte positions in a batch (Kafka protocol guide, "Record Batch").
constexpr std::size_t kLengthAt = 8;
constexpr std::size_t kLengthCoversFrom = 12;
constexpr std::size_t kCrcAt = 17;
constexpr std::size_t kCrcCoversFrom = 21;
constexpr std::size_t kLastOffsetDeltaAt = 23;
constexpr std::size_t kRecordCountAt = 57;

}  // namespace

std::string BuildHole(std::int64_t from, std::int64_t to) {
  const NewRecord none{.key = std::nullopt, .value = "", .timestamp_ms = -1, .headers = {}};
  std::string batch = BuildBatch({none});
  batch.resize(kBatchHeaderBytes);
  const auto delta =
      std::min<std::int64_t>(to - from - 1, std::numeric_limits<std::int32_t>::max());
  StoreBig(batch.data() + kLengthAt,
           static_cast<std::int32_t>(kBatchHeaderBytes - kLengthCoversFrom));
  StoreBig(batch.data() + kLastOffsetDeltaAt, static_cast<std::int32_t>(delta));
  StoreBig(batch.data() + kRecordCountAt, std::int32_t{0});
  StoreBig(batch.data() + kCrcAt, Crc32c(std::string_view(batch).substr(kCrcCoversFrom)));
  SetBaseOffset(batch, from, 0);
  return batch;
}

}  // namespace st::record
