// The rows that a pipeline would make of the newest records of its topics, and the dead letters.
//
// Limits:  kMaxPreviewRecords (limits.h).
// Errors:  kInvalidArgument no such pipeline, or its SELECT does not run; else those of log and
//          workers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "log/local_log.h"
#include "log/log_files.h"
#include "stream/planned_range.h"
#include "trial/workbench.h"

namespace st::trial {

// The pipeline of this name in whatever case. kNotFound names the nearest.
Result<const dialect::spark::Definition*> FindPipeline(
    const std::vector<dialect::spark::Definition>& definitions, const std::string& name);

// The newest `count` records of the topics in the total order of an open log, as of the call;
// nullopt: there are none.
Result<std::optional<stream::PlannedRange>> NewestRecords(
    const log::LocalLog& log, const dialect::spark::Definition& definition, std::int64_t count);

// Collects the same from the files of a log while they are read (LogFiles::Read).
class NewestBatches {
 public:
  NewestBatches(std::vector<std::string> topics, std::int64_t count)
      : topics_(std::move(topics)), count_(count) {}

  void Visit(const std::string& file, std::uint64_t position, const log::EntryHeader& entry,
             std::string_view topic);
  // `log`: what was read.
  std::optional<stream::PlannedRange> Records(const log::LogContents& log) const;

 private:
  const std::vector<std::string> topics_;
  const std::int64_t count_;
  log::OrderedExtents extents_;
  std::vector<std::int64_t> behind_;  // of each extent, the records up to its end
};

struct Preview {
  std::int64_t records = 0;
  Rows rows;
  Rows dead_letters;  // as bad.rows has them
};

Result<Preview> MakePreview(Workbench& bench, const os::Env& env,
                            const dialect::spark::Definition& definition,
                            const std::optional<stream::PlannedRange>& newest);

// For the control socket: {"pipeline", "records", "rows": {"columns", "types", "values"},
// "dead_letters": …}, where values are a JSON text.
nlohmann::json ToJson(const Preview& preview);
Preview PreviewFrom(const nlohmann::json& json);

}  // namespace st::trial
