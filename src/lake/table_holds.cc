// The holds of a table: Table's part of lake/holds.h.
#include <utility>

#include "lake/holds.h"
#include "lake/table.h"

namespace st::lake {

Result<Hold> Table::HoldSnapshots(const HoldRequest& request) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(ReadAfterUnknown());
  TableState next = NextVersion(env_.clock, state_);
  ST_TRY(auto hold, AddHold(request, next.metadata));
  ST_TRY_STATUS(Finish(std::move(next)));
  return hold;
}

Status Table::ReleaseHold(const std::string& name) {
  const MutexLock lock(mu_);
  ST_TRY_STATUS(ReadAfterUnknown());
  TableState next = NextVersion(env_.clock, state_);
  ST_TRY_STATUS(RemoveHold(state_.name, name, next.metadata));
  ST_TRY_STATUS(Finish(std::move(next)));
  return {};
}

void Table::EndHolds() {
  if (unknown_ || is_dropped_ || !HasEndedHold(env_.clock.NowUs() / 1000, state_.metadata)) return;
  Ignore(Finish(NextVersion(env_.clock, state_)), "the next commit ends it");
}

}  // namespace st::lake
