#include "app/project.h"

#include <filesystem>
#include <functional>

namespace st::app {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;

// Calls `take` with path and text of each file of <project>/<folder> that ends so.
Status ForEachFile(os::FileSystem& fs, const std::string& folder, std::string_view ending,
                   const std::function<Status(const std::string&, const std::string&)>& take) {
  ST_TRY(const bool exists, fs.Exists(folder));
  if (!exists) return {};
  ST_TRY(const auto names, fs.List(folder));
  for (const auto& name : names) {
    if (!name.ends_with(ending) || name.starts_with('.')) continue;
    const std::string path = os::JoinPath(folder, name);
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
      return Fail(ErrorCode::kInvalidArgument, "{}: is not a regular file", path);
    }
    ST_TRY(const auto text, os::ReadWholeFile(fs, path, kMostBytes));
    ST_TRY_STATUS(take(path, text));
  }
  return {};
}

}  // namespace

Result<Project> LoadProject(os::FileSystem& fs, const std::string& folder) {
  Project project;
  ST_TRY_STATUS(ForEachFile(fs, os::JoinPath(folder, "events"), ".toml",
                            [&](const auto& path, const auto& text) -> Status {
                              ST_TRY(auto event, event::ParseDeclaration(text, path));
                              project.events.push_back(std::move(event));
                              return {};
                            }));
  ST_TRY_STATUS(event::CheckTogether(project.events));
  ST_TRY_STATUS(ForEachFile(fs, os::JoinPath(folder, "pipelines"), ".sql",
                            [&](const auto& path, const auto& text) -> Status {
                              ST_TRY(auto parsed, stream::ParsePipelineFile(path, text));
                              for (auto& one : parsed) project.pipelines.push_back(std::move(one));
                              return {};
                            }));
  ST_TRY_STATUS(stream::CheckTogether(project.pipelines));
  return project;
}

}  // namespace st::app
