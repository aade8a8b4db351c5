// Folders for their user alone; new ones are so by OwnInherited (inherited.h).
#pragma once

#include <string>

#include "base/result.h"

namespace st::os {

// Takes a folder's access from everybody but its owner, where it is wider. Not an error where the
// folder is another's, or is not there.
Status MakePrivate(const std::string& folder);

}  // namespace st::os
