// Vocabulary: a hold keeps a snapshot of a table and every later one until it ends, for a reader
// outside of the server that takes long, or for a pipeline that reads the table's changes from that
// snapshot on.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.h"

namespace st::lake {

// Units: times are milliseconds since the epoch, UTC.
struct Hold {
  std::string name;           // letters, digits, _ and -
  SnapshotId first;           // this snapshot and every later one stay
  std::int64_t set_ms = 0;    // the time of the commit that set it
  std::int64_t until_ms = 0;  // from then on it holds nothing
  friend bool operator==(const Hold&, const Hold&) = default;
};

// A hold, and what it costs.
struct HeldSnapshots {
  Hold hold;
  // Snapshots that the table would keep if this were its only hold.
  std::int64_t kept = 0;
  friend bool operator==(const HeldSnapshots&, const HeldSnapshots&) = default;
};

}  // namespace st::lake
