// Expires the history of a table, and removes files that nothing refers to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lake/storage.h"
#include "lake/table_state.h"

namespace st::lake {

// Removes expired snapshots and old versions from the metadata (limits.h). Returns the locations of
// the version files that may be removed once the metadata is committed.
std::vector<std::string> Expire(std::int64_t now_ms, TableState& state);

// Removes metadata files that no kept snapshot needs. Failing to remove one is no error: the next
// sweep tries again.
void SweepMetadata(Storage& storage, const TableState& state);

// Removes data files that were written and never committed, once they are kOrphanAgeUs old: a
// kill between the two leaves them. Younger ones stay, because a table that was put back from a
// copy may be older than its files. Costs the number of files: for opening.
void SweepData(Storage& storage, std::int64_t now_us, const TableState& state);

}  // namespace st::lake
