// One commit to a table, tried until its outcome is known (I6).
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "lake/lake.h"

namespace st::stream {

// The outcome of one try. kConflict and kOutcomeUnknown: the table is read and tried again.
struct Tried {
  Result<std::shared_ptr<const lake::View>> outcome;
};

// Commits to the version `now` of the table, or returns `now` where an earlier try was committed.
// An error of its own ends the tries.
using Attempt = std::function<Result<Tried>(const std::shared_ptr<const lake::View>& now)>;

// The View with the commit. `attempt` is called at most kMaxCommitTries times.
// Errors: kOutcomeUnknown: it may have happened, so files of it stay; those of `attempt` and of the
//         lake.
Result<std::shared_ptr<const lake::View>> CommitUntilKnown(lake::Lake& lake,
                                                           const lake::TableName& table,
                                                           const Attempt& attempt);

}  // namespace st::stream
