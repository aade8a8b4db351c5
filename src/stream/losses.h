// Records that are gone before a pipeline read them: the log lost them to damage
// (log/lost_records.h), or a person had them removed (log/gaps.h). The pipeline stops for a person,
// and goes on behind them once the person accepts the loss.
//
// Threads: safe from any thread.
// Format:  docs/formats/pipeline_progress.md, "Lost records"
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "lake/view.h"
#include "log/local_log.h"
#include "stream/progress.h"
#include "stream/runner.h"

namespace st::stream {

// The hold that keeps what the pipeline has not read.
std::string HoldNameOf(const std::string& pipeline);
// The pipeline whose hold has this name; "": none.
std::string PipelineOfHold(const std::string& hold);

// Ok, or kInvalidArgument: records of the pipeline's topics behind `at` are lost, or were removed
// by force from a partition in which it has no position, and no person accepted that. The message
// names them and the choices. A position below a start is CheckPositions' (stream/position.h).
Status CheckLosses(const log::LocalLog& log, const dialect::spark::Definition& definition,
                   const lake::View& table, const FlowProgress& at);

// Accepts every loss of the pipeline's topics that the log has now, and moves a position below the
// start of its partition to the start. Durable on return. Returns what was accepted by this call,
// "events/0 offsets 10 to 12 (3 records)" each.
// Errors: those of the lake; kInvalidArgument: the table was not made by a pipeline.
Result<std::vector<std::string>> AcceptLosses(const Dependencies& to,
                                              const dialect::spark::Definition& definition);

}  // namespace st::stream
