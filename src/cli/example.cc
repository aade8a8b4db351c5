#include "cli/example.h"

namespace st::cli {

Status WriteExample(os::FileSystem& fs, const std::string& folder) {
  for (const auto& file : ExampleFiles()) {
    const std::string path = os::JoinPath(folder, std::string(file.path));
    ST_TRY_STATUS(fs.CreateDirs(path.substr(0, path.rfind('/'))));
    ST_TRY_STATUS(os::WriteFileAtomically(fs, path, file.text));
  }
  return {};
}

}  // namespace st::cli
