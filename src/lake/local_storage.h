// The Storage of a local folder.
#pragma once

#include <memory>
#include <string>

#include "lake/storage.h"
#include "os/file_system.h"

namespace st::lake {

// Files lie below the folder `root`, an absolute path. Locations are paths; the URI of a path is
// "file://" and the path, unescaped. `fs` must outlive the storage.
//
// Durable: as os::FileSystem makes files and names durable.
std::unique_ptr<Storage> MakeLocalStorage(os::FileSystem& fs, std::string root);

}  // namespace st::lake
