// `steelthread demo`: the course's session by itself, on a scratch folder and free ports.
#pragma once

#include <string>

namespace st::cli {

struct DemoOptions {
  int requests = 5000;  // of the burst
  int players = 50;     // user1.comcast.com …
  std::string keep;     // folder to leave everything in; "": a scratch folder, removed at the end
};
// Exit code 0 only if every request sent is in the log and in the table, once.
int RunDemo(const DemoOptions& options);

}  // namespace st::cli
