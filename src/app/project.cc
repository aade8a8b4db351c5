#include "app/project.h"

namespace st::app {

Result<std::vector<event::Declaration>> LoadEvents(os::FileSystem& fs, const std::string& project) {
  constexpr std::uint64_t kMostBytes = 1 << 20;
  std::vector<event::Declaration> events;
  const std::string dir = os::JoinPath(project, "events");
  ST_TRY(const bool exists, fs.Exists(dir));
  if (!exists) return events;
  ST_TRY(const auto names, fs.List(dir));
  for (const auto& name : names) {
    if (!name.ends_with(".toml")) continue;
    const std::string path = os::JoinPath(dir, name);
    ST_TRY(const auto text, os::ReadWholeFile(fs, path, kMostBytes));
    ST_TRY(auto event, event::ParseDeclaration(text, path));
    events.push_back(std::move(event));
  }
  ST_TRY_STATUS(event::CheckTogether(events));
  return events;
}

}  // namespace st::app
