// `steelthread check` and `steelthread events`: show a project's declarations without a server.
#pragma once

#include <string>

#include "app/config.h"

namespace st::cli {

struct EventsOptions {
  std::string format = "table";  // or "json"
  std::string name;              // of one event; "" for all
  bool is_strict = false;        // warnings fail
};

// Exit code 0: a start would take the project, and `options.is_strict` finds no warning.
int CheckProjectFolder(const app::Config& config, const EventsOptions& options);
// One line an event.
int ListEvents(const app::Config& config, const EventsOptions& options);
// The data dictionary, Markdown, to stdout.
int DocumentEvents(const app::Config& config, const EventsOptions& options);
// JSON Schema of an event's payload.
int PrintSchema(const app::Config& config, const EventsOptions& options);

}  // namespace st::cli
