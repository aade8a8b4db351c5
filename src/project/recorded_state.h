// What a log holds that a project depends on: the versions of its declared events, and its topics.
//
// A version is a record of the log's topic `_declarations`: key the event's name, value
// {"declaration": …, "since": {"0": 12}}, where `since` has the end of each partition of the
// event's topic at that time. A new field, and the table of a new version, apply to records from
// there on, so that a table is a function of the log (I12).
//
// Format: docs/tables.md
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "event/version.h"
#include "log/log.h"
#include "log/log_files.h"
#include "os/file_system.h"

namespace st::project {

inline constexpr const char* kDeclarationsTopic = "_declarations";

// By the event's name, oldest first.
using EventVersions = std::map<std::string, std::vector<event::DeclaredVersion>>;

struct RecordedState {
  EventVersions versions;
  std::map<std::string, event::Offsets> topics;  // by the topic's name, the end of each partition

  std::vector<std::string> TopicNames() const;
};

// Reads an open log.
// Errors: kCorruption names the record that cannot be decoded; those of the log.
Result<RecordedState> ReadRecordedState(const log::Log& log);

struct RecordedFiles {
  RecordedState state;
  std::unique_ptr<const log::LogFiles> log;
};
// Reads the files of a log, which a server may be writing to. `wanted`: records of other topics
// whose entries' CRCs the log is asked for; `also` sees each entry. `fs` must outlive it.
// Errors: as log::LogFiles.
Result<RecordedFiles> ReadRecordedFiles(os::FileSystem& fs, const std::string& log_dir,
                                        const log::LogFiles::Records& wanted,
                                        const log::DumpVisitor& also = {});

}  // namespace st::project
