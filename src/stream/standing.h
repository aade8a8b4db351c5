// Reads the position of a pipeline from its table and bad.rows, without a step.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "lake/lake.h"
#include "log/log.h"
#include "log/log_contents.h"
#include "stream/progress.h"
#include "stream/runner.h"

namespace st::stream {

inline const lake::TableName kBadRows{.schema = "bad", .name = "rows"};

struct Standing {
  FlowProgress at;  // of the table
  std::vector<PartitionStatus> partitions;
  std::int64_t rows = 0;
  std::int64_t dead_letters = 0;
  std::string paused;  // as PausedReason says; "" too where the pipeline stopped by itself
};

// When and why a person paused the pipeline of a table; "": nobody did.
std::string PausedReason(const lake::View& table);

// The property of `view`. kInvalidArgument: no pipeline filled the table, or one of another log.
Result<Progress> ReadProgress(const log::LogContents& log,
                              const dialect::spark::Definition& definition, const lake::View& view);
FlowProgress FlowOf(const Progress& progress, const std::string& flow);
// The next offset of one partition; `otherwise` for one that the flow has not begun.
std::int64_t NextOf(const FlowProgress& flow, TopicPartition tp, std::int64_t otherwise);
// The topics of a definition that the log has.
std::vector<log::TopicInfo> TopicsOf(const log::LogContents& log,
                                     const dialect::spark::Definition& definition);
std::vector<PartitionStatus> PartitionsOf(const log::Log& log,
                                          const std::vector<log::TopicInfo>& topics,
                                          const FlowProgress& at);

// A table that does not exist yet stands at the log's beginning. Where bad.rows cannot be read, the
// dead letters are those that the table counted. Cheap: nothing is read from disk.
// Errors: as ReadProgress, and Lake::Load of the pipeline's table.
Result<Standing> ReadStanding(const log::Log& log, const lake::Lake& lake,
                              const dialect::spark::Definition& definition);

}  // namespace st::stream
