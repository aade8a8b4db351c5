// A rename writes the table under its new name, then drops the old one. What a crash leaves between
// the two is decided by a property of the new table: it names the old one with its version, and
// says how many renames the table has been through.
#pragma once

#include <string>

#include "lake/table_state.h"
#include "lake/view.h"

namespace st::lake {

inline constexpr const char* kRenamedFromProperty = "steelthread.renamed-from";

// The property's value for a table that is renamed now.
std::string RenamedFrom(const TableState& state);

enum class RenameEnd { kNone, kDropOld, kDropNew };

// Whether `renamed` is `old` under the name of a later rename, and which of the two goes. The old
// one goes if it has the version that was renamed; a later one was committed after the rename had
// failed.
RenameEnd EndOfRename(const View& renamed, const View& old);

}  // namespace st::lake
