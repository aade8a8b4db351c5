// What a person does to the table of a pipeline. The pipeline sees it at its next step; a step that
// began before may still be committed (Runner::AwaitStep).
//
// Threads: safe from any thread.
// Durable: a change that is returned is durable, and survives restarts and changes of the project.
// Errors:  those of the lake; kInvalidArgument: the table was not made by a pipeline.
// Format:  docs/formats/pipeline_progress.md
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "lake/lake.h"
#include "stream/runner.h"

namespace st::stream {

// Has the pipeline read nothing and commit nothing until Resume. `reason` is for people: when and
// why. A table that does not exist yet is created, so that it keeps the pause. Returns the reason
// of an earlier pause, which stays in force; nullopt: there was none.
Result<std::optional<std::string>> Pause(const Dependencies& to,
                                         const dialect::spark::Definition& definition,
                                         const std::string& reason);

// Ends the pause. Returns its reason; nullopt: the pipeline was not paused.
Result<std::optional<std::string>> Resume(const Dependencies& to,
                                          const dialect::spark::Definition& definition);

}  // namespace st::stream
