// The example project as text in the program: an installed one shows it without a checkout.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/file_system.h"

namespace st::cli {

struct ExampleFile {
  std::string_view path;  // within the project
  std::string_view text;
};
// Every file of examples/w205, by path; the build writes the definition.
const std::vector<ExampleFile>& ExampleFiles();

// Writes the project into `folder`, which is made where it is missing.
Status WriteExample(os::FileSystem& fs, const std::string& folder);

}  // namespace st::cli
