// The position of a table in the log: the property that every commit of a pipeline sets (I4, I5).
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
// Set while a person has paused the table's pipeline: when and why, for people.
inline constexpr const char* kPausedProperty = "steelthread.paused";
// Set by a commit that moved the table back, until bad.rows has followed it (stream/redo.h): the
// position up to which dead letters stay.
inline constexpr const char* kRedoProperty = "steelthread.redo";
// How many rows and dead letters there were when the definition began (stream/new_definition.h).
inline constexpr const char* kFirstRowsProperty = "steelthread.first-rows";
// To where the table was moved back, and when (stream/rewinds.h).
inline constexpr const char* kRewindsProperty = "steelthread.rewinds";

using PartitionOffsets = std::map<std::int32_t, std::int64_t>;  // partition: next offset

struct FlowProgress {
  std::map<TopicId, PartitionOffsets> topics;
  // LocalLog::EntryCrc of the record before `next`; none at 0 and in positions of an earlier
  // version.
  std::map<TopicPartition, std::uint32_t> crcs;
  // Number of this flow's rows in bad.rows; in a table: their number when the table was committed.
  std::int64_t dead_letters = 0;
  // In bad.rows alone: the verdicts on records that the table lacks yet, stored with the commit of
  // their dead letters, so that none is decided again (I12).
  std::vector<jobs::DeadRecord> failing;
  std::string made_by;  // in bad.rows alone: the definition that made the last of them
  // In a table: how often it was moved back in the log, by a reset or a rollback.
  std::int64_t timeline = 0;
  // Whether both are the same position; the fields of bad.rows alone are not compared.
  bool IsAt(const FlowProgress& other) const {
    return topics == other.topics && timeline == other.timeline;
  }
};

struct Progress {
  Uuid log_id;
  std::map<std::string, FlowProgress> flows;  // by the flow's name
};

std::string EncodeProgress(const Progress& progress);
// kCorruption describes the damage without the table's name.
Result<Progress> DecodeProgress(std::string_view json);

}  // namespace st::stream
