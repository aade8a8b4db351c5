// Whether log, table and dead letters belong together: copies of the three may be of different
// ages. The steps of a pipeline and `steelthread check` look by the same rule.
//
// Errors: kInvalidArgument: they do not, and a person must decide; the message names the choices.
// Format: docs/formats/pipeline_progress.md
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "dialect/spark/definition.h"
#include "lake/view.h"
#include "log/local_log.h"
#include "log/log_contents.h"
#include "log/log_files.h"
#include "stream/progress.h"

namespace st::stream {

// An open log, or the files of one; it must outlive this.
struct PositionedLog {
  explicit PositionedLog(const log::LocalLog& open)
      : contents(open), entry_crc([&open](auto tp, auto at) { return open.EntryCrc(tp, at); }) {}
  explicit PositionedLog(const log::LogFiles& files)
      : contents(files), entry_crc([&files](auto tp, auto at) { return files.EntryCrc(tp, at); }) {}

  const log::LogContents& contents;
  std::function<Result<std::uint32_t>(TopicPartition, Offset)> entry_crc;
};

// Compares the positions of a pipeline in its table and in bad.rows with the log, and its dead
// letters in both with each other.
Status CheckPositions(const PositionedLog& log, const dialect::spark::Definition& definition,
                      const FlowProgress& at, const FlowProgress& bad_at);

// The same of tables, as the next step of the pipeline would do it. nullptr: there is no such table
// yet.
// Errors: also those of ReadProgress.
Status CheckTogether(const PositionedLog& log, const dialect::spark::Definition& definition,
                     const lake::View* table, const lake::View* bad);
// The records whose entries' CRCs the positions of a table name. What cannot be read names none.
log::LogFiles::Records NamedRecords(const lake::View& view);

}  // namespace st::stream
