// `steelthread check`: everything that a start would refuse, without a server.
//
// Errors: those of a start, with their places, a line each.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"
#include "app/event_tables.h"
#include "app/project.h"

namespace st::app {

struct CheckedEvent {
  std::string name;
  int version = 1;
  std::string table;   // "" for none
  std::string change;  // against the data folder: "new", "same", "compatible", "new version"
  std::vector<std::string> added;  // optional fields that are new
};
struct CheckReport {
  std::vector<CheckedEvent> events;
  std::vector<std::string> pipelines;
  bool has_game = false;
};

// Reads the data folder's log, where there is one, and changes nothing.
Result<CheckReport> CheckProject(os::FileSystem& fs, const Config& config);

}  // namespace st::app
