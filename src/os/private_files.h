// Makes folders private to their user; new folders are private by OwnInherited (inherited.h).
#pragma once

#include <string>

#include "base/result.h"

namespace st::os {

// Restricts access to a folder to its owner, where it is wider. Not an error where the folder is
// another user's or does not exist.
Status MakePrivate(const std::string& folder);

}  // namespace st::os
