// Who needs a topic: the one rule for its deletion, over Kafka and by the command line.
//
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "project/served_project.h"

namespace st::app {

// What the deletion of the topic breaks, a sentence each: its declared events, and the pipelines
// that read it.
std::vector<std::string> BrokenByDeletion(const project::ServedProject& served,
                                          const std::string& topic);
// kInvalidArgument: the topic is the server's own, which it alone writes and changes.
Status CheckMayChange(const std::string& topic);
// The same, and kInvalidArgument where the deletion breaks something.
Status CheckNobodyNeeds(const project::ServedProject& served, const std::string& topic);

}  // namespace st::app
