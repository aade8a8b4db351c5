// Finds probable mistakes in a project that a start accepts: one line each, with its place.
#pragma once

#include <string>
#include <vector>

#include "os/file_system.h"
#include "project/project.h"
#include "project/recorded_state.h"

namespace st::project {

// Files beside those that are read, files of pipelines/ without a statement, folders and files
// whose names are near theirs, and a project that declares nothing. Hidden files, copies that
// editors keep ("x~") and Markdown are no slip.
std::vector<std::string> UnreadWarnings(os::FileSystem& fs, const std::string& folder);

// A constant that is written as a type's name, or as a table in quotes.
std::vector<std::string> SlipWarnings(const Project& project);

// Events of the game that no file of events/ declares, so that they have no table, each with the
// declaration to add.
std::vector<std::string> UndeclaredWarnings(const Project& project);

// Pipelines that read a topic which no declared event is on and which is none of `topics`, those of
// the log.
std::vector<std::string> TopicWarnings(const Project& project,
                                       const std::vector<std::string>& topics);

// Tables whose names topics of the log have, but for case: Kafka clients made those. Requires:
// CheckNames found nothing.
std::vector<std::string> NamesakeWarnings(const std::vector<dialect::spark::Definition>& tables,
                                          const std::vector<std::string>& topics);

// Members, fields of steelthread.require and texts of event_type that a pipeline names and no event
// of its topic has: neither those declared nor those of `recorded`. Nothing is said of a topic that
// has no declared event or that Kafka clients write to by declaration, and of event_type where an
// event takes it from the request.
std::vector<std::string> MemberWarnings(const Project& project, const EventVersions& recorded);

}  // namespace st::project
