// Whether a pipeline must stop because a new definition makes nothing but dead letters of one kind:
// then the SQL is at fault more often than the records are.
//
// A definition is new until a row of it is in the table. It stops its pipeline once, by a pause
// (stream/table_control.h) of its own: after a Resume its dead letters are committed. A
// definition that has made a row does not stop, whatever clients send later. Events' own tables do
// not stop: their declarations judge records one by one.
//
// Limits: kMaxFirstDeadLetters.
// Format: docs/formats/pipeline_progress.md, kFirstRowsProperty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "jobs/messages.h"
#include "lake/view.h"
#include "stream/runner.h"

namespace st::stream {

// A step that is not committed yet.
struct MadeStep {
  std::int64_t records = 0;
  const jobs::TransformResult& transform;
  const std::vector<jobs::DeadRecord>&
      failing;                           // newly, those of `transform` among its dead letters
  std::int64_t dead_letters_before = 0;  // of the pipeline, in bad.rows
};

// Why the pipeline stops before it commits the step, for people; nullopt: it goes on.
std::optional<std::string> WhyToStop(const dialect::spark::Definition& definition,
                                     const lake::View& table, const MadeStep& step);

// Pauses the pipeline for that reason, as Pause does.
Status StopForPerson(const Dependencies& to, const dialect::spark::Definition& definition,
                     const std::string& reason, const MadeStep& step);

// When and why the pipeline stopped by itself, while it has not been resumed.
std::optional<std::string> StoppedReason(const lake::View& table);

// kFirstRowsProperty of the first commit that `definition` makes; nullopt: the table has it.
std::optional<std::string> FirstRowsOf(const dialect::spark::Definition& definition,
                                       const lake::View& table, std::int64_t dead_letters);

}  // namespace st::stream
