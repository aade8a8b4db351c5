// Infers what destroyed entries did, from what is intact around them.
//
// Pure.
// Errors:  kUnsupported: it cannot be told; the message says why, and ends a sentence that begins
//          with the damage.
#pragma once

#include <optional>

#include "base/ids.h"
#include "base/result.h"
#include "log/lost_records.h"
#include "log/segment_walk.h"
#include "log/state.h"

namespace st::log {

// Where the intact entries behind damage lie, and what they must meet.
struct Stretch {
  SegmentWalk behind;      // from the first intact entry behind the damage
  const LogState& before;  // the state before the damage
  // The state with which the next segment begins, and its first lsn: of closed segments.
  const LogState* checkpoint = nullptr;
  Lsn segment_end;
};

// Requires: stretch.checkpoint. What the entries behind the damage or, where they need nothing, the
// checkpoint says of a partition beyond `before` is lost.
Result<LostEntry> InferFromCheckpoint(const Stretch& stretch);

// Without a checkpoint behind the damage: each destroyed entry must be a batch of records, or the
// opening of the log, by its header, and a second witness must agree to where the records end.
Result<LostEntry> InferFromClaims(const Stretch& stretch, const DamagedBytes& damage);

}  // namespace st::log
