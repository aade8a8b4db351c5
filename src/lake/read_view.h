// One table of a lake that may be in use.
#pragma once

#include <memory>
#include <string>

#include "lake/lake.h"

namespace st::lake {

// The newest version of a table without opening the lake; nothing is changed. kNotFound: there is
// no such table. Other errors as Lake::Load.
Result<std::shared_ptr<const View>> ReadView(os::FileSystem& fs, const std::string& warehouse,
                                             const TableName& name);

}  // namespace st::lake
