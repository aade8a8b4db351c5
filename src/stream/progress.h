// Up to where a table has the log: the property that every commit of a pipeline carries (I4, I5).
//
// Format: docs/formats/pipeline_progress.md
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "jobs/messages.h"

namespace st::stream {

inline constexpr const char* kOffsetsProperty = "steelthread.offsets";
inline constexpr const char* kDefinitionsProperty = "steelthread.definitions";

using PartitionOffsets = std::map<std::int32_t, std::int64_t>;  // partition: next offset

// A verdict on one record; with dead letters' commits, so that it is never decided again (I12).
struct Judged {
  std::int32_t partition = 0;
  jobs::DeadRecord record;
};

struct FlowProgress {
  std::map<TopicId, PartitionOffsets> topics;
  // Log::EntryCrc of the record before `next`; none at 0 and where an older program wrote.
  std::map<TopicPartition, std::uint32_t> crcs;
  // How many rows bad.rows has of this flow; in a table: had, when the table was committed.
  std::int64_t dead_letters = 0;
  std::vector<Judged> judged;  // in bad.rows alone: of the offsets that the table lacks yet
  std::string made_by;         // in bad.rows alone: the definition that made the last of them
  // Same position; what bad.rows adds does not count.
  bool IsAt(const FlowProgress& other) const { return topics == other.topics; }
};

struct Progress {
  Uuid log_id;
  std::map<std::string, FlowProgress> flows;  // by the flow's name
};

std::string EncodeProgress(const Progress& progress);
// kCorruption says what is wrong, without the table's name.
Result<Progress> DecodeProgress(std::string_view json);

}  // namespace st::stream
