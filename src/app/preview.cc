#include "app/preview.h"

#include <utility>
#include <vector>

#include "app/data_dir.h"
#include "app/project.h"
#include "project/recorded_state.h"
#include "project/served_project.h"
#include "trial/limits.h"
#include "trial/workbench.h"

namespace st::app {
namespace {

using Definitions = std::vector<dialect::spark::Definition>;

Result<Definitions> DefinitionsOf(project::Project files, const project::RecordedState& recorded) {
  std::vector<std::string> warnings;
  ST_TRY(auto served, project::MakeServedProject(std::move(files), recorded, warnings));
  return std::move(served.pipelines);
}

}  // namespace

Result<trial::Preview> PreviewFolder(const os::Env& env, const Config& config,
                                     const std::string& name, std::int64_t records) {
  ST_TRY(auto files, LoadProject(env.fs, config.project));
  ST_TRY_STATUS(DataDir::CheckFolder(env.fs, config.data_dir));
  // What events were declared before is known once the log is read: it says more of an event's own
  // table alone, and no topic of any.
  ST_TRY(const auto now, DefinitionsOf(files, {}));
  ST_TRY(const auto* found, trial::FindPipeline(now, name));
  trial::NewestBatches newest(found->topics, records);
  const auto visit = [&](const std::string& file, std::uint64_t position,
                         const log::EntryHeader& entry, std::string_view topic,
                         std::string_view) { newest.Visit(file, position, entry, topic); };
  ST_TRY(const auto read, project::ReadRecordedFiles(env.fs, LogOptionsFor(config).dir, {}, visit));
  ST_TRY(const auto definitions, DefinitionsOf(std::move(files), read.state));
  ST_TRY(const auto* definition, trial::FindPipeline(definitions, name));
  ST_TRY(const auto bench,
         trial::Workbench::Open(env, {.warehouse = os::JoinPath(config.data_dir, "warehouse"),
                                      .memory_limit_bytes = config.worker_memory_bytes,
                                      .job_timeout_us = trial::kPreviewJobTimeoutUs}));
  return trial::MakePreview(*bench, env, *definition, newest.Records(*read.log));
}

Result<trial::Preview> PreviewServed(Stores& stores, const Serving& serving,
                                     const std::string& name, std::int64_t records) {
  if (records < 1 || records > trial::kMaxPreviewRecords) {
    return Fail(ErrorCode::kInvalidArgument, "records: want a number from 1 to {}",
                trial::kMaxPreviewRecords);
  }
  const auto& config = serving.config();
  ST_TRY(auto files, LoadProject(stores.env().fs, config.project));
  ST_TRY(const auto recorded, project::ReadRecordedState(stores.log()));
  ST_TRY(const auto definitions, DefinitionsOf(std::move(files), recorded));
  ST_TRY(const auto* definition, trial::FindPipeline(definitions, name));
  ST_TRY(const auto newest, trial::NewestRecords(stores.log(), *definition, records));
  // The bench's files are no part of the data folder, which the server's file system watches.
  const auto fs = os::MakePosixFileSystem();
  const os::Env env{*fs, stores.env().clock, stores.env().random};
  ST_TRY(const auto bench,
         trial::Workbench::Open(env, {.warehouse = stores.data().warehouse_dir(),
                                      .memory_limit_bytes = config.worker_memory_bytes,
                                      .job_timeout_us = trial::kPreviewJobTimeoutUs}));
  return trial::MakePreview(*bench, env, *definition, newest);
}

}  // namespace st::app
