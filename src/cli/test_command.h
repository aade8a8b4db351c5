// `steelthread test`: runs the tests of pipelines in tests/ of a project, without a server.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"

namespace st::cli {

struct TestOptions {
  std::vector<std::string> names;  // of files, pipelines or tests; none: all
  bool is_update = false;
};
// Returns the exit code: 0 if every test passed, or its rows were updated.
int RunTests(const app::Config& config, const TestOptions& options);

}  // namespace st::cli
