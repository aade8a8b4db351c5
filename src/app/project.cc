#include "app/project.h"

#include "api/game/check_routes.h"

namespace st::app {

Result<project::Project> LoadProject(os::FileSystem& fs, const std::string& folder) {
  return project::LoadProject(fs, folder, api::CheckRoutes);
}

}  // namespace st::app
